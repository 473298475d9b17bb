"""The sample of the README, served."""

import re
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"


async def test_the_sample_serves_what_it_says(serve: Any) -> None:
    [sample] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    exact = 'App("shop", plugins=["http"], defaults={"http": {"port": 0}})'
    names: dict[str, Any] = {"__name__": "shop"}
    exec(compile(sample.replace('App("shop")', exact), "README.md", "exec"), names)  # noqa: S102 - the sample itself
    client = await serve(names["app"])
    assert await client.answer("GET", "/items/1") == (200, {"number": 1, "name": "spoon"})
    assert await client.problem("GET", "/items/2") == (404, "There is no item 2.")
    assert await client.answer("POST", "/items", json={"name": "fork"}) == (200, 2)
    assert await client.answer("GET", "/items/2") == (200, {"number": 2, "name": "fork"})
