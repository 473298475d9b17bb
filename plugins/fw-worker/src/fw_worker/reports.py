"""Sends what a task says while it runs."""

import asyncio
import logging
import time
import uuid
from collections import deque
from typing import Any

from fw_rxon import TaskMessage, WireError, WorkerEvent, encode
from fw_worker.backoff import Backoff
from fw_worker.bound_skill import BoundSkill
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.outcome import plain
from fw_worker.transport import Refused, Transport, TransportError

_log = logging.getLogger("fw.worker")

MOST = 1000
"""Events of one task that may wait to be sent."""


class Reports:
    """Progress and events of one task, in order.

    Of progress only the latest is kept while something older is on its way: it may be lost. Events are sent until they
    are taken, or refused for good.
    """

    def __init__(
        self,
        transport: Transport,
        settings: WorkerSettings,
        closing: Closing,
        message: TaskMessage,
        skill: BoundSkill,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._closing = closing
        self._message = message
        self._skill = skill
        self._loop = asyncio.get_running_loop()
        self._latest: WorkerEvent | None = None
        self._events: deque[WorkerEvent] = deque()
        self._sending: asyncio.Task[None] | None = None
        self._is_over = False

    def progress(self, fraction: float, message: str) -> None:
        """Take note; from any thread."""
        self._tell(self._made("progress", {"progress": fraction, "message": message}, 0))

    def event(self, kind: str, payload: Any, priority: float) -> None:
        """Take note; from any thread. Raises `ValueError` or `TypeError` for what cannot be sent."""
        data = plain(payload, "payload")
        if not isinstance(data, dict):
            raise TypeError(f"the payload of an event must make a JSON object, not {type(payload).__name__}")
        self._skill.check_event(kind, data)
        if len(self._events) >= MOST:
            raise ValueError(f"{MOST} events of task {self._message.task_id} wait to be sent already; send fewer")
        self._tell(self._made(kind, data, priority))

    def _tell(self, event: WorkerEvent) -> None:
        if self._is_over:
            return  # a thread that was left behind: its task has been reported as failed
        self._loop.call_soon_threadsafe(self._note, event)

    def _note(self, event: WorkerEvent) -> None:
        if event.event_type == "progress":
            self._latest = event
        else:
            self._events.append(event)
        if self._sending is None:
            self._sending = asyncio.create_task(self._send_all(), name=f"reports of {self._message.task_id}")

    async def close(self) -> None:
        """Return when what was told so far has been sent; nothing is taken any more."""
        self._is_over = True
        if self._sending is not None:
            await self._sending

    def drop(self) -> None:
        """Send nothing more: the worker breaks down."""
        self._is_over = True
        if self._sending is not None:
            self._sending.cancel()

    async def _send_all(self) -> None:
        while self._events or self._latest is not None:
            if self._events:
                await self._send_surely(self._events[0])
                self._events.popleft()
            latest, self._latest = self._latest, None
            if latest is not None:
                await self._send(latest)
        self._sending = None

    async def _send(self, event: WorkerEvent) -> TransportError | None:
        """Try once; what went wrong, if something did."""
        try:
            await self._transport.event(encode(event))
        except TransportError as error:
            _log.debug("%s of task %s was not sent: %s", event.event_type, self._message.task_id, error)
            return error
        except WireError as error:
            _log.error("%s of task %s cannot be sent: %s", event.event_type, self._message.task_id, error)
        return None

    async def _send_surely(self, event: WorkerEvent) -> None:
        backoff = Backoff(self._settings.retry_first, self._settings.retry_most)
        while True:
            is_last = self._closing.expired.is_set()
            error = await self._send(event)
            if error is None:
                return
            if is_last or (isinstance(error, Refused) and error.final):
                _log.error("event %s of task %s is dropped: %s", event.event_type, self._message.task_id, error)
                return
            await self._closing.pause(error.retry_after or backoff.delay())

    def _made(self, kind: str, payload: dict[str, Any], priority: float) -> WorkerEvent:
        return WorkerEvent(
            event_id=str(uuid.uuid4()),
            worker_id=self._settings.worker_id,
            origin_worker_id=self._settings.worker_id,
            event_type=kind,
            payload=payload,
            priority=priority,
            origin_task_id=self._message.task_id,
            target_job_id=self._message.job_id,
            target_task_id=self._message.task_id,
            trace_context=self._message.tracing_context,
            timestamp=int(time.time()),
        )
