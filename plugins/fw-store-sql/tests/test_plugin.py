"""The plugin in an application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from framework import App, Component, StartupError
from fw_orchestrator.store import JobStore
from fw_orchestrator.store_contract.records import a_job
from fw_store_sql import SQLStorage


class User(Component):
    """Something that needs the store as soon as it starts, and until it has stopped."""

    def __init__(self, store: JobStore) -> None:
        self.store = store

    async def start(self) -> None:
        await self.store.create([a_job("at start")])

    async def stop(self) -> None:
        await self.store.create([a_job("at stop")])


def application(path: Path) -> App:
    app = App("test", plugins=["store-sql"], defaults={"store-sql": {"url": f"sqlite:///{path}"}})
    app.register(User)
    return app


async def test_the_store_is_open_before_its_users_start_and_after_they_stop(tmp_path: Path) -> None:
    app = application(tmp_path / "jobs.db")
    async with app:
        assert isinstance(app.container.get(User).store, SQLStorage)
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    assert [job.id for job in await store.jobs()] == ["at stop", "at start"]
    await store.close()


async def test_an_application_whose_store_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="Create the folder"):
        await application(tmp_path / "missing" / "jobs.db").start()


def test_importing_the_package_or_its_hooks_does_not_import_sqlalchemy() -> None:
    code = "import sys, fw_store_sql.plugin; print('sqlalchemy' in sys.modules, 'asyncio' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "False False\n"
