"""Sends what a task says of its progress."""

import asyncio
import logging
import time
import uuid

from fw_rxon import TaskMessage, WireError, WorkerEvent, encode
from fw_worker.transport import Transport, TransportError

_log = logging.getLogger("fw.worker")


class ProgressReports:
    """Progress of one task. Only the latest is kept while an older one is on its way: progress may be lost."""

    def __init__(self, transport: Transport, worker_id: str, message: TaskMessage) -> None:
        self._transport = transport
        self._worker_id = worker_id
        self._message = message
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._latest: tuple[float, str] | None = None
        self._closed = False

    def put(self, fraction: float, text: str) -> None:
        """Take note; from any thread."""
        self._loop.call_soon_threadsafe(self._note, (fraction, text))

    def _note(self, latest: tuple[float, str]) -> None:
        self._latest = latest
        self._news.set()

    def close(self) -> None:
        """Nothing more will come: `run` ends when what is left has been sent."""
        self._closed = True
        self._news.set()

    async def run(self) -> None:
        """Send until closed."""
        while self._latest is not None or not self._closed:
            await self._news.wait()
            self._news.clear()
            latest, self._latest = self._latest, None
            if latest is not None:
                await self._send(*latest)

    async def _send(self, fraction: float, text: str) -> None:
        try:
            await self._transport.event(encode(self._event(fraction, text)))
        except (TransportError, WireError) as error:
            _log.debug("progress of task %s is lost: %s", self._message.task_id, error)

    def _event(self, fraction: float, text: str) -> WorkerEvent:
        return WorkerEvent(
            event_id=str(uuid.uuid4()),
            worker_id=self._worker_id,
            origin_worker_id=self._worker_id,
            event_type="progress",
            payload={"progress": fraction, "message": text},
            origin_task_id=self._message.task_id,
            target_job_id=self._message.job_id,
            target_task_id=self._message.task_id,
            trace_context=self._message.tracing_context,
            timestamp=int(time.time()),
        )
