"""The samples of the README, run; what they print stands below them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from framework import App

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SAMPLES = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", README, re.DOTALL)


@pytest.mark.parametrize("sample, printed", [sample for sample in SAMPLES if sample[1]])
def test_a_sample_prints_what_stands_below_it(sample: str, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(sample, "README.md", "exec", dont_inherit=True), {"__name__": "sample"})  # noqa: S102 - the sample itself
    assert capsys.readouterr().out.strip() == printed.strip()


async def test_the_application_of_the_readme_runs_its_tree() -> None:
    [sample] = [text for text, printed in SAMPLES if not printed]
    names: dict[str, Any] = {"__name__": "zoo"}
    exact = sample.replace('App("zoo")', 'App("zoo", plugins=["behavior"])')
    exec(compile(exact, "README.md", "exec", dont_inherit=True), names)  # noqa: S102
    app: App = names["app"]
    from fw_behavior.minds import Minds

    async with app:
        minds = app.container.get(Minds)
        while not minds.trees:
            await _turn()
        [tree] = minds.trees
        while "said" not in tree.blackboard:
            await _turn()
        assert tree.blackboard["said"] == "bear is full"


async def _turn() -> None:
    from asyncio import sleep

    await sleep(0)
