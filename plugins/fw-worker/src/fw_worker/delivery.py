"""Hands in results, and does not give up easily."""

import asyncio
import logging

from fw_rxon import ErrorCode, ResultAnswer, TaskError, TaskResult, TaskStatus, WireError, decode_answer, encode
from fw_worker.backoff import Backoff
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.membership import Membership
from fw_worker.observation import Observation
from fw_worker.transport import Refused, Transport, TransportError
from fw_worker.trouble import Trouble

_log = logging.getLogger("fw.worker")


class Delivery:
    """Sends each result, the same bytes every time, until it is taken or refused for good.

    `room` is set while few enough results wait; nobody should take work whose result could not be handed in.
    """

    def __init__(
        self,
        transport: Transport,
        settings: WorkerSettings,
        membership: Membership,
        closing: Closing,
        observation: Observation,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._membership = membership
        self._closing = closing
        self._observation = observation
        self._trouble = Trouble(_log, f"handing in results at {settings.url}")
        self._waiting = 0
        self.room = asyncio.Event()
        self.room.set()

    async def deliver(self, result: TaskResult) -> None:
        """Return when the result has been taken, or when it is lost, which is logged with the reason.

        A result that is refused for good (too large, say) is replaced by a failure that says so: the job must not wait.
        """
        self._count(+1)
        try:
            refusal = await self._send(result, encode(result))
            if refusal is not None and result.status != TaskStatus.FAILURE:
                failure = refused(result, refusal)
                await self._send(failure, encode(failure))
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        self._waiting += change
        if self._waiting < 2 * self._settings.concurrency:
            self.room.set()
        else:
            self.room.clear()

    async def _send(self, result: TaskResult, body: bytes) -> Refused | None:
        """Send until it is taken or lost; the refusal, if it was refused for good."""
        backoff = Backoff(self._settings.retry_first, self._settings.retry_most)
        attempts = 0
        while True:
            last_chance = self._closing.expired.is_set()
            try:
                answer = decode_answer(await self._transport.result(body), ResultAnswer)
            except (TransportError, WireError) as error:
                attempts += 1
                if self._is_lost(result, error, attempts, last_chance=last_chance):
                    return error if isinstance(error, Refused) and error.final else None
                asked_for = error.retry_after if isinstance(error, TransportError) else None
                await self._closing.pause(asked_for or backoff.delay())
            else:
                self._taken(result, answer)
                return None

    def _is_lost(self, result: TaskResult, error: Exception, attempts: int, *, last_chance: bool) -> bool:
        if isinstance(error, Refused) and error.unknown_worker:
            self._membership.lost(str(error))
        if isinstance(error, Refused) and error.final:
            why = "it was refused for good"
        elif last_chance:
            why = "the worker stops and worker.drain_timeout is over"
        elif 0 < self._settings.result_retries < attempts:
            why = f"worker.result_retries ({self._settings.result_retries}) are used up"
        else:
            self._trouble.report(str(error))
            return False
        self._observation.delivered(well=False)
        _log.error("the result of task %s (job %s) is dropped: %s: %s", result.task_id, result.job_id, why, error)
        return True

    def _taken(self, result: TaskResult, answer: ResultAnswer) -> None:
        self._trouble.over()
        self._observation.delivered(well=True)
        if answer.ignored:
            _log.info(
                "the result of task %s (job %s) was ignored: %s",
                result.task_id,
                result.job_id,
                answer.reason or "no reason",
            )


def refused(result: TaskResult, refusal: Refused) -> TaskResult:
    """The failure that takes the place of a result which the orchestrator refused for good."""
    return TaskResult(
        job_id=result.job_id,
        task_id=result.task_id,
        worker_id=result.worker_id,
        origin_worker_id=result.origin_worker_id,
        status=TaskStatus.FAILURE,
        error=TaskError(
            code=ErrorCode.CONTRACT_VIOLATION_ERROR,
            message=f"The orchestrator refused the task's result with status {refusal.status}: {refusal.text}",
        ),
        costs=result.costs,
        timestamp=result.timestamp,
    )
