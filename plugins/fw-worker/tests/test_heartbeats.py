"""How long the pause between two heartbeats is."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fw_worker.capacity import TASKS, Capacity
from fw_worker.catalogue import Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.heartbeats import Heartbeats
from fw_worker.transport import Refused, TransportError, Unreachable

INTERVAL = 5.0


class Noted(Closing):
    """Notes the first pause, and lets it last."""

    def __init__(self) -> None:
        super().__init__()
        self.paused: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def pause(self, seconds: float) -> None:
        """Never end."""
        self.paused.set_result(seconds)
        await asyncio.Event().wait()


async def pause_after(answer: bytes | TransportError) -> float:
    """The pause that follows a heartbeat which is answered so."""

    async def heartbeat(_: bytes) -> bytes:
        if isinstance(answer, TransportError):
            raise answer
        return answer

    closing, joined = Noted(), asyncio.Event()
    joined.set()
    beats = Heartbeats(
        transport=cast("Any", SimpleNamespace(heartbeat=heartbeat)),
        settings=WorkerSettings(heartbeat_interval=INTERVAL),
        catalogue=Catalogue([], {}),
        membership=cast("Any", SimpleNamespace(joined=joined, lost=lambda _: None)),
        workload=cast("Any", SimpleNamespace(held=())),
        capacity=Capacity({TASKS: 1.0}),
        closing=closing,
    )
    running = asyncio.create_task(beats.run())
    try:
        return await closing.paused
    finally:
        running.cancel()


@pytest.mark.parametrize(
    "answer, seconds",
    [
        (b"", INTERVAL),
        (b'{"next_heartbeat_jitter_ms": 250}', INTERVAL + 0.25),
        (b'{"next_heartbeat_jitter_ms": -9000}', INTERVAL),
        (b"no JSON", INTERVAL),
        (Unreachable("http://host", "down"), INTERVAL),
        (Refused("http://host", 404, "unknown"), INTERVAL),
        (Refused("http://host", 503, "later", 60.0), 60.0),
        (Refused("http://host", 503, "sooner", 1.0), INTERVAL),
        (Refused("http://host", 429, "too many"), 30.0),
    ],
)
async def test_the_next_heartbeat_comes_when_the_orchestrator_wants_it_but_not_too_soon(
    answer: bytes | TransportError, seconds: float
) -> None:
    assert await pause_after(answer) == seconds
