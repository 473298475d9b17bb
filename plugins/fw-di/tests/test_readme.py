"""The sample of the README, run."""

import re
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"


async def test_the_sample_injects_what_the_container_makes() -> None:
    [sample] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "shop"}
    exact = sample.replace('App("shop")', 'App("shop", plugins=["di"])')
    exec(compile(exact, "README.md", "exec"), names)  # noqa: S102 - the sample itself
    async with names["app"] as app:
        assert app.container.get(names["Till"]).repo is app.di.included(names["Shop"]).repo()
        assert app.container.get(names["Repo"]).url == "memory:"
