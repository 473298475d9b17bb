"""Workers under test and the orchestrator they talk to."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from framework import App

from .fake_orchestrator import TOKEN, FakeOrchestrator

QUICK = {"heartbeat_interval": 0.05, "poll_timeout": 5.0, "retry_first": 0.01, "retry_most": 0.05, "drain_timeout": 5.0}


@pytest.fixture
async def orchestrator() -> AsyncIterator[FakeOrchestrator]:
    async with FakeOrchestrator() as fake:
        yield fake


@pytest.fixture
def make_app(orchestrator: FakeOrchestrator) -> Callable[..., App]:
    """Makes an App with the worker plugin only, pointed at the fake orchestrator, impatient."""

    def make(**settings: Any) -> App:
        worker = {"url": orchestrator.url, "token": TOKEN, "id": "w-1", **QUICK, **settings}
        return App("test", plugins=["worker"], defaults={"worker": worker})

    return make


@pytest.fixture
def echoing(make_app: Callable[..., App]) -> App:
    """A worker with one skill that does nothing."""
    app = make_app()
    app.worker.skill("echo")(lambda: None)
    return app


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Keeps skills of a test waiting; opened at the end, so that no thread outlives it."""
    event = threading.Event()
    yield event
    event.set()
