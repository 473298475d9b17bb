"""`Sweeper`: what an engine does because time has passed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection

from fw_orchestrator.clock_jumps import ClockJumps
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.model import (
    Failure,
    FinishAnswer,
    HistoryEntry,
    JobStatus,
    Task,
    TaskFinish,
    TaskKind,
    TaskOutcome,
    TaskStatus,
)
from fw_orchestrator.pollers import Pollers
from fw_orchestrator.retries import Retries
from fw_orchestrator.setbacks import setback
from fw_orchestrator.store import JobStore
from fw_orchestrator.surroundings import Surroundings
from fw_rxon import ErrorCode

log = logging.getLogger("fw_orchestrator")

WORKER_LOST = "WORKER_LOST"
"""The code of a task that was given to one worker after the other, and each fell silent."""

FORGOTTEN = (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.CANCELLED)
"""Ends that retention deletes: a quarantined job waits for an operator."""


class Sweeper:
    """Keeps the engine's own claims alive, queues what was delayed or abandoned, ends what is overdue, forgets."""

    def __init__(
        self,
        store: JobStore,
        settings: OrchestratorSettings,
        surroundings: Surroundings,
        pollers: Pollers,
        *,
        owner: str,
        active: Collection[str],
        job_ready: Callable[[], None],
    ) -> None:
        self._store = store
        self._settings = settings
        self._surroundings = surroundings
        self._retries = Retries(settings, surroundings)
        self._pollers = pollers
        self._owner = owner
        self._active = active
        self._job_ready = job_ready
        self._jumps = ClockJumps(store, settings, surroundings)
        self._sooner = asyncio.Event()
        self._next_at: float | None = None
        self._forget_at = 0.0

    async def run(self) -> None:
        """Sweep until cancelled, at the times when something is due, and at least three times in a lease."""
        interval = min(self._settings.job_lease, self._settings.task_lease) / 3
        while True:
            self._sooner.clear()
            self._next_at = None
            try:
                await self._jumps.look()
                await self.sweep()
                wait = min(interval, self._seconds_left(interval))
            except Exception as error:  # noqa: BLE001 - it is logged
                setback(error, "the sweep failed; trying again in %g s", interval)
                wait = interval
            await self._wait(max(wait, 0.001))

    def expect(self, at: float | None) -> None:
        """Something will be due at ``at``: do not sleep longer than that."""
        if at is not None and (self._next_at is None or at < self._next_at):
            self._next_at = at
            self._sooner.set()

    async def _wait(self, seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._sooner.wait()
            except TimeoutError:
                return
            self._sooner.clear()
            deadline = min(deadline, asyncio.get_running_loop().time() + self._seconds_left(seconds))

    def _seconds_left(self, otherwise: float) -> float:
        return otherwise if self._next_at is None else max(self._next_at - self._surroundings.clock(), 0.0)

    async def sweep(self) -> None:
        """Do once what is due."""
        now = self._surroundings.clock()
        await self._store.renew_jobs(self._owner, list(self._active), now=now, lease=self._settings.job_lease)
        if self._jumps.is_patient:
            return
        swept = await self._store.sweep(now=now, max_attempts=self._retries.max_attempts)
        self.expect(swept.next_at)
        for task in swept.queued:
            if task.id in swept.lost:
                log.warning("task %s went back to its queue: its worker fell silent", task.id)
        self._pollers.announce(swept.queued)
        if swept.overdue:
            await self._end(swept.overdue, now)
        if self._settings.retention and asyncio.get_running_loop().time() >= self._forget_at:
            await self._forget(now)

    async def _end(self, overdue: Collection[Task], now: float) -> None:
        finishes = [self._finish(task, await self._state(task.job_id), now) for task in overdue]
        for finish, answer in zip(finishes, await self._store.finish_tasks(finishes), strict=True):
            match answer:
                case FinishAnswer.JOB_READY:
                    self._job_ready()
                case FinishAnswer.RETRIED if finish.retry is not None:
                    self._pollers.announce([finish.retry])
                    self.expect(finish.retry.not_before)
                case _:
                    log.debug("overdue task %s: %s", finish.task_id, answer)

    async def _state(self, job_id: str) -> str:
        job = await self._store.job(job_id)
        return job.state if job else ""

    def _finish(self, task: Task, state: str, now: float) -> TaskFinish:
        outcome = late(task, now)
        waited = task.status is not TaskStatus.RUNNING
        lost = outcome.error is not None and outcome.error.code == WORKER_LOST
        retry = None if waited or lost else self._retries.after(task, outcome, now)
        message = outcome.error.message if outcome.error else ""
        log.warning("task %s of job %s: %s", task.id, task.job_id, message)
        entry = HistoryEntry(
            job_id=task.job_id,
            at=now,
            event="task_timed_out",
            state=state,
            detail={
                "task_id": task.id,
                "worker_id": task.worker_id if task.kind is TaskKind.WORKER else None,
                "skill": task.skill,
                "attempt": task.attempt,
                "message": message,
                **({"retried_as": retry.id} if retry else {}),
            },
        )
        return TaskFinish(
            job_id=task.job_id,
            task_id=task.id,
            worker_id=task.worker_id or "",
            at=now,
            outcome=outcome,
            retry=retry,
            history=(entry,),
            overdue=True,
        )

    async def _forget(self, now: float) -> None:
        loop = asyncio.get_running_loop()
        self._forget_at = loop.time() + self._settings.retention_interval
        gone = await self._store.purge(FORGOTTEN, before=now - self._settings.retention)
        if gone:
            log.info("%d jobs that ended more than %g s ago were deleted", len(gone), self._settings.retention)
            self._forget_at = loop.time()


def late(task: Task, now: float) -> TaskOutcome:
    """What comes of a task whose time is up."""
    if task.kind is TaskKind.HUMAN:
        error = Failure(ErrorCode.TIMEOUT_ERROR, f"Nobody decided within {task.result_timeout:g} s.")
        return TaskOutcome("timeout", {}, error)
    if task.kind is TaskKind.JOB:
        return _failed(ErrorCode.TIMEOUT_ERROR, f"The sub-job did not end within {task.result_timeout:g} s.")
    if task.status is not TaskStatus.RUNNING:
        return _failed(ErrorCode.TIMEOUT_ERROR, f"No worker took the task within {task.dispatch_timeout:g} s.")
    if task.result_deadline is not None and task.result_deadline <= now:
        return _failed(ErrorCode.TIMEOUT_ERROR, f"The worker had no result within {task.result_timeout:g} s.")
    return _failed(WORKER_LOST, f"{task.attempt} workers in a row fell silent with the task.")


def _failed(code: str, message: str) -> TaskOutcome:
    return TaskOutcome("failure", {}, Failure(code, message))
