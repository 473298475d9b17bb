"""The sample of the README, served."""

import re
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"


async def test_the_sample_counts_what_it_says(serve: Any) -> None:
    [sample] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    exact = 'App("shop", plugins=["http", "observability"], defaults={"http": {"port": 0}})'
    names: dict[str, Any] = {"__name__": "shop"}
    exec(compile(sample.replace('App("shop")', exact), "README.md", "exec"), names)  # noqa: S102 - the sample itself
    client = await serve(names["app"])
    assert await client.status("POST", "/orders/Riga") == 204
    page = await client.scrape()
    assert page.value("orders_total", town="Riga") == 1
    assert page.value("spoons") == -1
    assert page.value("weighing_seconds_count") == 1


async def test_every_built_in_metric_is_in_its_table(serve: Any) -> None:
    from fw_testing.harness import app_with

    client = await serve(app_with("http", "observability"))
    text = README.read_text("utf-8")
    families = (await client.scrape()).families
    own = [name for name in families if not name.startswith(("process_", "python_gc_"))]
    assert len(own) == 7
    for name in own:
        assert f"| `{name}` |" in text or f"| `{name}_total` |" in text
