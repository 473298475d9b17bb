"""`Desk`: what the orchestrator does for workers, whatever transport they come by."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from uuid import uuid4

import msgspec

from fw_orchestrator.engine import Engine
from fw_orchestrator.model import (
    Failure,
    FinishAnswer,
    HistoryEntry,
    JsonObject,
    Task,
    TaskFinish,
    TaskOutcome,
    TaskStatus,
    WorkerRecord,
)
from fw_orchestrator.progress import Progress
from fw_rxon import (
    AnswerStatus,
    FailureKind,
    Heartbeat,
    HeartbeatAnswer,
    Registration,
    ResultAnswer,
    TaskMessage,
    TaskResult,
    WorkerEvent,
    WorkerStatus,
    failure_kind,
)

log = logging.getLogger("fw_orchestrator")

LOOK_AGAIN = 5.0
"""Seconds after which a waiting poll looks at the store though nobody rang: another process may have queued a task."""


class Desk:
    """Serves the workers of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._store = engine.store
        self._settings = engine.settings

    async def register(self, registration: Registration) -> None:
        """Add or replace a worker."""
        await self._store.save_worker(
            WorkerRecord(
                id=registration.worker_id,
                registration=msgspec.to_builtins(msgspec.structs.replace(registration, security=None)),
                status=WorkerStatus.IDLE,
                seen_at=self._engine.clock(),
            )
        )
        log.info("worker %s registered", registration.worker_id)

    async def heartbeat(self, worker_id: str, heartbeat: Heartbeat) -> HeartbeatAnswer | None:
        """Note a sign of life and prolong the leases of what the worker does; None if the worker is unknown.

        The answer lists the tasks that it should stop: those that are not its own any more.
        """
        now = self._engine.clock()
        if not await self._is_known(worker_id, now):
            return None
        await self._store.touch_worker(worker_id, status=heartbeat.status or WorkerStatus.IDLE, now=now)
        listed = heartbeat.current_tasks
        held = set(await self._store.renew_tasks(worker_id, listed, now=now, lease=self._settings.task_lease))
        lost = [task_id for task_id in listed if task_id not in held and not await self._has_ended(task_id, worker_id)]
        return HeartbeatAnswer(status=AnswerStatus.OK, cancel_task_ids=tuple(lost))

    async def _is_known(self, worker_id: str, now: float) -> bool:
        worker = await self._store.worker(worker_id)
        return worker is not None and worker.seen_at > now - self._settings.worker_timeout

    async def _has_ended(self, task_id: str, worker_id: str) -> bool:
        task = await self._store.task(task_id)
        return task is not None and task.status is TaskStatus.DONE and task.worker_id == worker_id

    async def next_task(
        self, worker_id: str, skills: Collection[str], timeout: float, is_gone: Callable[[], bool]
    ) -> TaskMessage | None:
        """Wait up to ``timeout`` seconds for a task of one of ``skills``; ``is_gone``: nobody listens any more."""
        deadline = self._engine.clock() + min(timeout, self._settings.max_poll)
        with self._engine.pollers.waiting(skills) as poller:
            while not (self._engine.is_leaving or is_gone()):
                poller.heed()
                now = self._engine.clock()
                task = await self._store.claim_task(worker_id, skills, now=now, lease=self._settings.task_lease)
                if task is not None:
                    return await self._handed_out(task, worker_id, is_gone)
                if now >= deadline:
                    return None
                await poller.wait(min(deadline - now, LOOK_AGAIN))
        return None

    async def _handed_out(self, task: Task, worker_id: str, is_gone: Callable[[], bool]) -> TaskMessage | None:
        if is_gone():
            await self.put_back(task.id, task.skill, worker_id)
            return None
        return TaskMessage(
            job_id=task.job_id,
            task_id=task.id,
            type=task.skill,
            params=task.params,
            priority=task.priority,
            timestamp=int(self._engine.clock()),
        )

    async def put_back(self, task_id: str, skill: str, worker_id: str) -> None:
        """Return a task that could not be delivered to its place in the queue."""
        if await self._store.release_task(worker_id, task_id):
            self._engine.pollers.ring(skill)

    async def take_result(self, worker_id: str, result: TaskResult) -> ResultAnswer:
        """Record what came of a task, durably and once; the same result again is answered like the first time."""
        task = await self._store.task(result.task_id)
        now = self._engine.clock()
        outcome = TaskOutcome(result.status, result.data, _failure(result))
        retry = self._retry(task, outcome, now)
        entry = HistoryEntry(
            job_id=result.job_id,
            at=now,
            event="task_finished",
            state=await self._state(result.job_id),
            detail=_detail(result, worker_id, task, retry),
        )
        finish = TaskFinish(
            job_id=result.job_id,
            task_id=result.task_id,
            worker_id=worker_id,
            at=now,
            outcome=outcome,
            retry=retry,
            history=(entry,),
        )
        [answer] = await self._store.finish_tasks([finish])
        return self._told(answer, finish)

    async def take_event(self, worker_id: str, event: WorkerEvent) -> bool:
        """Note the progress of a task; False if the worker does not hold it. Other kinds of event change nothing."""
        task = await self._store.task(event.target_task_id or event.origin_task_id or "")
        if task is None or task.worker_id != worker_id or task.status is not TaskStatus.RUNNING:
            return False
        if event.event_type == "progress":
            self._engine.progress[task.job_id] = Progress.reported(task.id, event.payload)
        return True

    def _told(self, answer: FinishAnswer, finish: TaskFinish) -> ResultAnswer:
        match answer:
            case FinishAnswer.JOB_READY:
                self._engine.job_ready()
            case FinishAnswer.RETRIED if finish.retry is not None:
                self._engine.pollers.ring(finish.retry.skill)
            case FinishAnswer.ACCEPTED | FinishAnswer.REPEATED:
                log.debug("result of task %s: %s", finish.task_id, answer)
            case refusal:
                log.warning("result of task %s from %s is ignored: %s", finish.task_id, finish.worker_id, refusal)
                return ResultAnswer(status=AnswerStatus.IGNORED, reason=refusal)
        return ResultAnswer(status=AnswerStatus.ACCEPTED)

    async def _state(self, job_id: str) -> str:
        job = await self._store.job(job_id)
        return job.state if job else ""

    def _retry(self, task: Task | None, outcome: TaskOutcome, now: float) -> Task | None:
        if task is None or outcome.status != "failure" or task.attempt > self._settings.max_retries:
            return None
        if failure_kind(outcome.error.code if outcome.error else None) is not FailureKind.TRANSIENT:
            return None
        return Task(
            id=f"task-{uuid4()}",
            job_id=task.job_id,
            step=task.step,
            number=task.number,
            skill=task.skill,
            params=task.params,
            priority=task.priority,
            attempt=task.attempt + 1,
            enqueued_at=now,
        )


def _failure(result: TaskResult) -> Failure | None:
    return Failure(result.error.code, result.error.message, result.error.details or {}) if result.error else None


def _detail(result: TaskResult, worker_id: str, task: Task | None, retry: Task | None) -> JsonObject:
    detail: JsonObject = {"task_id": result.task_id, "worker_id": worker_id, "status": result.status}
    if task is not None:
        detail |= {"skill": task.skill, "attempt": task.attempt}
    if result.error is not None:
        detail |= {"code": result.error.code, "message": result.error.message}
    if retry is not None:
        detail["retried_as"] = retry.id
    return detail
