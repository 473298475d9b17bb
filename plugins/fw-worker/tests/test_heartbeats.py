"""What heartbeats say, and how long the pause between two is."""

import asyncio
import contextlib
import json
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fw_worker.bound_skill import BoundSkill
from fw_worker.capacity import TASKS, Capacity
from fw_worker.catalogue import Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.declared import SkillItem
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


async def beaten(
    answer: bytes | TransportError, *, stopping: bool = False, held: tuple[str, ...] = ()
) -> tuple[float, dict[str, Any]]:
    """The pause that follows a heartbeat which is answered so; what it said."""
    said: list[bytes] = []

    async def heartbeat(body: bytes) -> bytes:
        said.append(body)
        if isinstance(answer, TransportError):
            raise answer
        return answer

    closing, joined = Noted(), asyncio.Event()
    joined.set()
    if stopping:
        closing.asked.set()
    skill = BoundSkill(SkillItem("it", lambda: None), "here", lambda prepared: prepared, contextlib.nullcontext)
    beats = Heartbeats(
        transport=cast("Any", SimpleNamespace(heartbeat=heartbeat)),
        settings=WorkerSettings(heartbeat_interval=INTERVAL),
        catalogue=Catalogue([skill], {}),
        membership=cast("Any", SimpleNamespace(joined=joined, lost=lambda _: None)),
        workload=cast("Any", SimpleNamespace(held=held)),
        capacity=Capacity({TASKS: 1.0}),
        closing=closing,
    )
    running = asyncio.create_task(beats.run())
    try:
        return await closing.paused, json.loads(said[0]) if said else {}
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
    assert (await beaten(answer))[0] == seconds


async def test_one_that_stops_keeps_its_tasks_and_offers_nothing() -> None:
    _, usual = await beaten(b"")
    assert (usual["status"], usual["available_skills"]) == ("idle", ["it"])
    _, last = await beaten(b"", stopping=True, held=("t",))
    assert (last["status"], last["current_tasks"], "available_skills" in last) == ("draining", ["t"], False)
    assert await beaten(b"", stopping=True) == (INTERVAL, {})
