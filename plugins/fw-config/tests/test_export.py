"""`fw config schema`: what editors know of the configuration."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import jsonschema_rs
import pytest
from pydantic import Field

from framework.cli import main
from framework.discovery import installed
from fw_config.export import json_schema, sections


@dataclass(frozen=True)
class Pool:
    size: Annotated[int, Field(gt=0)] = 5
    wait: timedelta = timedelta(seconds=1)
    key: str = field(default="", metadata={"secret": True})


@dataclass(frozen=True)
class Shop:
    needed: str
    pools: dict[str, Pool] = field(default_factory=dict)
    password: str = field(default="", metadata={"secret": True})


GOOD = """\
[app]
target = "shop:app"
tick_rate = 30
[plugins]
disable = ["worker"]
[config]
files = ["more.yaml"]
[shop.pools.a]
size = 3
wait = 1.5
[env.live.shop.pools.a]
wait = "PT3S"
"""


def validator() -> Any:
    return jsonschema_rs.validator_for(json_schema({**sections(), "shop": Shop}))


def test_a_good_file_is_valid() -> None:
    assert [error.message for error in validator().iter_errors(tomllib.loads(GOOD))] == []


@pytest.mark.parametrize(
    "text",
    [
        "[shop]\nneded = 'x'\n",
        "[shpo]\nx = 1\n",
        "[shop.pools.a]\nsize = 0\n",
        "[shop.pools.a]\nsiz = 1\n",
        "[app]\ntick_rate = 'fast'\n",
        "[app]\ntick_pace = 'reel'\n",
        "[config]\nfiles = 'x'\n",
        "[env.live.shop]\nneded = 'x'\n",
        "[env.live.shpo]\nx = 1\n",
        "port = 1\n",
    ],
)
def test_a_wrong_one_is_not(text: str) -> None:
    assert not validator().is_valid(tomllib.loads(text))


def test_it_covers_the_kernel_and_every_installed_plugin_under_either_name() -> None:
    properties = json_schema(sections())["properties"]
    named = {plugin.name for plugin in installed() if plugin.manifest.config}
    assert {"app", "plugins", "config", "env", *named} <= set(properties)
    assert {name.replace("-", "_") for name in named} <= set(properties)


def test_secrets_are_marked() -> None:
    schema = json_schema({"shop": Shop})
    shop, pool = (schema["$defs"][name]["properties"] for name in ("Shop", "Pool"))
    assert shop["password"]["writeOnly"] is pool["key"]["writeOnly"] is True
    assert "writeOnly" not in pool["size"]


def test_the_command_prints_it_or_writes_it(folder: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    printed = capsys.readouterr().out
    assert main(["config", "schema", "--output", "fw.schema.json"]) == 0
    assert (folder.path / "fw.schema.json").read_text("utf-8") == printed
    assert "app" in json.loads(printed)["properties"]
    assert capsys.readouterr().out == ""


def test_the_sections_of_an_application_are_in_it(folder: Any) -> None:
    folder.write(
        "till.py",
        "from dataclasses import dataclass\nfrom framework import App\n@dataclass\nclass Till:\n    drawers: int = 1\n"
        "app = App('till')\napp.settings(Till, section='till')\n",
    )
    command = [sys.executable, "-m", "framework", "config", "schema", "till:app"]
    done = subprocess.run(command, cwd=Path.cwd(), capture_output=True, text=True, timeout=120, check=True)
    assert "drawers" in json.loads(done.stdout)["$defs"]["Till"]["properties"]
