"""The whole application, on either storage, over real HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from framework import App

from {{ cookiecutter.package }}.app import build

PLUGINS = ["config", "di", "http", "logging", "observability"]


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    """Not started."""
    storage = {"kind": request.param, "file": str(tmp_path / "notes.db")}
    return build(PLUGINS, {"storage": storage, "logging": {"format": "json", "output": str(tmp_path / "log")}})


@pytest.fixture
async def client(app: App) -> AsyncIterator[Any]:
    """Talks to the started application."""
    async with app.test_client() as found:
        yield found
