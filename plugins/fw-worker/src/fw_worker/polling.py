"""Asks for work."""

import asyncio
import logging
import time

import msgspec

from fw_rxon import ErrorCode, TaskMessage, WireError, decode
from fw_worker.backoff import Backoff
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.delivery import Delivery
from fw_worker.membership import Membership
from fw_worker.outcome import failed
from fw_worker.precedence import Turn
from fw_worker.skill import Catalogue
from fw_worker.slots import Slots
from fw_worker.transport import Refused, Transport, TransportError
from fw_worker.trouble import Trouble
from fw_worker.workload import Workload

_log = logging.getLogger("fw.worker")

_AT_ONCE = 0.5
"""Seconds. A server that says "nothing" faster does not hold the poll, and is asked no more often than that."""


class Polling:
    """One long poll at a time, while there is room for another task."""

    def __init__(
        self,
        *,
        transport: Transport,
        settings: WorkerSettings,
        catalogue: Catalogue,
        membership: Membership,
        delivery: Delivery,
        workload: Workload,
        slots: Slots,
        closing: Closing,
        turn: Turn,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._catalogue = catalogue
        self._membership = membership
        self._delivery = delivery
        self._workload = workload
        self._slots = slots
        self._closing = closing
        self._turn = turn
        self._backoff = Backoff(settings.retry_first, settings.retry_most)
        self._trouble = Trouble(_log, f"asking {settings.url} for tasks")

    async def run(self, group: asyncio.TaskGroup) -> None:
        """Poll, starting tasks in `group`; until the stop is asked for."""
        while await self._may_ask():
            began = time.monotonic()
            try:
                document = await self._transport.poll(
                    self._settings.poll_timeout, self._catalogue.names, self._closing.asked
                )
            except TransportError as error:
                await self._wait_after(error)
                continue
            self._trouble.over()
            self._turn.note(answers=True)
            if document is None or document.strip() == b"null":
                self._backoff.reset()
                await self._rest_if_quick(time.monotonic() - began)
            elif self._start(document, group):
                self._backoff.reset()
            else:
                await self._closing.rest(self._backoff.delay())

    async def _may_ask(self) -> bool:
        """Wait until a task would be welcome; False if the stop was asked for."""
        wanted = (self._turn.come, self._membership.joined, self._delivery.room, self._slots.room)
        # All at once: the first may have changed again while the last was waited for.
        while not all(event.is_set() for event in wanted):
            for event in wanted:
                if not await self._closing.until(event):
                    return False
        return not self._closing.asked.is_set()

    async def _wait_after(self, error: TransportError) -> None:
        self._turn.note(answers=isinstance(error, Refused) and error.status < 500)
        if isinstance(error, Refused) and error.unknown_worker:
            self._membership.lost(str(error))
        else:
            self._trouble.report(str(error), error.level)
        await self._closing.rest(error.retry_after or self._backoff.delay())

    async def _rest_if_quick(self, seconds: float) -> None:
        """A server that holds the poll is asked again at once; one that does not, not so soon."""
        enough = min(_AT_ONCE, self._settings.poll_timeout / 2)
        if seconds < enough:
            await self._closing.rest(enough)

    def _start(self, document: bytes, group: asyncio.TaskGroup) -> bool:
        """Start the task that came; False if it is malformed."""
        try:
            message = decode(document, TaskMessage)
        except WireError as error:
            self._refuse(document, error, group)
            return False
        self._workload.accept(message, group)
        return True

    def _refuse(self, document: bytes, error: WireError, group: asyncio.TaskGroup) -> None:
        """Log a malformed task, and tell the orchestrator as well if it can be seen which task it is."""
        _log.error("%s sent a malformed task: %s", self._settings.url, error)
        try:
            ids = msgspec.json.decode(document, type=_Ids)
        except (ValueError, RecursionError):
            return
        outcome = failed(ErrorCode.CONTRACT_VIOLATION_ERROR, f"the task message is malformed: {error}")
        self._workload.report(ids.job_id, ids.task_id, outcome, group)


class _Ids(msgspec.Struct):
    job_id: str
    task_id: str
