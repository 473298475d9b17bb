"""The tasks of a memory store: a queue per skill, and what time will do to each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from heapq import heappop, heappush

from msgspec import Struct
from msgspec.structs import replace

from fw_orchestrator.alarms import Verdict, alarm, is_overdue, verdict
from fw_orchestrator.matching import suits
from fw_orchestrator.model import JsonObject, Sweep, Task, TaskOutcome, TaskStatus


class TaskSlot(Struct, gc=False):
    """A task with its place in the queue. Of its entries in the heaps only the one with the latest ``stamp`` counts."""

    task: Task
    number: int
    stamp: int = 0


Heap = list[tuple[float, int, int, TaskSlot]]


class TaskTable:
    """Tasks by id and by job; a heap of those that wait for each skill, one of the alarms of all."""

    def __init__(self) -> None:
        self._slots: dict[str, TaskSlot] = {}
        self._of_job: dict[str, list[TaskSlot]] = {}
        self._queues: dict[str, Heap] = {}
        self._alarms: Heap = []
        self._number = 0

    def get(self, task_id: str) -> Task | None:
        """A task, or None."""
        slot = self._slots.get(task_id)
        return slot.task if slot else None

    def of_job(self, job_id: str) -> list[Task]:
        """The tasks of a job in the order in which they were added."""
        return [slot.task for slot in self._of_job.get(job_id, ())]

    def add(self, task: Task) -> None:
        """Keep a task whose id is new; it queues behind the others of its priority."""
        self._number += 1
        slot = self._slots[task.id] = TaskSlot(task, self._number)
        self._of_job.setdefault(task.job_id, []).append(slot)
        self._place(slot)

    def forget(self, job_id: str) -> None:
        """Delete the tasks of a job."""
        for slot in self._of_job.pop(job_id, ()):
            slot.stamp += 1
            del self._slots[slot.task.id]

    def claim(
        self, worker_id: str, skills: Collection[str], now: float, until: float, limit: int, offer: JsonObject | None
    ) -> list[Task]:
        """Give the first queued tasks of these skills that suit the worker to it."""
        taken: list[TaskSlot] = []
        left: list[TaskSlot] = []
        for slot in self._waiting(skills) if limit > 0 else ():
            task = slot.task
            fits = suits(task.requirements, task.skill, offer) and not is_overdue(task, now)
            (taken if fits else left).append(slot)
            if len(taken) == limit:
                break
        for slot in left:
            self._queue_up(slot)
        return [self._change(self._started(slot.task, worker_id, now, until)) for slot in taken]

    def _started(self, task: Task, worker_id: str, now: float, until: float) -> Task:
        deadline = None if task.result_timeout is None else now + task.result_timeout
        return replace(
            task,
            status=TaskStatus.RUNNING,
            worker_id=worker_id,
            started_at=now,
            lease_until=until,
            result_deadline=deadline,
        )

    def _waiting(self, skills: Collection[str]) -> Iterator[TaskSlot]:
        """Queued tasks by priority and place; each leaves its queue as it is given."""
        while queues := [queue for skill in dict.fromkeys(skills) if (queue := self._queue(skill))]:
            yield heappop(min(queues, key=lambda queue: queue[0][:2]))[3]

    def held_by(self, worker_id: str, task_id: str) -> Task | None:
        """The task if that worker is running it."""
        task = self.get(task_id)
        return task if task and task.status is TaskStatus.RUNNING and task.worker_id == worker_id else None

    def renew(self, task: Task, until: float) -> None:
        """Prolong the lease of a running task."""
        self._change(replace(task, lease_until=until))

    def release(self, task: Task, *, lost: bool = False) -> Task:
        """Put a running task back into its old place."""
        attempt = task.attempt + lost
        free = replace(task, worker_id=None, started_at=None, lease_until=None, result_deadline=None)
        return self._change(replace(free, status=TaskStatus.QUEUED, attempt=attempt))

    def end(self, task: Task, outcome: TaskOutcome) -> None:
        """Give a task its outcome."""
        self._change(replace(task, status=TaskStatus.DONE, lease_until=None, outcome=outcome))

    def sweep(self, now: float, max_attempts: int, limit: int) -> Sweep:
        """Do what time demands."""
        due: list[TaskSlot] = []
        while self._alarms and len(due) < limit and self._alarms[0][0] <= now:
            _, _, stamp, slot = heappop(self._alarms)
            if stamp == slot.stamp:
                due.append(slot)
        queued: list[Task] = []
        lost: list[str] = []
        overdue: list[Task] = []
        for slot in sorted(due, key=lambda slot: slot.number):
            match verdict(slot.task, now, max_attempts):
                case Verdict.QUEUE:
                    queued.append(self._change(replace(slot.task, status=TaskStatus.QUEUED, not_before=None)))
                case Verdict.LOST:
                    queued.append(self.release(slot.task, lost=True))
                    lost.append(slot.task.id)
                case Verdict.OVERDUE:
                    overdue.append(slot.task)
                    self._set_alarm(slot)
        next_at = self._next_alarm(now)
        return Sweep(queued=tuple(queued), lost=frozenset(lost), overdue=tuple(overdue), next_at=next_at)

    def _next_alarm(self, now: float) -> float | None:
        """The first alarm that has not gone off."""
        past: Heap = []
        while self._alarms and (self._alarms[0][0] <= now or self._alarms[0][2] != self._alarms[0][3].stamp):
            entry = heappop(self._alarms)
            if entry[2] == entry[3].stamp:
                past.append(entry)
        found = self._alarms[0][0] if self._alarms else None
        for entry in past:
            heappush(self._alarms, entry)
        return found

    def _change(self, task: Task) -> Task:
        slot = self._slots[task.id]
        slot.task = task
        self._place(slot)
        return task

    def _place(self, slot: TaskSlot) -> None:
        slot.stamp += 1
        if slot.task.status is TaskStatus.QUEUED:
            self._queue_up(slot)
        self._set_alarm(slot)

    def _queue_up(self, slot: TaskSlot) -> None:
        queue = self._queues.setdefault(slot.task.skill, [])
        heappush(queue, (-slot.task.priority, slot.number, slot.stamp, slot))

    def _set_alarm(self, slot: TaskSlot) -> None:
        at = alarm(slot.task)
        if at is not None:
            heappush(self._alarms, (at, slot.number, slot.stamp, slot))

    def _queue(self, skill: str) -> Heap:
        """The queue of a skill, its head being valid."""
        queue = self._queues.get(skill, [])
        while queue and queue[0][2] != queue[0][3].stamp:
            heappop(queue)
        return queue
