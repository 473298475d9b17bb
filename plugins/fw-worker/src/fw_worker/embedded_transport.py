"""The worker protocol without a wire: the orchestrator is in the same process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import TypeVar

from fw_rxon import Heartbeat, Reception, Registered, Registration, TaskMessage, TaskResult, WorkerEvent, decode, encode
from fw_worker.closing import Step
from fw_worker.transport import Refused, Unreachable

T = TypeVar("T")

_log = logging.getLogger("fw.worker")

HERE = "the orchestrator in this process"


class EmbeddedTransport:
    """Carries messages as bytes all the same: neither side can change what the other one holds."""

    def __init__(self, reception: Reception, worker_id: str) -> None:
        self._reception = reception
        self._worker_id = worker_id

    async def open(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    async def register(self, body: bytes) -> bytes:
        """W1."""
        await _reached(self._reception.register(decode(body, Registration)))
        return encode(Registered(status="registered"))

    async def heartbeat(self, body: bytes) -> bytes:
        """W2."""
        answer = await _reached(self._reception.heartbeat(self._worker_id, decode(body, Heartbeat)))
        if answer is None:
            raise Refused(HERE, 404, "Worker not found")
        return encode(answer)

    async def result(self, body: bytes) -> bytes:
        """W4."""
        return encode(await _reached(self._reception.take_result(self._worker_id, decode(body, TaskResult))))

    async def event(self, body: bytes) -> bytes:
        """W5."""
        if not await _reached(self._reception.take_event(self._worker_id, decode(body, WorkerEvent))):
            raise Refused(HERE, 403, "The worker does not hold the task that the event speaks of")
        return b"{}"

    async def poll(self, timeout: float, skills: Sequence[str], given_up: Step) -> bytes | None:
        """W3. Given up in the very moment of a claim, the task goes back to its queue when its lease ends."""
        asking = asyncio.create_task(self._ask(timeout, skills, given_up))
        try:
            with given_up.telling(asking.cancel):
                await asyncio.wait({asking})
        finally:
            asking.cancel()
            await asyncio.wait({asking})
        task = None if asking.cancelled() else asking.result()
        return encode(task) if task is not None else None

    async def _ask(self, timeout: float, skills: Sequence[str], given_up: Step) -> TaskMessage | None:
        return await _reached(self._reception.next_task(self._worker_id, skills, timeout, given_up.is_set))

    async def commands(self) -> AsyncIterator[bytes]:
        """None: they come with the heartbeats."""
        nothing: tuple[bytes, ...] = ()
        for document in nothing:
            yield document


async def _reached(call: Awaitable[T]) -> T:
    try:
        return await call
    except Exception as error:
        # What a wire would make an error of the server: the other side is there, and cannot do it now.
        _log.exception("%s failed", HERE)
        raise Unreachable(HERE, f"{type(error).__name__}: {error}") from error
