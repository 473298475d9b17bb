"""The pages that are followed from top to bottom, with the real `fw` and the real curl."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest

from .conftest import Reader
from .pages import ROOT, blocks, pattern
from .terminal import Wrong

README = ROOT / "README.md"
TUTORIAL = ROOT / "docs/tutorial/first-job.md"
OTHER_LANGUAGE = ROOT / "docs/how-to/write-a-worker-in-another-language.md"
TREES = ROOT / "docs/tutorial/behaviour-trees.md"
FOLLOWED = [
    ROOT / "docs/tutorial/service-in-fifteen-minutes.md",
    ROOT / "docs/how-to/configure-an-application.md",
    ROOT / "docs/how-to/switch-plugins-by-config.md",
    ROOT / "docs/how-to/run-workers-elsewhere.md",
    ROOT / "docs/how-to/write-a-job-store.md",
    ROOT / "docs/tutorial/train-an-agent.md",
    ROOT / "docs/tutorial/first-world.md",
    ROOT / "docs/reference/command-line.md",
]


@pytest.mark.needs("curl", "posix")
def test_the_tutorial_does_what_it_says(reader: Reader) -> None:
    """Written, run, killed with kill -9 and continued."""
    assert reader.follow(TUTORIAL) > 10


@pytest.mark.needs("curl", "posix")
@pytest.mark.parametrize("page", FOLLOWED, ids=lambda page: page.stem)
def test_the_page_does_what_it_says(reader: Reader, page: Path) -> None:
    assert reader.follow(page) > 0


@pytest.mark.needs("curl", "node", "posix")
def test_a_worker_in_another_language_works(reader: Reader) -> None:
    assert reader.follow(OTHER_LANGUAGE) > 4


@pytest.mark.needs("curl", "posix")
def test_the_front_page_does_what_it_says(reader: Reader) -> None:
    """Its samples rely on the default port; a free one takes its place."""
    reader.use_port_by_default()
    assert reader.follow(README, without_demo()) > 5


def without_demo() -> str:
    """The front page, its demo left to `test_the_demo_shows_what_the_front_page_shows`."""
    return README.read_text(encoding="utf-8").replace('title="demo"', "norun")


@pytest.mark.needs("posix")
def test_the_demo_shows_what_the_front_page_shows(tmp_path: Path) -> None:
    """From the step on at which `run.py` calls the program; what it does before has tests of its own.

    Times, sizes, ids and ports are another matter on each run.
    """
    [block] = [block for block in blocks(README) if block.title == "demo"]
    head, mark, shown = block.text.partition("[3/3] running the demo: batch-processor docs\n")
    assert mark, "the front page does not show how the program is called"
    assert head.startswith("$ python3 run.py demo docs\n")
    done = subprocess.run(
        [sys.executable, "-m", "batch_processor.cli", "docs", "--database", str(tmp_path / "jobs.db")],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert pattern(without_particulars(shown)).fullmatch(without_particulars(done.stdout)), done.stdout


def without_particulars(text: str) -> str:
    """Ids and hashes as one sign, numbers as another; rules of the table and spaces of any length as one."""
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{12}\b", "ID", text)
    text = re.sub(r"\d[\d,]*", "N", text)
    return re.sub(r"([ ━─])\1+", r"\1", re.sub(r"^ +", "", text, flags=re.MULTILINE))


def test_both_ways_to_install_bring_the_same_packages() -> None:
    """The demo's environment, and the extras named beside it."""
    [block] = [block for block in blocks(TUTORIAL) if block.title == "install"]
    found = re.search(r'"fw-core\[([a-z,]+)\]"', block.text)
    assert found
    assert first_party("batch-processor", set()) - {"batch-processor"} == first_party("fw-core", {*found[1].split(",")})


def first_party(distribution: str, extras: set[str]) -> set[str]:
    """A distribution and all packages of this project that it needs with some of its extras."""
    found = {distribution}
    for requirement in requires(distribution) or ():
        match = re.match(r"(fw-[a-z-]+)[^;]*(?:;.*extra == ['\"](\w+)['\"])?", requirement)
        if match and (match[2] is None or match[2] in extras) and match[1] not in found:
            found |= first_party(match[1], set())
    return found


PAGE = """\
```python title="answer.py"
print(6 * 7)
```
```console title="terminal 1"
$ python answer.py
{answer}
```
"""


def test_a_page_that_tells_the_truth_passes(reader: Reader, tmp_path: Path) -> None:
    assert reader.follow(tmp_path / "page.md", PAGE.format(answer="4...")) == 2


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PAGE.format(answer="43"), id="another answer"),
        pytest.param(PAGE.format(answer="42\n42"), id="too much expected"),
        pytest.param(PAGE.format(answer=""), id="too little expected"),
        pytest.param('```console title="terminal 1"\n$ false\n```\n', id="failing command"),
        pytest.param('```console title="terminal 1"\nnobody writes this\n```\n', id="output of nothing"),
        pytest.param('```console title="terminal 1"\n^C\n```\n', id="nothing to stop"),
        pytest.param('```console title="terminal 1"\n$ fw run nowhere:app\nis ready\n```\n', id="program that ends"),
    ],
)
def test_a_page_that_does_not_fails_and_names_the_block(reader: Reader, tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    with pytest.raises(Wrong, match=re.escape(f"{page}:")):
        reader.follow(page, text)


@pytest.mark.needs("posix")
def test_the_tutorial_of_trees_works_and_its_pictures_are_those_it_makes(reader: Reader) -> None:
    assert reader.follow(TREES) > 5
    pictures = sorted((TREES.parent / "pictures").glob("bear-*.svg"))
    assert pictures
    for picture in pictures:
        assert (reader.folder / picture.name).read_text("utf-8") == picture.read_text("utf-8")
