"""The tasks of a memory store: a queue per skill, and the leases of those that run."""

from __future__ import annotations

from collections.abc import Collection
from heapq import heappop, heappush

from msgspec.structs import replace

from fw_orchestrator.model import Task, TaskOutcome, TaskStatus


class TaskSlot:
    """A task with its place in the queue. Of its entries in the heaps only the one with the latest ``stamp`` counts."""

    __slots__ = ("number", "stamp", "task")

    def __init__(self, task: Task, number: int) -> None:
        self.task = task
        self.number = number
        self.stamp = 0


Heap = list[tuple[float, int, int, TaskSlot]]


class TaskTable:
    """Tasks by id and by job; a heap of those that wait for each skill, one of those that are held."""

    def __init__(self) -> None:
        self._slots: dict[str, TaskSlot] = {}
        self._of_job: dict[str, list[TaskSlot]] = {}
        self._queues: dict[str, Heap] = {}
        self._held: Heap = []

    def get(self, task_id: str) -> Task | None:
        """A task, or None."""
        slot = self._slots.get(task_id)
        return slot.task if slot else None

    def of_job(self, job_id: str) -> list[Task]:
        """The tasks of a job in the order in which they were added."""
        return [slot.task for slot in self._of_job.get(job_id, ())]

    def add(self, task: Task) -> None:
        """Queue a task whose id is new, behind the others of its priority."""
        slot = self._slots[task.id] = TaskSlot(task, len(self._slots))
        self._of_job.setdefault(task.job_id, []).append(slot)
        self._place(slot)

    def claim(self, worker_id: str, skills: Collection[str], now: float, until: float) -> Task | None:
        """Give the first queued task of these skills to a worker."""
        queues = [queue for skill in set(skills) if (queue := self._queue(skill))]
        if not queues:
            return None
        slot = min(queues, key=lambda queue: queue[0][:2])[0][3]
        return self._change(
            replace(slot.task, status=TaskStatus.RUNNING, worker_id=worker_id, started_at=now, lease_until=until)
        )

    def held_by(self, worker_id: str, task_id: str) -> Task | None:
        """The task if that worker is running it."""
        task = self.get(task_id)
        return task if task and task.status is TaskStatus.RUNNING and task.worker_id == worker_id else None

    def renew(self, task: Task, until: float) -> None:
        """Prolong the lease of a running task."""
        self._change(replace(task, lease_until=until))

    def release(self, task: Task) -> Task:
        """Put a running task back into its old place."""
        return self._change(replace(task, status=TaskStatus.QUEUED, worker_id=None, started_at=None, lease_until=None))

    def end(self, task: Task, outcome: TaskOutcome) -> None:
        """Give a running task its outcome."""
        self._change(replace(task, status=TaskStatus.DONE, lease_until=None, outcome=outcome))

    def cancel_open(self, job_id: str) -> None:
        """End the tasks of a job that wait or run; nobody holds them any longer."""
        for task in self.of_job(job_id):
            if task.status is not TaskStatus.DONE:
                self.end(replace(task, worker_id=None), TaskOutcome(status="cancelled"))

    def expired(self, now: float) -> list[Task]:
        """Running tasks whose lease has ended, by their place in the queue; they must be released."""
        found: list[TaskSlot] = []
        while self._held and self._held[0][0] <= now:
            _, _, stamp, slot = heappop(self._held)
            if stamp == slot.stamp:
                found.append(slot)
        return [slot.task for slot in sorted(found, key=lambda slot: slot.number)]

    def _change(self, task: Task) -> Task:
        slot = self._slots[task.id]
        slot.task = task
        self._place(slot)
        return task

    def _place(self, slot: TaskSlot) -> None:
        slot.stamp += 1
        task = slot.task
        if task.status is TaskStatus.QUEUED:
            heappush(self._queues.setdefault(task.skill, []), (-task.priority, slot.number, slot.stamp, slot))
        elif task.status is TaskStatus.RUNNING and task.lease_until is not None:
            heappush(self._held, (task.lease_until, slot.number, slot.stamp, slot))

    def _queue(self, skill: str) -> Heap:
        """The queue of a skill, its head being valid."""
        queue = self._queues.get(skill, [])
        while queue and queue[0][2] != queue[0][3].stamp:
            heappop(queue)
        return queue
