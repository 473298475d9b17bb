"""The sample of the README, run, and what it says it writes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from framework import App

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


async def test_the_sample_writes_what_it_says(logging_app: Callable[..., App], journal: Any, tmp_path: Path) -> None:
    [sample] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    [shown] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    file = tmp_path / "shop.py"
    file.write_text(sample, "utf-8")
    names: dict[str, Any] = {"__name__": "shop", "App": App}
    code = compile(sample.replace('App("shop")', "APP"), str(file), "exec")
    exec(code, {**names, "APP": (app := logging_app())})  # noqa: S102 - the sample itself
    async with app:
        pass
    written = journal.of("shop")
    expected = [json.loads(line) for line in shown.splitlines()]
    for line in (*written, *expected):
        line.pop("time")
    written[1]["exception"]["stack"][0]["file"] = "shop.py"
    assert written == expected
