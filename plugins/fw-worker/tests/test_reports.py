"""In which order, and how often, what a task says is sent."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any, cast

from fw_rxon import TaskMessage
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.reports import Reports
from fw_worker.transport import Refused, TransportError


class Listener(Closing):
    """Hears what is sent, and answers with these troubles first; notes the pauses between."""

    def __init__(self, *troubles: TransportError) -> None:
        super().__init__()
        self._troubles = list(troubles)
        self.heard: list[Any] = []
        self.pauses: list[float] = []

    async def pause(self, seconds: float) -> None:
        """Take no time."""
        self.pauses.append(seconds)

    async def event(self, body: bytes) -> bytes:
        """Hear an event."""
        event = json.loads(body)
        self.heard.append(event["payload"].get("progress", event["event_type"]))
        if self._troubles:
            raise self._troubles.pop(0)
        return b"{}"

    def reports(self) -> Reports:
        """Those of a task that are sent here."""
        return Reports(
            cast("Any", self),
            WorkerSettings(id="w1"),
            self,
            TaskMessage(job_id="j", task_id="t", type="it"),
            cast("Any", SimpleNamespace(check_event=lambda *_: None)),
        )


async def turns() -> None:
    """Long enough for what can be sent at once."""
    for _ in range(9):
        await asyncio.sleep(0)


async def test_what_is_told_later_is_sent_too_and_nothing_after_the_end() -> None:
    listener = Listener()
    reports = listener.reports()
    for fraction in (0.1, 0.2):
        reports.progress(fraction, "")
        await turns()
    reports.event("done", {}, 0)
    await turns()
    await reports.close()
    reports.progress(0.9, "")
    reports.event("late", {}, 0)
    await turns()
    assert listener.heard == [0.1, 0.2, "done"]


async def test_an_event_is_sent_again_when_the_orchestrator_wants_it_and_progress_is_not() -> None:
    listener = Listener(Refused("http://host", 503, "busy", 7.0), Refused("http://host", 503, "busy", 8.0))
    reports = listener.reports()
    reports.event("done", {}, 0)
    await turns()
    reports.progress(0.5, "")
    await turns()
    await reports.close()
    assert listener.heard == ["done", "done", "done", 0.5]
    assert listener.pauses == [7.0, 8.0]
