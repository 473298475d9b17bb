"""The tasks a worker is answerable for to one orchestrator."""

import asyncio
import logging
import time

from fw_rxon import ErrorCode, TaskMessage, TaskResult
from fw_worker.bound_skill import BoundSkill
from fw_worker.capacity import Capacity
from fw_worker.catalogue import ANY, Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.context import TaskContext
from fw_worker.delivery import Delivery
from fw_worker.execution import Execution
from fw_worker.observation import Observation
from fw_worker.outcome import Outcome, StopReason, failed, stopped
from fw_worker.reports import Reports
from fw_worker.threads import SkillThreads
from fw_worker.transport import Transport

_log = logging.getLogger("fw.worker")


class Workload:
    """Runs tasks and hands in their results. A task is held from its arrival until its result has been taken."""

    def __init__(
        self,
        *,
        settings: WorkerSettings,
        catalogue: Catalogue,
        transport: Transport,
        delivery: Delivery,
        capacity: Capacity,
        threads: SkillThreads,
        closing: Closing,
        observation: Observation,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._transport = transport
        self._delivery = delivery
        self._capacity = capacity
        self._threads = threads
        self._closing = closing
        self._observation = observation
        self._held: dict[str, _Held] = {}

    @property
    def held(self) -> tuple[str, ...]:
        """Ids of all tasks that run or whose result is on its way."""
        return tuple(self._held)

    def accept(self, message: TaskMessage, group: asyncio.TaskGroup) -> None:
        """Start a task in `group`, unless it is held already: orchestrators deliver at least once."""
        if message.task_id in self._held:
            _log.info("task %s arrived once more and is already in work", message.task_id)
            return
        skill = self._catalogue.find(message.type)
        need = ANY if skill is None else skill.need
        # Taken here and not in the new task: the next poll must not find the room still free. Where several polls have
        # brought more than there is room for, the last to come wait.
        held = self._held[message.task_id] = _Held(self._capacity.take(need))
        group.create_task(self._carry_out(message, skill, held), name=f"task {message.task_id}")

    def report(self, job_id: str, task_id: str, outcome: Outcome, group: asyncio.TaskGroup) -> None:
        """Hand in the outcome of a task that cannot even be started."""
        if task_id not in self._held:
            self._held[task_id] = _Held(None)
            group.create_task(self._hand_in(self._result(job_id, task_id, outcome, 0.0)), name=f"task {task_id}")

    def stop(self, task_id: str) -> None:
        """Stop a task that runs because the orchestrator says so; one that is over or unknown is left alone."""
        held = self._held.get(task_id)
        if held is not None and held.stop(StopReason.ORCHESTRATOR):
            _log.info("task %s is cancelled by the orchestrator", task_id)

    def stop_all(self) -> None:
        """Stop everything that runs because the worker has to."""
        for held in self._held.values():
            held.stop(StopReason.DRAIN)

    async def _carry_out(self, message: TaskMessage, skill: BoundSkill | None, held: "_Held") -> None:
        need = ANY if skill is None else skill.need
        reason = await held.admitted()
        seconds = 0.0
        if reason is None:
            began = time.perf_counter()
            try:
                with self._observation.task(message, known=skill is not None) as ended:
                    outcome = await self._run(message, skill, held)
                    ended(outcome)
            finally:
                seconds = round(time.perf_counter() - began, 6)
                self._capacity.give_back(need)
        else:
            outcome = stopped(reason)
        await self._hand_in(self._result(message.job_id, message.task_id, outcome, seconds))

    async def _hand_in(self, result: TaskResult) -> None:
        self._held[result.task_id].execution = None
        try:
            await self._delivery.deliver(result)
        finally:
            del self._held[result.task_id]

    async def _run(self, message: TaskMessage, skill: BoundSkill | None, held: "_Held") -> Outcome:
        if skill is None:
            known = ", ".join(self._catalogue.names)
            return failed(ErrorCode.PERMANENT_ERROR, f"Unsupported skill: {message.type!r}; this worker has: {known}")
        allowed = (message.policy or {}).get("allowed_skills")
        if isinstance(allowed, list) and message.type not in allowed:
            return failed(ErrorCode.SECURITY_ERROR, f"The job's policy does not allow the skill {message.type!r}")
        reports = Reports(self._transport, self._settings, self._closing, message, skill)
        held.execution = Execution(skill, _context(message, reports), self._threads, self._settings.cancel_timeout)
        if held.reason is not None:
            held.execution.stop(held.reason)
        try:
            outcome = await held.execution.run(message.params or {})
            await reports.close()
        finally:
            reports.drop()
        return outcome

    def _result(self, job_id: str, task_id: str, outcome: Outcome, seconds: float) -> TaskResult:
        return TaskResult(
            job_id=job_id,
            task_id=task_id,
            worker_id=self._settings.worker_id,
            origin_worker_id=self._settings.worker_id,
            status=outcome.status,
            data=outcome.data,
            error=outcome.error,
            costs={"execution_time_seconds": seconds},
            timestamp=int(time.time()),
        )


class _Held:
    """One task: `turn` is what it waits for before it may run, `execution` its call while that goes on."""

    def __init__(self, turn: asyncio.Future[None] | None) -> None:
        self._turn = turn
        self.reason: StopReason | None = None
        """Why it is to stop, if that was said before it ran."""
        self.execution: Execution | None = None

    async def admitted(self) -> StopReason | None:
        """Wait for the turn; why there will be none, if it was stopped meanwhile."""
        if self._turn is not None:
            await asyncio.wait({self._turn})
            if self._turn.cancelled():
                return self.reason
        return None

    def stop(self, reason: StopReason) -> bool:
        """Stop it, if it waits or runs."""
        if self.execution is not None:
            self.execution.stop(reason)
            return True
        self.reason = self.reason or reason
        return self._turn is not None and self._turn.cancel()


def _context(message: TaskMessage, reports: Reports) -> TaskContext:
    return TaskContext(
        job_id=message.job_id,
        task_id=message.task_id,
        priority=message.priority,
        deadline=message.deadline,
        reports=reports,
        metadata=message.metadata,
        tracing=message.tracing_context,
    )
