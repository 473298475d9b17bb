"""`Handing`: tasks that are written down as the work of those who wait for them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from fw_orchestrator.alarms import is_overdue
from fw_orchestrator.model import Task, TaskStatus, Transition
from fw_orchestrator.pollers import Poller, Pollers
from fw_orchestrator.store import JobStore


class Handing:
    """Gives new tasks to workers that wait, so that one write queues and claims them.

    ``tasks`` are what is to be written; then comes :meth:`done`, or :meth:`failed` if nothing was.
    """

    def __init__(self, pollers: Pollers, tasks: Sequence[Task], *, now: float, lease: float) -> None:
        self._pollers = pollers
        self._promises: list[tuple[Poller, Task]] = []
        self._queued: list[Task] = []
        self.tasks = tuple(self._placed(task, now, lease) for task in tasks)

    def _placed(self, task: Task, now: float, lease: float) -> Task:
        if task.status is not TaskStatus.QUEUED or is_overdue(task, now):
            return task
        poller = self._pollers.reserve(task)
        if poller is None:
            self._queued.append(task)
            return task
        taken = replace(
            task,
            status=TaskStatus.RUNNING,
            worker_id=poller.worker_id,
            started_at=now,
            lease_until=now + lease,
            result_deadline=None if task.result_timeout is None else now + task.result_timeout,
        )
        self._promises.append((poller, taken))
        return taken

    def done(self) -> None:
        """They have been written: whoever has been promised one gets it, and who waits is told of the others."""
        for poller, task in self._promises:
            poller.keep(task)
        self._pollers.announce(self.tasks)
        self._settle()

    def failed(self) -> None:
        """They have not: whoever has been promised one goes and looks."""
        for poller, _ in self._promises:
            poller.keep(None)
        self._settle()

    def _settle(self) -> None:
        for task in self._queued:
            self._pollers.settle(task)


async def committed(
    store: JobStore, pollers: Pollers, transition: Transition, *, now: float, lease: float
) -> tuple[bool, Transition]:
    """Commit a transition: whether it was accepted, and as what, some of its tasks being taken already."""
    if not transition.tasks:
        [accepted] = await store.commit([transition])
        return accepted, transition
    handing = Handing(pollers, transition.tasks, now=now, lease=lease)
    transition = replace(transition, tasks=handing.tasks)
    accepted = False
    try:
        [accepted] = await store.commit([transition])
    finally:
        if accepted:
            handing.done()
        else:
            handing.failed()
    return accepted, transition
