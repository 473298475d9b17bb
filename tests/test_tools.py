"""The checks in tools/: this workspace passes them, and a workspace with a fault does not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tool(name: str, *arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "tools" / f"{name}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    """A copy of what tools/pins.py reads."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for path in [ROOT / "pyproject.toml", ROOT / "constraints.txt", *ROOT.glob("*/pyproject.toml")]:
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    for path in ROOT.glob("*/*/pyproject.toml"):
        (tmp_path / path.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / path.relative_to(ROOT))
    return tmp_path


def test_constraints_equal_the_pins_and_cover_every_dependency() -> None:
    done = tool("pins", "--check")
    assert done.returncode == 0, done.stderr


def test_constraints_that_differ_are_shown_and_written_anew(pinned: Path) -> None:
    constraints = pinned / "constraints.txt"
    text = constraints.read_text(encoding="utf-8")
    constraints.write_text(text.replace("pluggy==", "pluggy==0."), encoding="utf-8")
    done = tool("pins", "--check", root=pinned)
    assert done.returncode == 1
    assert "-pluggy==0." in done.stderr
    assert "run `python tools/pins.py`" in done.stderr
    assert tool("pins", root=pinned).returncode == 0
    assert constraints.read_text(encoding="utf-8") == text


def test_a_dependency_without_a_pin_is_named(pinned: Path) -> None:
    kernel = pinned / "kernel" / "pyproject.toml"
    text = kernel.read_text(encoding="utf-8")
    kernel.write_text(text.replace("dependencies = [", 'dependencies = [\n"not-pinned>=1",', 1), encoding="utf-8")
    done = tool("pins", "--check", root=pinned)
    assert done.returncode == 1
    assert "kernel/pyproject.toml: not-pinned has no pin" in done.stderr


MEMBER = """
[project]
name = "{name}"
version = "1"
dependencies = {dependencies}
[dependency-groups]
test = ["pytest"]
[tool.uv.build-backend]
module-name = "{module}"
"""


class Workspace:
    """A small workspace to be checked: `add` writes a package with one module for each name in `modules`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.members: list[str] = []

    def add(self, member: str, dependencies: list[str], **modules: str) -> None:
        name = Path(member).name
        module = f"checked_{name.replace('-', '_')}"
        source = self.root / member / "src" / module
        source.mkdir(parents=True)
        (self.root / member / "pyproject.toml").write_text(
            MEMBER.format(name=name, module=module, dependencies=dependencies), encoding="utf-8"
        )
        for file, code in {"__init__": "", **modules}.items():
            (source / f"{file}.py").write_text(code, encoding="utf-8")
        self.members.append(member)

    def check(self) -> subprocess.CompletedProcess[str]:
        text = f"[tool.uv.workspace]\nmembers = {self.members}\n"
        (self.root / "pyproject.toml").write_text(text, encoding="utf-8")
        return tool("imports", str(self.root))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_imports_that_keep_the_rules_pass(workspace: Workspace) -> None:
    workspace.add("kernel", ["pluggy"], low="import os, pluggy", high="from checked_kernel import low, _own", _own="")
    workspace.add("plugins/web", ["kernel"], a="import checked_kernel.low")
    tests = workspace.root / "kernel" / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text("import pytest", encoding="utf-8")
    done = workspace.check()
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "code, fault",
    [
        ("import pytest", "src/checked_web/a.py:1 imports pytest without declaring pytest"),
        ("def f():\n    import mypy.api", "src/checked_web/a.py:2 imports mypy without declaring mypy"),
        ("import checked_other", "imports checked_other without declaring other"),
        ("import no_such_module", "imports no_such_module, which no installed distribution provides"),
        ("from checked_kernel import _own", "imports a private part of kernel: checked_kernel"),
        ("import checked_kernel._own", "imports a private part of kernel: checked_kernel._own"),
        ("import checked_kafka", "imports checked_kafka, which is contrib's"),
    ],
)
def test_an_import_against_the_rules_is_named_with_its_place(workspace: Workspace, code: str, fault: str) -> None:
    workspace.add("kernel", [], _own="")
    workspace.add("plugins/other", [])
    workspace.add("contrib/kafka", [])
    workspace.add("plugins/web", ["kernel", "kafka"], a=code)
    done = workspace.check()
    assert done.returncode == 1
    assert fault in done.stderr


def test_a_circle_is_shown_with_its_path(workspace: Workspace) -> None:
    workspace.add(
        "kernel",
        [],
        a="import checked_kernel.b",
        b="def f():\n    import checked_kernel.c",
        c="import checked_kernel.a",
    )
    done = workspace.check()
    assert done.returncode == 1
    path = " -> ".join(f"checked_kernel.{module}" for module in "abca")
    assert f"kernel: modules import each other in a circle: {path}." in done.stderr


def test_imports_for_type_checking_make_no_circle(workspace: Workspace) -> None:
    up = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import checked_kernel.b"
    workspace.add("kernel", [], a=up, b="import checked_kernel.a")
    assert workspace.check().returncode == 0
