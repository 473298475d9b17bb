"""How often a result is sent, and what waits for it."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from fw_rxon import TaskResult, TaskStatus
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.delivery import Delivery
from fw_worker.transport import Refused, TransportError, Unreachable


class Desk(Closing):
    """The other side, which answers with these troubles first; notes what was sent, and the pauses between."""

    def __init__(self, *troubles: TransportError) -> None:
        super().__init__()
        self._troubles = list(troubles)
        self.sent: list[bytes] = []
        self.pauses: list[float] = []
        self.may = asyncio.Event()
        self.may.set()

    async def pause(self, seconds: float) -> None:
        """Take no time."""
        self.pauses.append(seconds)

    async def result(self, body: bytes) -> bytes:
        """Take a result."""
        await self.may.wait()
        self.sent.append(body)
        if self._troubles:
            raise self._troubles.pop(0)
        return b"{}"

    def delivery(self) -> Delivery:
        """One that hands in here."""
        return Delivery(
            cast("Any", self),
            WorkerSettings(concurrency=2, retry_first=1.0),
            cast("Any", SimpleNamespace(lost=lambda _: None)),
            self,
            cast("Any", SimpleNamespace(delivered=lambda **_: None)),
        )


def result(number: int = 0, status: str = TaskStatus.SUCCESS) -> TaskResult:
    return TaskResult(job_id="j", task_id=f"t{number}", status=status)


async def test_there_is_room_again_when_results_have_been_taken_or_lost() -> None:
    desk = Desk(Refused("http://host", 400, "no"), Refused("http://host", 400, "no"))
    delivery = desk.delivery()
    for _ in range(3):
        desk.may.clear()
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                assert delivery.room.is_set()
                group.create_task(delivery.deliver(result(number)))
                await asyncio.sleep(0)
            assert not delivery.room.is_set()
            desk.may.set()
        assert delivery.room.is_set()


async def test_a_result_is_sent_again_when_the_orchestrator_wants_it() -> None:
    desk = Desk(Refused("http://host", 503, "busy", 7.0), Refused("http://host", 429, "slowly"), Unreachable("x", "y"))
    await desk.delivery().deliver(result())
    assert desk.pauses[:2] == [7.0, 30.0]
    assert 0.8 <= desk.pauses[2] <= 1.2
    assert desk.sent == [desk.sent[0]] * 4


@pytest.mark.parametrize("status, times", [("success", 2), ("a word of its own", 2), ("failure", 1)])
async def test_only_what_is_no_failure_yet_becomes_one(status: str, times: int) -> None:
    desk = Desk(*(Refused("http://host", 413, "too large") for _ in range(3)))
    await desk.delivery().deliver(result(status=status))
    assert len(desk.sent) == times
    assert b'"failure"' in desk.sent[-1]
