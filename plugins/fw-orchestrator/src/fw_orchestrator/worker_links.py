"""`WorkerLinks`: the workers that can be spoken to without waiting for their next request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from fw_orchestrator.model import Task


class Link:
    """One worker's connection: ``orders`` are the tasks it is to stop; None ends it."""

    def __init__(self) -> None:
        self.orders: asyncio.Queue[Task | None] = asyncio.Queue()
        self.replaced = False
        self.gone = asyncio.Event()


class WorkerLinks:
    """At most one link per worker: a new one replaces the old."""

    def __init__(self) -> None:
        self._links: dict[str, Link] = {}

    @contextmanager
    def open(self, worker_id: str) -> Iterator[Link]:
        """Be the link of a worker."""
        link = Link()
        former = self._links.get(worker_id)
        if former is not None:
            former.replaced = True
            former.orders.put_nowait(None)
        self._links[worker_id] = link
        try:
            yield link
        finally:
            link.gone.set()
            if self._links.get(worker_id) is link:
                del self._links[worker_id]

    def cancel(self, task: Task) -> None:
        """Tell the worker that runs a task to stop it, if it is linked. Its next heartbeat says so too."""
        link = self._links.get(task.worker_id or "")
        if link is not None:
            link.orders.put_nowait(task)

    async def close(self) -> None:
        """End all links, and wait until they are gone."""
        links = list(self._links.values())
        for link in links:
            link.orders.put_nowait(None)
        for link in links:
            await link.gone.wait()

    def __len__(self) -> int:
        return len(self._links)
