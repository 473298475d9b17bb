"""The tasks a worker is answerable for to one orchestrator."""

import asyncio
import logging
import time
from collections.abc import Callable

from fw_rxon import ErrorCode, TaskMessage, TaskResult
from fw_worker.config import WorkerSettings
from fw_worker.context import TaskContext
from fw_worker.delivery import Delivery
from fw_worker.execution import Execution
from fw_worker.outcome import Outcome, StopReason, failed
from fw_worker.progress import ProgressReports
from fw_worker.skill import Catalogue
from fw_worker.slots import Slots
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
        slots: Slots,
        threads: SkillThreads,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._transport = transport
        self._delivery = delivery
        self._slots = slots
        self._threads = threads
        self._held: dict[str, Execution | None] = {}

    @property
    def held(self) -> tuple[str, ...]:
        """Ids of all tasks that run or whose result is on its way."""
        return tuple(self._held)

    def accept(self, message: TaskMessage, group: asyncio.TaskGroup) -> None:
        """Start a task in `group`, unless it is held already: orchestrators deliver at least once."""
        if message.task_id in self._held:
            _log.info("task %s arrived once more and is already in work", message.task_id)
            return
        self._held[message.task_id] = None
        # Taken here and not in the new task: the next poll must not find the slot still free.
        self._slots.take()
        group.create_task(self._carry_out(message), name=f"task {message.task_id}")

    def report(self, job_id: str, task_id: str, outcome: Outcome, group: asyncio.TaskGroup) -> None:
        """Hand in the outcome of a task that cannot even be started."""
        if task_id not in self._held:
            self._held[task_id] = None
            group.create_task(self._hand_in(self._result(job_id, task_id, outcome, 0.0)), name=f"task {task_id}")

    def stop(self, task_id: str) -> None:
        """Stop a task that runs because the orchestrator says so; one that is over or unknown is left alone."""
        execution = self._held.get(task_id)
        if execution is not None:
            _log.info("task %s is cancelled by the orchestrator", task_id)
            execution.stop(StopReason.ORCHESTRATOR)

    def stop_all(self) -> None:
        """Stop everything that runs because the worker has to."""
        for execution in self._held.values():
            if execution is not None:
                execution.stop(StopReason.DRAIN)

    async def _carry_out(self, message: TaskMessage) -> None:
        began = time.perf_counter()
        try:
            outcome = await self._run(message)
        finally:
            self._slots.give_back()
        seconds = round(time.perf_counter() - began, 6)
        await self._hand_in(self._result(message.job_id, message.task_id, outcome, seconds))

    async def _hand_in(self, result: TaskResult) -> None:
        self._held[result.task_id] = None
        try:
            await self._delivery.deliver(result)
        finally:
            del self._held[result.task_id]

    async def _run(self, message: TaskMessage) -> Outcome:
        skill = self._catalogue.find(message.type)
        if skill is None:
            known = ", ".join(self._catalogue.names)
            return failed(ErrorCode.PERMANENT_ERROR, f"Unsupported skill: {message.type!r}; this worker has: {known}")
        reports = ProgressReports(self._transport, self._settings.worker_id, message)
        execution = Execution(skill, _context(message, reports.put), self._threads, self._settings.cancel_timeout)
        self._held[message.task_id] = execution
        async with asyncio.TaskGroup() as group:
            group.create_task(reports.run(), name=f"progress {message.task_id}")
            outcome = await execution.run(message.params or {})
            reports.close()
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


def _context(message: TaskMessage, report: Callable[[float, str], None]) -> TaskContext:
    return TaskContext(
        job_id=message.job_id,
        task_id=message.task_id,
        priority=message.priority,
        deadline=message.deadline,
        report=report,
    )
