"""The sample of the README, executed."""

import re
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"


async def test_the_sample_runs() -> None:
    from framework import App

    [sample] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "shop"}
    exec(compile(sample.replace('App("shop")', 'App("shop", plugins=[])'), "README.md", "exec"), names)  # noqa: S102 - the sample
    app: App = names["app"]
    async with app:
        assert await app.dispatch(names["TakeSpoon"](1)) == 2


def test_it_names_every_setting_of_the_kernel() -> None:
    from dataclasses import fields

    from framework.config import KERNEL_SECTIONS

    text = README.read_text("utf-8")
    for section, schema in KERNEL_SECTIONS.items():
        for setting in fields(schema):
            assert f"| `[{section}]` | `{setting.name}` |" in text
