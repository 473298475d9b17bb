"""The generated parts of the reference say what the code says, and the tool notices when they do not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import ROOT

REFERENCE = ROOT / "docs/reference"


def reference(*arguments: str, folder: Path = REFERENCE) -> subprocess.CompletedProcess[str]:
    """The tool, on the pages of a folder."""
    program = (
        f"import sys, pathlib; sys.path.insert(0, {str(ROOT / 'tools')!r}); import reference; "
        f"sys.exit(reference.main(sys.argv[1:], pathlib.Path({str(folder)!r})))"
    )
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the pages."""
    return Path(shutil.copytree(REFERENCE, tmp_path / "reference"))


def replace(page: Path, old: str, new: str) -> None:
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_pages_are_up_to_date() -> None:
    done = reference("--check")
    assert done.returncode == 0, done.stderr


CHANGES = [
    ("configuration.md", "| `port` | whole number | `8000`", "| `port` | string | `80`"),
    ("configuration.md", "Read by fw-http.", "Read by nobody."),
    ("hooks.md", "`store-sql`, `orchestrator`", "`orchestrator`, `store-sql`"),
    ("hooks.md", "Undo `start`.", "Stop."),
    ("api.md", "| `App` |", "| `Application` |"),
]


def test_every_difference_is_shown_and_put_right(copy: Path) -> None:
    before = {page: (copy / page).read_text(encoding="utf-8") for page, _, _ in CHANGES}
    for page, old, new in CHANGES:
        replace(copy / page, old, new)
    done = reference("--check", folder=copy)
    assert done.returncode == 1
    assert [page for page in before if f"{page} differs" not in done.stderr] == []
    assert [new for _, _, new in CHANGES if new not in done.stderr] == []
    assert reference(folder=copy).returncode == 0
    assert {page: (copy / page).read_text(encoding="utf-8") for page in before} == before


def test_a_meaning_is_kept_and_a_key_without_one_is_named(copy: Path) -> None:
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
def test_a_marker_for_nothing_is_an_error(copy: Path, new: str, said: str) -> None:
    replace(copy / "hooks.md", "generated: hook stop", f"generated: {new}")
    done = reference("--check", folder=copy)
    assert done.returncode == 1
    assert said in done.stderr


def test_a_page_whose_markers_are_gone_is_an_error(copy: Path) -> None:
    (copy / "api.md").write_text("# Public names\n", encoding="utf-8")
    done = reference("--check", folder=copy)
    assert done.returncode == 1
    assert "api.md: it has no generated part" in done.stderr
