"""Installed and not used, the plugin does nothing."""

from __future__ import annotations

import aiohttp

from framework import App
from fw_orchestrator import MemoryStorage, StateMachineBlueprint
from fw_orchestrator.store import JobStore

from .orchestration import one_task, site


class WatchedStore(MemoryStorage):
    """Counts how often it is opened and closed."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = self.closed = 0

    async def open(self) -> None:
        self.opened += 1

    async def close(self) -> None:
        self.closed += 1


async def test_without_a_blueprint_no_store_is_opened_and_no_token_needed() -> None:
    store = WatchedStore()
    app = App("t", plugins=["orchestrator"], defaults={"http": {"port": 0}})
    app.provide(JobStore, lambda: store)
    async with app, aiohttp.ClientSession() as session:
        for path in ("/_public/status", "/api/jobs", "/_worker/workers/w/tasks/next"):
            async with session.get(app.http.url + path) as answer:
                assert answer.status == 404
    assert (store.opened, store.closed) == (0, 0)


async def test_with_one_the_store_is_opened_and_closed_once_per_start() -> None:
    store = WatchedStore()
    for count in (1, 2):
        async with site(one_task(), store=store):
            assert (store.opened, store.closed) == (count, count - 1)
        assert store.closed == count


async def test_an_app_can_be_started_again() -> None:
    async with site(one_task()) as running:
        await running.create()
        await running.app.stop()
        async with running.app:
            assert (await running.get("/api/jobs")).status == 200


def test_declaring_starts_nothing() -> None:
    app = App("t", plugins=["orchestrator"])
    app.orchestrator.register_blueprint(one_task())
    blueprint = StateMachineBlueprint("unregistered")
    assert blueprint.states == {}
