"""The whole application, on either storage, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from framework import App
from todo_service.app import build

PLUGINS = ["config", "di", "http", "logging", "observability"]


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> App:
    """Not started."""
    todos = {"storage": request.param, "file": str(tmp_path / "todos.db")}
    return build(PLUGINS, {"todos": todos, "logging": {"format": "json", "output": str(tmp_path / "log")}})


@pytest.fixture
async def client(app: App) -> AsyncIterator[Any]:
    """Talks to the started application."""
    async with app.test_client() as found:
        yield found
