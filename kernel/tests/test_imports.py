"""What a cold start imports, seen in processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FRONT_DOOR = "from framework import App, Component, Depends, hookimpl"
HEAVY = {
    *("asyncio", "importlib.metadata", "importlib_metadata", "argparse", "logging", "json"),
    *("aiohttp", "sqlalchemy", "pydantic", "dynaconf", "dependency_injector", "loguru", "numpy"),
}


def imported_by(code: str, folder: Path) -> set[str]:
    """The modules that ``code`` loads in a fresh interpreter, beyond those of an empty program."""
    report = "found = sorted(set(sys.modules) - before)\nimport json\nprint(json.dumps(found))"
    program = f"import sys\nbefore = set(sys.modules)\n{code}\n{report}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, cwd=folder
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_imports_nothing_but_itself(tmp_path: Path) -> None:
    """K50"""
    own = {name for name in imported_by("import framework", tmp_path) if name.startswith("framework")}
    assert own == {"framework"}


def test_the_front_door_imports_nothing_heavy(tmp_path: Path) -> None:
    """K50"""
    loaded = imported_by(FRONT_DOOR, tmp_path)
    assert loaded & HEAVY == set()
    assert "pluggy" in loaded


def test_declaring_an_application_imports_nothing_heavy(tmp_path: Path) -> None:
    """K23, K50"""
    code = f"{FRONT_DOOR}\napp = App('shop')\nclass Service(Component):\n    pass\napp.register(Service)\n"
    assert imported_by(code, tmp_path) & HEAVY == set()


OWN = {"cli", "discovery", "errors", "index", "manifest"}
LISTING = {"graph", "inputs", "listing", "sources", "toggling"}


@pytest.mark.parametrize(
    "words,own",
    [(["--help"], OWN), (["--version"], {"cli", "errors", "index"}), (["plugins", "list"], OWN | LISTING)],
)
def test_what_the_light_commands_import_is_exactly_this(words: list[str], own: set[str], tmp_path: Path) -> None:
    """K50, K21: with an index; neither the metadata scan nor dataclasses, inspect, typing, pathlib or tomllib."""
    imported_by("from framework.index import refresh\nrefresh()", tmp_path)
    loaded = imported_by(f"from framework.cli import main\nmain({words!r})", tmp_path)
    assert {name for name in loaded if name.startswith("framework")} == {
        "framework",
        *(f"framework.{name}" for name in own),
    }
    slow = {"pluggy", "argparse", "asyncio", "importlib.metadata", "importlib_metadata", "logging", "pathlib"}
    assert loaded & (slow | {"dataclasses", "inspect", "typing", "tomllib"}) == set()
    assert not [name for name in loaded if name.startswith("fw_")]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["rnu"]])
def test_light_commands_import_neither_pluggy_nor_argparse_nor_asyncio(words: list[str], tmp_path: Path) -> None:
    """K50"""
    loaded = imported_by(f"from framework.cli import main\nmain({words!r})", tmp_path)
    assert loaded & {"pluggy", "argparse", "asyncio"} == set()
    assert not [name for name in loaded if name.startswith("fw_")]


def test_plugins_list_imports_neither_pluggy_nor_argparse_nor_asyncio_nor_any_plugin(tmp_path: Path) -> None:
    """K50"""
    loaded = imported_by("from framework.cli import main\nmain(['plugins', 'list'])", tmp_path)
    assert loaded & {"pluggy", "argparse", "asyncio"} == set()
    assert not [name for name in loaded if name.startswith("fw_")]


def test_everything_public_can_be_imported_and_is_sorted() -> None:
    import framework

    assert framework.__all__ == sorted(framework.__all__)
    for name in framework.__all__:
        assert getattr(framework, name) is not None
    assert set(framework.__all__) <= set(dir(framework))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    import framework

    with pytest.raises(AttributeError, match="module 'framework' has no attribute 'Ap'"):
        _ = framework.Ap
