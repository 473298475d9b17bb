"""Asks for work."""

import asyncio
import logging
import time

import msgspec

from fw_rxon import ErrorCode, TaskMessage, WireError, decode, is_signed
from fw_worker.backoff import Backoff
from fw_worker.capacity import Capacity
from fw_worker.catalogue import Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.delivery import Delivery
from fw_worker.membership import Membership
from fw_worker.outcome import failed
from fw_worker.precedence import Turn
from fw_worker.transport import Refused, Transport, TransportError
from fw_worker.trouble import Trouble
from fw_worker.workload import Workload

_log = logging.getLogger("fw.worker")

_AT_ONCE = 0.5
"""Seconds. A server that says "nothing" faster does not hold the poll, and is asked no more often than that."""

FORGED = "the task is not signed with worker.task_key, which must be the orchestrator's secret_key"
_NOT_SIGNED = ("sig", "orchestrator_signature")


class Polling:
    """Long polls while there is room for another task. No skill is in two of them at a time.

    Usually there is one for all skills. When a skill that was full has room again while a poll for the others waits, it
    gets a poll of its own: to end the other one could lose the task that is just arriving.
    """

    def __init__(
        self,
        *,
        transport: Transport,
        settings: WorkerSettings,
        catalogue: Catalogue,
        membership: Membership,
        delivery: Delivery,
        workload: Workload,
        capacity: Capacity,
        closing: Closing,
        turn: Turn,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._catalogue = catalogue
        self._membership = membership
        self._delivery = delivery
        self._workload = workload
        self._capacity = capacity
        self._closing = closing
        self._turn = turn
        self._asked: set[str] = set()
        self._changed = asyncio.Event()
        capacity.listen(self._changed.set)
        self._backoff = Backoff(settings.retry_first, settings.retry_most)
        self._trouble = Trouble(_log, f"asking {settings.url} for tasks")

    async def run(self, group: asyncio.TaskGroup) -> None:
        """Poll, starting tasks in `group`; until the stop is asked for."""
        with self._closing.asked.telling(self._changed.set):
            async with asyncio.TaskGroup() as polls:
                while names := await self._askable():
                    self._asked.update(names)
                    polls.create_task(self._ask(names, group), name="poll")

    async def _askable(self) -> tuple[str, ...]:
        """Wait until tasks would be welcome; of which skills, or nothing if the stop was asked for."""
        wanted = (self._turn.come, self._membership.joined, self._delivery.room)
        while not self._closing.asked.is_set():
            missing = next((event for event in wanted if not event.is_set()), None)
            if missing is not None:
                await self._closing.until(missing)
                continue
            self._changed.clear()
            available = self._catalogue.available(self._capacity)
            names = tuple(name for name in available if name not in self._asked) if self._asked else available
            if names:
                return names
            await self._changed.wait()
        return ()

    async def _ask(self, names: tuple[str, ...], group: asyncio.TaskGroup) -> None:
        """One poll, and what comes of it."""
        began = time.monotonic()
        try:
            document = await self._transport.poll(self._settings.poll_timeout, names, self._closing.asked)
        except TransportError as error:
            await self._wait_after(error)
        else:
            self._trouble.over()
            self._turn.note(answers=True)
            if document is None or document.strip() == b"null":
                self._backoff.reset()
                await self._rest_if_quick(time.monotonic() - began)
            elif self._start(document, group):
                self._backoff.reset()
            else:
                await self._closing.rest(self._backoff.delay())
        finally:
            self._asked.difference_update(names)
            self._changed.set()

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
        """Start the task that came; False if it is malformed or not the orchestrator's."""
        try:
            message = decode(document, TaskMessage)
            is_genuine = self._is_genuine(document, message)
        except WireError as error:
            self._refuse(document, ErrorCode.CONTRACT_VIOLATION_ERROR, f"the task message is malformed: {error}", group)
            return False
        if not is_genuine:
            self._refuse(document, ErrorCode.SECURITY_ERROR, FORGED, group)
            return False
        self._workload.accept(message, group)
        return True

    def _is_genuine(self, document: bytes, message: TaskMessage) -> bool:
        key = self._settings.task_key
        if not key:
            return True
        return message.sig is not None and is_signed(document, message.sig, (key,), without=_NOT_SIGNED)

    def _refuse(self, document: bytes, code: ErrorCode, problem: str, group: asyncio.TaskGroup) -> None:
        """Log a task that cannot be done, and tell the orchestrator as well if it can be seen which task it is."""
        _log.error("%s sent a task that is refused: %s", self._settings.url, problem)
        try:
            ids = msgspec.json.decode(document, type=_Ids)
        except (ValueError, RecursionError):
            return
        self._workload.report(ids.job_id, ids.task_id, failed(code, problem), group)


class _Ids(msgspec.Struct):
    job_id: str
    task_id: str
