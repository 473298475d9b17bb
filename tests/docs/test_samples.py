"""Samples run: Python blocks that are no files, and the plugin that a page builds."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

import pytest

from .conftest import Reader
from .pages import PAGES, ROOT, Block, blocks
from .test_tutorial import FOLLOWED, OTHER_LANGUAGE, README, TREES, TUTORIAL

PLUGIN = ROOT / "docs/how-to/write-a-plugin.md"
SAMPLES = [block for page in PAGES for block in blocks(page) if block.language == "python" and not block.title]


@pytest.mark.parametrize("block", SAMPLES, ids=lambda block: block.place)
def test_the_sample_runs(block: Block, reader: Reader) -> None:
    """Each is a whole program; what it claims, it asserts."""
    (reader.folder / "sample.py").write_text(block.text, encoding="utf-8")
    status, found = reader.run([sys.executable, "-W", "error", "sample.py"])
    assert status == 0, found


def test_every_block_that_can_be_followed_is() -> None:
    """A page with files or terminals is among those that a test follows."""
    pages = {block.page for page in PAGES for block in blocks(page) if block.title and "norun" not in block.flags}
    assert pages == {README, TUTORIAL, OTHER_LANGUAGE, PLUGIN, TREES, *FOLLOWED}


def test_every_block_of_commands_says_where_it_is_typed() -> None:
    """Otherwise nobody would notice that it is not run; `norun` is for what a test cannot do, such as installing."""
    unmarked = [
        block.place
        for page in PAGES
        for block in blocks(page)
        if block.language == "console" and not block.title and "norun" not in block.flags
    ]
    assert unmarked == []


@pytest.mark.needs("posix")
def test_the_plugin_that_the_page_builds_works_and_conforms(reader: Reader) -> None:
    reader.environment["PYTHONPATH"] = os.pathsep.join([installed(reader.folder), "fw-greeting/src"])
    assert reader.follow(PLUGIN) > 10


def installed(folder: Path) -> str:
    """A folder with the metadata that `pip install -e` would make of the page's pyproject.toml."""
    [text] = [block.text for block in blocks(PLUGIN) if block.title.endswith("pyproject.toml")]
    project = tomllib.loads(text)["project"]
    site = folder / "site"
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    needs = [f"Requires-Dist: {need}" for need in project["dependencies"]]
    head = ["Metadata-Version: 2.4", f"Name: {project['name']}", f"Version: {project['version']}", *needs]
    (info / "METADATA").write_text("\n".join([*head, ""]), encoding="utf-8")
    [(group, points)] = project["entry-points"].items()
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return str(site)
