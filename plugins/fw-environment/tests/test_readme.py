"""The samples of the README, run one after another; what they print stands below them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from framework import App
from fw_environment import Environment, Templates

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
SAMPLES = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", README, re.DOTALL)


def run(sample: str, names: dict[str, Any]) -> None:
    exec(compile(sample, "README.md", "exec", dont_inherit=True), names)  # noqa: S102 - the sample itself


def test_the_samples_print_what_stands_below_them(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    names: dict[str, Any] = {"__name__": "sample"}
    for sample, printed in SAMPLES:
        if printed:
            run(sample, names)
            assert capsys.readouterr().out.strip() == printed.strip()
    [templates] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "zoo.toml").write_text(templates)
    read = Templates(tmp_path / "zoo.toml", [names["Bear"]], {"grazing": names["Grazing"]})
    cub: Any = read.spawn(Environment(), "cub", x=2.0)
    assert (cub.hunger, cub.x) == (1.0, 2.0)


async def test_the_application_of_the_readme_steps_its_world() -> None:
    [sample] = [text for text, printed in SAMPLES if not printed]
    names: dict[str, Any] = {"__name__": "zoo"}
    exact = 'App("zoo", plugins=["environment"], defaults={"app": {"tick_pace": "manual"}})'
    run(sample.replace('App("zoo")', exact), names)
    app: App = names["app"]
    async with app:
        app.clock.step(4)
        assert app.environment.worlds["savanna"].tick == 2
