"""`Desk`: what the orchestrator does for workers, whatever transport they come by."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection

import msgspec

from fw_orchestrator.engine import Engine
from fw_orchestrator.model import (
    AwaitedTask,
    Failure,
    FinishAnswer,
    HistoryEntry,
    Job,
    JsonObject,
    Task,
    TaskFinish,
    TaskOutcome,
    TaskStatus,
    WorkerRecord,
)
from fw_orchestrator.outcomes import EVENT
from fw_orchestrator.progress import Progress
from fw_orchestrator.retries import Retries
from fw_orchestrator.underway import ended
from fw_rxon import (
    AnswerStatus,
    Heartbeat,
    HeartbeatAnswer,
    Reception,
    Registration,
    ResultAnswer,
    TaskMessage,
    TaskResult,
    WorkerEvent,
    WorkerStatus,
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
        self._retries = Retries(engine.settings, engine.surroundings)
        self._offers: dict[str, JsonObject] = {}

    async def register(self, registration: Registration) -> None:
        """Add or replace a worker."""
        offer = msgspec.to_builtins(msgspec.structs.replace(registration, security=None))
        now = self._engine.surroundings.clock()
        await self._store.save_worker(
            WorkerRecord(id=registration.worker_id, registration=offer, status=WorkerStatus.IDLE, seen_at=now)
        )
        self._offers[registration.worker_id] = offer
        log.info("worker %s registered", registration.worker_id)

    async def heartbeat(self, worker_id: str, heartbeat: Heartbeat) -> HeartbeatAnswer | None:
        """Note a sign of life and prolong the leases of what the worker does; None if the worker is unknown.

        The answer lists the tasks that it should stop: those that are not its own any more.
        """
        now = self._engine.surroundings.clock()
        if not await self._is_known(worker_id, now):
            return None
        await self._store.touch_worker(worker_id, status=heartbeat.status or WorkerStatus.IDLE, now=now)
        knows_all = await self._keep_catalogue(worker_id, heartbeat, now)
        listed = heartbeat.current_tasks
        held = set(await self._store.renew_tasks(worker_id, listed, now=now, lease=self._settings.task_lease))
        lost = [task_id for task_id in listed if task_id not in held and not await self._has_ended(task_id, worker_id)]
        return HeartbeatAnswer(status=AnswerStatus.OK, cancel_task_ids=tuple(lost), require_full_sync=not knows_all)

    async def _keep_catalogue(self, worker_id: str, heartbeat: Heartbeat, now: float) -> bool:
        """Keep what a worker can do if that has changed; False if it has, and the worker does not say how."""
        offer, status = self._offers[worker_id], heartbeat.status or WorkerStatus.IDLE
        if status == WorkerStatus.OFFLINE:
            return True
        if heartbeat.supported_skills is None:
            return heartbeat.skills_hash in (None, offer.get("skills_hash"))
        skills = msgspec.to_builtins(heartbeat.supported_skills, order=None)
        changed = {**offer, "supported_skills": list(skills), "skills_hash": heartbeat.skills_hash}
        if changed != offer:
            await self._store.save_worker(WorkerRecord(id=worker_id, registration=changed, status=status, seen_at=now))
            self._offers[worker_id] = changed
        return True

    async def knows(self, worker_id: str) -> bool:
        """Whether the worker has registered and has not been silent for too long since."""
        return worker_id in self._offers or await self._is_known(worker_id, self._engine.surroundings.clock())

    async def _is_known(self, worker_id: str, now: float) -> bool:
        worker = await self._store.worker(worker_id)
        if worker is None or worker.seen_at <= now - self._settings.worker_timeout:
            self._offers.pop(worker_id, None)
            return False
        self._offers[worker_id] = worker.registration
        return True

    async def _offer(self, worker_id: str) -> JsonObject | None:
        """What a worker registered, as far as this engine has heard."""
        if worker_id not in self._offers:
            worker = await self._store.worker(worker_id)
            if worker is None:
                return None
            self._offers[worker_id] = worker.registration
        return self._offers[worker_id]

    async def _has_ended(self, task_id: str, worker_id: str) -> bool:
        """Whether the worker itself ended it, so that its result is on its way or has come."""
        task = await self._store.task(task_id)
        if task is None or task.status is not TaskStatus.DONE or task.worker_id != worker_id:
            return False
        return task.outcome is None or not task.outcome.status.startswith(EVENT)

    async def next_task(
        self, worker_id: str, skills: Collection[str], timeout: float, is_gone: Callable[[], bool]
    ) -> TaskMessage | None:
        """Wait up to ``timeout`` seconds for a task of one of ``skills``; ``is_gone``: nobody listens any more."""
        steady = self._engine.surroundings.steady  # where the clock goes back a poll must not last for hours
        deadline = steady() + min(timeout, self._settings.max_poll)
        with self._engine.pollers.waiting(skills, worker_id, is_gone=is_gone) as poller:
            while not (self._engine.is_leaving or is_gone()):
                poller.heed()
                poller.offer = offer = await self._offer(worker_id)
                now = self._engine.surroundings.clock()
                lease = self._settings.task_lease
                tasks = await self._store.claim_tasks(worker_id, skills, now=now, lease=lease, offer=offer)
                if tasks:
                    self._engine.pollers.pass_on(poller, tasks[0].skill)
                    self._engine.underway.claimed(tasks[0])
                    return await self._handed_out(tasks[0], worker_id, is_gone)
                left = deadline - steady()
                if left <= 0:
                    return None
                task = await poller.wait(min(left, LOOK_AGAIN))
                if task is not None:
                    return await self._handed_out(task, worker_id, is_gone)
        return None

    async def _handed_out(self, task: Task, worker_id: str, is_gone: Callable[[], bool]) -> TaskMessage | None:
        if is_gone():
            await self.put_back(task.id, worker_id)
            return None
        self._engine.sweeper.expect(task.result_deadline)
        known = task.requirements
        hint = {"resource_hint": known["hint"]} if "hint" in known else {}
        return TaskMessage(
            job_id=task.job_id,
            task_id=task.id,
            type=task.skill,
            params=task.params,
            priority=task.priority,
            timestamp=int(self._engine.surroundings.clock()),
            # Whole seconds: a fraction stops public workers for ever. Rounded up, so that none gives up too early.
            deadline=None if task.result_deadline is None else math.ceil(task.result_deadline),
            metadata=known.get("metadata", {}) | hint,
        )

    async def put_back(self, task_id: str, worker_id: str) -> None:
        """Return a task that could not be delivered to its place in the queue."""
        await self._engine.returns.put_back(task_id, worker_id)

    async def take_result(self, worker_id: str, result: TaskResult) -> ResultAnswer:
        """Record what came of a task, durably and once; the same result again is answered like the first time."""
        now = self._engine.surroundings.clock()
        known = self._engine.underway.pop(result.task_id, worker_id, now) if result.status == "success" else None
        if known is None or known[0].id != result.job_id:
            task = await self._store.task(result.task_id)
            job = await self._store.job(result.job_id)
        else:
            job, task = known
        outcome = TaskOutcome(result.status, result.data, _failure(result))
        retry = self._retries.after(task, outcome, now)
        detail = _detail(result, worker_id, task, retry)
        entry = HistoryEntry(
            job_id=result.job_id, at=now, event="task_finished", state=job.state if job else "", detail=detail
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
        return await self._finish(finish, job, task)

    async def _finish(self, finish: TaskFinish, job: Job | None, task: Task | None) -> ResultAnswer:
        """Record an end of a task, both as they were; if the job is ready then, this engine goes on with it."""
        engine = self._engine
        # A job of another step or definition is not this one as it will be claimed, or not for this engine.
        fits = job is not None and task is not None and job.version == task.step and finish.retry is None
        claim = engine.claim_for(job) if fits and job and job.definition in engine.definitions else None
        if job is None or task is None or claim is None:
            [answer] = await self._store.finish_tasks([finish])
            return self._told(answer, finish)
        try:
            [answer] = await self._store.finish_tasks([finish], claim=claim)
        except BaseException:
            engine.let_go(job, unsure=True)
            raise
        if answer is FinishAnswer.JOB_CLAIMED:
            engine.take_up(job, [ended(task, finish.outcome)] if isinstance(job.awaited, AwaitedTask) else None)
        else:
            engine.let_go(job, unsure=False)
        return self._told(answer, finish)

    async def take_event(self, worker_id: str, event: WorkerEvent) -> bool:
        """Note the progress of a task, or let another event move its job; False if the worker does not hold the task.

        Events that the job's handler did not name change nothing.
        """
        task = await self._store.task(event.target_task_id or event.origin_task_id or "")
        if task is None or task.worker_id != worker_id or task.status is not TaskStatus.RUNNING:
            return False
        if event.event_type == "progress":
            self._engine.progress[task.job_id] = Progress.reported(task.id, event.payload)
            return True
        job = await self._store.job(task.job_id)
        if job and isinstance(job.awaited, AwaitedTask) and event.event_type in job.awaited.event_transitions:
            outcome = TaskOutcome(EVENT + event.event_type, event.payload)
            detail: JsonObject = {"task_id": task.id, "worker_id": worker_id, "event": event.event_type}
            now = self._engine.surroundings.clock()
            entry = HistoryEntry(job_id=task.job_id, at=now, event="task_finished", state=job.state, detail=detail)
            finish = TaskFinish(
                job_id=task.job_id, task_id=task.id, worker_id=worker_id, at=now, outcome=outcome, history=(entry,)
            )
            await self._finish(finish, job, task)
            self._engine.revoke([task])
        return True

    def _told(self, answer: FinishAnswer, finish: TaskFinish) -> ResultAnswer:
        # Who goes on with the job is of no interest to who counts.
        counted = FinishAnswer.JOB_READY if answer is FinishAnswer.JOB_CLAIMED else answer
        self._engine.counted[f"results_{counted.value}"] += 1
        match answer:
            case FinishAnswer.JOB_READY:
                self._engine.job_ready()
            case FinishAnswer.RETRIED if finish.retry is not None:
                self._engine.pollers.announce([finish.retry])
                self._engine.sweeper.expect(finish.retry.not_before)
            case FinishAnswer.ACCEPTED | FinishAnswer.REPEATED | FinishAnswer.JOB_CLAIMED:
                log.debug("result of task %s: %s", finish.task_id, answer)
            case refusal:
                log.warning("result of task %s from %s is ignored: %s", finish.task_id, finish.worker_id, refusal)
                return ResultAnswer(status=AnswerStatus.IGNORED, reason=refusal)
        return ResultAnswer(status=AnswerStatus.ACCEPTED)


def reception(desk: Desk) -> Reception:
    """The desk, for workers in the same process."""
    return desk


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
