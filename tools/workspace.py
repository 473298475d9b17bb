"""The packages of the workspace, as their pyproject.toml files describe them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def table(path: Path) -> dict[str, Any]:
    """The parsed TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Member:
    """One package: its folder, distribution name and import name, and what it declares (canonical names)."""

    folder: Path
    name: str
    module: str
    dependencies: frozenset[str]
    extras: frozenset[str]
    groups: frozenset[str]

    @property
    def source(self) -> Path:
        """The folder of the importable package."""
        return self.folder / "src" / self.module

    @property
    def contrib(self) -> bool:
        """Whether it lies in contrib/, which nothing outside contrib/ may import."""
        return self.folder.parent.name == "contrib"


def names(requirements: list[Any]) -> frozenset[str]:
    """Canonical distribution names of requirement lines; entries that include another group are left out."""
    return frozenset(canonicalize_name(Requirement(line).name) for line in requirements if isinstance(line, str))


def read(folder: Path) -> Member:
    """The member whose pyproject.toml lies in `folder`."""
    content = table(folder / "pyproject.toml")
    project = content["project"]
    return Member(
        folder=folder,
        name=canonicalize_name(project["name"]),
        module=content["tool"]["uv"]["build-backend"]["module-name"],
        dependencies=names(project.get("dependencies", [])),
        extras=names([line for extra in project.get("optional-dependencies", {}).values() for line in extra]),
        groups=names([line for group in content.get("dependency-groups", {}).values() for line in group]),
    )


def members(root: Path = ROOT) -> list[Member]:
    """Every package of the workspace, in the order of the root's list."""
    return [read(root / path) for path in table(root / "pyproject.toml")["tool"]["uv"]["workspace"]["members"]]
