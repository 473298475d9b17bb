"""`Underway`: what this engine remembers of jobs that wait for one task, so that it need not read it again."""

from __future__ import annotations

from msgspec.structs import replace

from fw_orchestrator.model import Job, Task, TaskOutcome, TaskStatus


class Underway:
    """Jobs as their transition has made them, with the task that each waits for; the oldest is forgotten first.

    Memory only spares reading: what is done with it passes the fences of the store. At most ``most`` are remembered.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: dict[str, tuple[Job, Task]] = {}

    def add(self, job: Job, task: Task) -> None:
        """Remember a job that has been written, and its task."""
        if len(self._found) >= self._most:
            del self._found[next(iter(self._found))]
        self._found[task.id] = job, task

    def claimed(self, task: Task) -> None:
        """A task is in the hands of its worker now."""
        if task.id in self._found:
            self._found[task.id] = self._found[task.id][0], task

    def pop(self, task_id: str, worker_id: str, now: float) -> tuple[Job, Task] | None:
        """The job and the task that a worker has ended; None if anybody else may have had it since."""
        found = self._found.pop(task_id, None)
        if found is None:
            return None
        _, task = found
        is_held = task.status is TaskStatus.RUNNING and task.worker_id == worker_id
        return found if is_held and task.lease_until is not None and now < task.lease_until else None


def ended(task: Task, outcome: TaskOutcome) -> Task:
    """A task as its accepted end has made it."""
    return replace(task, status=TaskStatus.DONE, lease_until=None, outcome=outcome)
