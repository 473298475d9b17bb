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
    assert await client.answer("GET", "/items/1") == (200, {"name": "spoon", "price": 1.5})
    assert await client.problem("GET", "/items/2") == (404, "There is no item 2.")
    user = {"X-User": "ann"}
    async with client.session.post("/items", json={"name": "fork"}, headers=user) as response:
        assert (response.status, response.headers["Location"]) == (201, "/items/2")
    status, detail = await client.problem("POST", "/items?dry=perhaps", json={"name": ""})
    assert status == 422
    for part in ("header X-User is missing", "query dry must be true or false", "body name must have at least 1 char"):
        assert part in detail
    assert await client.answer("POST", "/commands/CountItems", json={}) == (200, 2)
    assert (await client.answer("GET", "/openapi.json"))[1]["paths"].keys() == {
        "/items/{number}",
        "/items",
        "/commands/CountItems",
    }
