"""The samples of the README, put into files and run."""

import re
import types
from pathlib import Path
from typing import Any

import pytest

from framework import ConfigError

TEXT = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
FILES = {name: text for _, name, text in re.findall(r"```(\w+)\n# ([\w.]+)\n(.*?)```", TEXT, re.DOTALL)}
[FOLLOWING] = re.findall(r"```python\n(from fw_config.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def shop(folder: Any) -> Any:
    folder.write("fw.toml", FILES["fw.toml"] + "[env.live]\n")
    folder.write("settings.yaml", FILES["settings.yaml"])
    folder.write("secrets/shop__database__password", "hunter2\n")
    module = types.ModuleType("shop")
    sample = FILES["shop.py"].replace('App("shop")', 'App("shop", plugins=["config"])')
    for text in (sample, FOLLOWING):
        exec(compile(text, "README.md", "exec"), vars(module))  # noqa: S102 - the sample itself
    return module


async def test_the_sample_does_what_it_says(folder: Any, shop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shop.app.bootstrap(config="fw.toml", env="live")
    async with shop.app:
        settings = shop.app.container.get(shop.ShopSettings)
        assert (settings.database.password, settings.database.pool, settings.limit) == ("hunter2", 50, 10)
        assert settings.pause.total_seconds() == 2.5
        folder.write("settings.yaml", FILES["settings.yaml"].replace("  pause: 2.5", "  pause: 2.5\n  limit: 11"))
        await shop.app.configuration.reload()
    assert "the limit is 11" in capsys.readouterr().out


def test_what_is_wrong_keeps_it_from_starting(folder: Any, shop: Any) -> None:
    folder.write("settings.yaml", FILES["settings.yaml"].replace("pool: 50", "pool: 500"))
    with pytest.raises(ConfigError, match=r"settings.yaml:\d+: \[shop.database\] pool"):
        shop.app.bootstrap(config="fw.toml", env="live")
