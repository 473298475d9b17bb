"""`Returns`: tasks that could not be delivered go back to their places."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fw_orchestrator.model import Task
from fw_orchestrator.pollers import Pollers
from fw_orchestrator.setbacks import setback
from fw_orchestrator.store import JobStore


class Returns:
    """Puts tasks back into the store, and tells ``pollers``; ``spawn`` does something aside, under a name."""

    def __init__(self, store: JobStore, spawn: Callable[[Coroutine[Any, Any, None], str], None]) -> None:
        self.pollers = Pollers(self._undelivered)
        self._store = store
        self._spawn = spawn

    async def put_back(self, task_id: str, worker_id: str) -> None:
        """Return a task that could not be delivered to its place in the queue."""
        if await self._store.release_task(worker_id, task_id):
            task = await self._store.task(task_id)
            self.pollers.announce([task] if task else [])

    def _undelivered(self, task: Task) -> None:
        self._spawn(self._return(task), f"task {task.id} is put back")

    async def _return(self, task: Task) -> None:
        try:
            await self.put_back(task.id, task.worker_id or "")
        except Exception as error:  # noqa: BLE001 - it is logged
            setback(error, "task %s could not be put back; it is queued again when its lease ends", task.id)
