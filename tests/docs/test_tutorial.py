"""The pages that are followed from top to bottom, with the real `fw` and the real curl."""

from __future__ import annotations

import re
from importlib.metadata import requires
from pathlib import Path

import pytest

from .conftest import Reader
from .pages import ROOT, blocks
from .terminal import Wrong

TUTORIAL = ROOT / "docs/tutorial/first-job.md"


@pytest.mark.needs("curl", "posix")
def test_the_tutorial_does_what_it_says(reader: Reader) -> None:
    """Written, run, killed with kill -9 and continued."""
    assert reader.follow(TUTORIAL) > 10


def test_the_tutorial_installs_what_its_extras_stand_for() -> None:
    [block] = [block for block in blocks(TUTORIAL) if block.title == "install"]
    folders = re.findall(r"\./(\S+)", block.text)
    names = {re.search(r'^name = "(.+)"', (ROOT / f / "pyproject.toml").read_text(), re.M)[1] for f in folders}  # type: ignore[index]
    assert names == first_party("fw-core", {"http", "orchestrator", "worker"})


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
