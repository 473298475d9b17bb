"""`Subject`: an installed plugin under examination by the conformance kit."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from framework import Manifest

GROUP = "fw.plugins"
HEAVY = (
    *("PySide6", "aiohttp", "alembic", "cv2", "dependency_injector", "dynaconf", "flet", "gymnasium", "loguru"),
    *("numpy", "opentelemetry", "prometheus_client", "pydantic", "pygame", "ray", "sqlalchemy"),
)
"""Libraries that take longer to import than an application to start."""


@dataclass(frozen=True)
class Subject:
    """What is known of a plugin without importing it. ``broken`` says why its manifest cannot be used."""

    name: str
    distribution: str
    dependencies: frozenset[str]
    entry_point: str
    package: Path
    manifest: Manifest
    broken: str

    @classmethod
    def installed(cls, name: str) -> Subject:
        """Look for the entry point. Fails the running test if it or its package is not there."""
        from framework.errors import BootstrapError
        from framework.manifest import Manifest

        points = {point.name: point for point in metadata.entry_points(group=GROUP)}
        if name not in points:
            _fail(name, "is not installed", f"entry points {GROUP}: {', '.join(sorted(points))}", "pip install -e .")
        point = points[name]
        top = point.module.partition(".")[0]
        spec = find_spec(top)
        if spec is None or not spec.submodule_search_locations:
            _fail(name, f"has no package {top!r}", f"entry point {point.value!r}", "Reinstall its distribution.")
        package = Path(next(iter(spec.submodule_search_locations)))
        file, manifest, broken = package / "plugin.toml", Manifest(name), ""
        try:
            if file.is_file():
                manifest = Manifest.parse(file.read_text("utf-8"), str(file))
        except BootstrapError as error:
            broken = str(error)
        assert point.dist is not None  # noqa: S101 - metadata.entry_points() sets it always
        named = [re.match(r"[\w.-]+", requirement) for requirement in point.dist.requires or ()]
        dependencies = frozenset(_normal(match[0]) for match in named if match) | {_normal(point.dist.name)}
        return cls(name, point.dist.name, dependencies, point.value, package, manifest, broken)

    @property
    def manifest_file(self) -> Path:
        return self.package / "plugin.toml"

    def fail(self, what: str, place: str, remedy: str) -> NoReturn:
        """Fail the running test."""
        _fail(self.name, what, place, remedy)

    def resolved(self, key: str, target: str) -> Any:
        """The object that a key of the manifest names; fails the running test if there is none."""
        from framework.discovery import resolve

        try:
            return resolve(target)
        except Exception as error:  # noqa: BLE001 - whatever an import raises is the finding
            self.fail(f"names {target!r}, which gives {type(error).__name__}: {error}", key, "Correct or remove it.")

    def framework_imports(self) -> Iterator[tuple[str, str, bool]]:
        """``(top-level module, file:line, run)`` for each import of `framework` or an `fw_` package in the source.

        ``run`` is False for what stands under `if TYPE_CHECKING:`.
        """
        for path, tree in self._sources:
            typed = _for_types(tree)
            for node in ast.walk(tree):
                for module in _imported(node):
                    top = module.partition(".")[0]
                    if top == "framework" or top.startswith("fw_"):
                        yield top, f"{path}:{getattr(node, 'lineno', 1)}", id(node) not in typed

    def app_attributes(self) -> Iterator[tuple[str, str]]:
        """``(name, file:line)`` for each attribute that the source takes from something called `app` or `_app`."""
        for path, tree in self._sources:
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute) and _name(node.value) in ("app", "_app"):
                    yield node.attr, f"{path}:{node.lineno}"

    @cached_property
    def _sources(self) -> list[tuple[Path, ast.Module]]:
        """The Python files of the package; none below a folder like `{{ name }}`, which is part of a template."""
        paths = [
            path
            for path in sorted(self.package.rglob("*.py"))
            if all(part.isidentifier() for part in path.relative_to(self.package).with_suffix("").parts)
        ]
        return [(path, ast.parse(path.read_text("utf-8"), str(path))) for path in paths]

    def own_hooks(self) -> list[str]:
        """The hooks that the plugin adds in its `hookspecs.py`."""
        from framework.hookspecs import PROJECT

        if not (self.package / "hookspecs.py").is_file():
            return []
        specs = self.resolved("hookspecs.py", f"{self.package.name}.hookspecs")
        return [name for name in dir(specs) if hasattr(getattr(specs, name), f"{PROJECT}_spec")]

    @property
    def light_modules(self) -> list[str]:
        """The modules which are imported before the application starts."""
        targets = [self.package.name, self.entry_point, *self.manifest.facades.values(), self.manifest.config]
        return list(dict.fromkeys(target.partition(":")[0] for target in targets if target))

    def heavy_imports(self) -> list[str]:
        """The heavy libraries that a fresh interpreter has loaded after importing the light modules."""
        program = (
            "import importlib, json, sys\n"
            f"for name in {self.light_modules!r}: importlib.import_module(name)\n"
            f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
        )
        path = [entry for entry in sys.path if entry]
        program = f"import sys; sys.path[:] = {path!r}\n{program}"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode != 0:
            cause = (done.stderr.strip().splitlines() or ["no message"])[-1]
            self.fail(f"cannot be imported: {cause}", ", ".join(self.light_modules), "Correct that import.")
        found: list[str] = json.loads(done.stdout.splitlines()[-1])
        return found

    def docs(self) -> tuple[str, str]:
        """README and pages below `docs` beside pyproject.toml as one text, and where they are; else the metadata's."""
        for folder in self.package.parents[:3]:
            if (folder / "pyproject.toml").is_file() and (folder / "README.md").is_file():
                pages = [folder / "README.md", *sorted((folder / "docs").rglob("*.md"))]
                return "\n".join(page.read_text("utf-8") for page in pages), str(pages[0])
        text = metadata.distribution(self.distribution).read_text("METADATA") or ""
        return text.partition("\n\n")[2], f"metadata of {self.distribution}"


def _for_types(tree: ast.Module) -> set[int]:
    """The nodes, by identity, under an `if TYPE_CHECKING:`."""
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and _name(node.test) == "TYPE_CHECKING"]
    return {id(inner) for block in blocks for statement in block.body for inner in ast.walk(statement)}


def _name(node: ast.expr) -> str:
    """The name, or the last part of a dotted one; '' of anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module]
    return []


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _fail(plugin: str, what: str, place: str, remedy: str) -> NoReturn:
    pytest.fail(f"Plugin {plugin!r} {what}.\n  at {place}\n  {remedy}", pytrace=False)
