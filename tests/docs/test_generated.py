"""The generated parts of the reference say what the code says, and the tool notices when they do not."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .pages import ROOT

REFERENCE = ROOT / "docs/reference"


@dataclass(frozen=True)
class Done:
    """What the tool has said."""

    returncode: int
    stderr: str


@pytest.fixture(scope="module")
def tool() -> Iterator[Callable[[list[str], Path], int]]:
    """The tool's `main`. It loads every package, which takes longer than all that it does: so it is loaded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        before = set(sys.modules)
        spec = importlib.util.spec_from_file_location("reference", ROOT / "tools/reference.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module.main
        for name in {"described", "workspace"} - before:
            del sys.modules[name]


@pytest.fixture
def reference(
    tool: Callable[[list[str], Path], int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """The tool, on the pages of a folder."""
    for variable in [name for name in os.environ if name.startswith("FW_")]:
        monkeypatch.delenv(variable)  # the tool does so for the whole process; here they come back

    def run(*arguments: str, folder: Path = REFERENCE) -> Done:
        capsys.readouterr()
        status = tool([*arguments], folder)
        return Done(status, capsys.readouterr().err)

    return run


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the pages."""
    return Path(shutil.copytree(REFERENCE, tmp_path / "reference"))


def replace(page: Path, old: str, new: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_pages_are_up_to_date(reference: Callable[..., Done]) -> None:
    done = reference("--check")
    assert done.returncode == 0, done.stderr


CHANGES = [
    ("configuration.md", "| `port` | whole number | `8000`", "| `port` | string | `80`"),
    ("configuration.md", "Read by fw-http.", "Read by nobody."),
    ("hooks.md", "`store-sql`, `orchestrator`", "`orchestrator`, `store-sql`"),
    ("hooks.md", "Undo `start`.", "Stop."),
    ("api.md", "| `App` |", "| `Application` |"),
]


def test_every_difference_is_shown_and_put_right(reference: Callable[..., Done], copy: Path) -> None:
    before = {page: (copy / page).read_text(encoding="utf-8") for page, _, _ in CHANGES}
    for page, old, new in CHANGES:
        replace(copy / page, old, new)
    done = reference("--check", folder=copy)
    assert done.returncode == 1
    assert [page for page in before if f"{page} differs" not in done.stderr] == []
    assert [new for _, _, new in CHANGES if new not in done.stderr] == []
    assert reference(folder=copy).returncode == 0
    assert {page: (copy / page).read_text(encoding="utf-8") for page in before} == before


def test_a_meaning_is_kept_and_a_key_without_one_is_named(reference: Callable[..., Done], copy: Path) -> None:
    page = copy / "configuration.md"
    replace(page, "0 takes any free one", "a meaning in other words")
    assert reference("--check", folder=copy).returncode == 0
    replace(page, "a meaning in other words", "")
    done = reference(folder=copy)
    assert done.returncode == 1
    assert "[http] port has no meaning yet" in done.stderr


@pytest.mark.parametrize(
    "new, said",
    [("hook walk", "there is no hook 'walk'"), ("weather", "nothing generates 'weather'; there are: api, hook")],
)
def test_a_marker_for_nothing_is_an_error(reference: Callable[..., Done], copy: Path, new: str, said: str) -> None:
    replace(copy / "hooks.md", "generated: hook stop", f"generated: {new}")
    done = reference("--check", folder=copy)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_page_whose_markers_are_gone_is_an_error(reference: Callable[..., Done], copy: Path) -> None:
    (copy / "api.md").write_text("# Public names\n", encoding="utf-8")
    done = reference("--check", folder=copy)
    assert done.returncode == 1
    assert "api.md: it has no generated part" in done.stderr
