"""`Pollers`: who waits for tasks of which skill. One task wakes one waiter."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from fw_orchestrator.matching import suits
from fw_orchestrator.model import JsonObject, Task, TaskStatus


class Poller:
    """One waiting request: ``is_rung`` when a task may be there for it.

    ``passes_on``: nobody knows how many there are; if it gets one, the next waiter is to look too. ``offer`` is what
    its worker has registered; ``is_gone``: nobody listens any more.
    """

    def __init__(
        self,
        skills: Collection[str],
        worker_id: str = "",
        offer: JsonObject | None = None,
        is_gone: Callable[[], bool] = lambda: False,
    ) -> None:
        self.skills = frozenset(skills)
        self.worker_id = worker_id
        self.offer = offer
        self.is_gone = is_gone
        self.is_rung = False
        self.passes_on = False
        self.promised: asyncio.Future[Task | None] | None = None
        self._waiter: asyncio.Future[None] | None = None

    async def wait(self, seconds: float) -> Task | None:
        """Wait for a ring or a task; None if it is to go and look, or the time is over."""
        if not self.is_rung:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            try:
                await self._waiter
            finally:
                timer.cancel()
                self._waiter = None
        if self.promised is None:
            return None
        # Shielded: whoever writes the task down keeps the promise, though nobody may wait for it any more.
        task = await asyncio.shield(self.promised)
        self.promised = None
        if task is not None:
            self.heed()  # it was rung for what it has got now: nobody else need hear that
        return task

    def ring(self) -> None:
        """Let it go and look."""
        self.is_rung = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    @property
    def is_open(self) -> bool:
        """Whether it has looked, found nothing, and knows of nothing that has come since."""
        return self._waiter is not None and self.promised is None and not self.is_rung and not self.is_gone()

    def promise(self) -> None:
        """A task is being written down as its worker's: it gets that or, if that fails, goes and looks."""
        self.promised = asyncio.get_running_loop().create_future()

    def keep(self, task: Task | None) -> None:
        """Give it what was promised, or None if that failed."""
        if self.promised is not None:
            self.promised.set_result(task)
        self.ring()

    def heed(self) -> None:
        """Use the ring up: its receiver goes and looks. One that leaves without looking lets the next one hear it."""
        self.is_rung = False


class Pollers:
    """Waiting requests by skill, first come first served. For one event loop."""

    def __init__(self, undelivered: Callable[[Task], None] = lambda _task: None) -> None:
        self._waiting: dict[str, dict[Poller, None]] = {}
        self._undelivered = undelivered
        self._unannounced: Counter[str] = Counter()

    @contextmanager
    def waiting(
        self,
        skills: Collection[str],
        worker_id: str = "",
        offer: JsonObject | None = None,
        is_gone: Callable[[], bool] = lambda: False,
    ) -> Iterator[Poller]:
        """Be among those who are rung; a ring that came and was not used up goes to the next one.

        A task that was promised and comes too late is told to ``undelivered``.
        """
        poller = Poller(skills, worker_id, offer, is_gone)
        for skill in poller.skills:
            self._waiting.setdefault(skill, {})[poller] = None
        try:
            yield poller
        finally:
            self._leave(poller)

    def _leave(self, poller: Poller) -> None:
        for skill in poller.skills:
            queue = self._waiting[skill]
            del queue[poller]
            if not queue:
                del self._waiting[skill]
        if poller.promised is not None:
            poller.promised.add_done_callback(self._missed)
        elif poller.is_rung:
            for skill in poller.skills:
                self.ring(skill)

    def _missed(self, promised: asyncio.Future[Task | None]) -> None:
        task = None if promised.cancelled() else promised.result()
        if task is not None:
            self._undelivered(task)

    def reserve(self, task: Task) -> Poller | None:
        """Promise a task that is about to be queued to the first waiter that it suits; None if it has to queue.

        What waits already goes first: a waiter has looked, and of what is being queued the skill is noted until
        :meth:`settle`.
        """
        if not self._unannounced[task.skill]:
            for poller in self._waiting.get(task.skill, ()):
                if poller.is_open and suits(task.requirements, task.skill, poller.offer):
                    poller.promise()
                    return poller
        self._unannounced[task.skill] += 1
        return None

    def settle(self, task: Task) -> None:
        """A task for which there was no waiter has been announced, or was not queued."""
        self._unannounced[task.skill] -= 1
        if not self._unannounced[task.skill]:
            del self._unannounced[task.skill]

    def ring(self, skill: str, count: int = 1) -> None:
        """``count`` tasks of a skill are there: wake as many waiters that have not been woken yet."""
        for poller in self._waiting.get(skill, ()):
            if count < 1:
                return
            if not poller.is_rung and poller.promised is None:
                poller.ring()
                count -= 1

    def announce(self, tasks: Collection[Task]) -> None:
        """Tasks have been queued: wake one waiter for each; all of the skill if not every worker may suit."""
        queued = [task for task in tasks if task.status is TaskStatus.QUEUED]
        for skill, count in Counter(task.skill for task in queued).items():
            choosy = any(task.requirements for task in queued if task.skill == skill)
            self.ring(skill, len(self._waiting.get(skill, ())) if choosy else count)

    def pass_on(self, poller: Poller, skill: str) -> None:
        """A waiter that looked because of news found a task: the next one is to look as well."""
        if poller.passes_on:
            poller.passes_on = False
            self._spread(skill, but=poller)

    def spread_news(self) -> None:
        """There may be tasks that another process queued: one waiter of each skill looks, and passes it on."""
        for skill in self._waiting:
            self._spread(skill)

    def _spread(self, skill: str, but: Poller | None = None) -> None:
        waiting = self._waiting.get(skill, ())
        waiter = next((one for one in waiting if one is not but and not one.is_rung and one.promised is None), None)
        if waiter is not None:
            waiter.passes_on = True
            waiter.ring()

    def ring_all(self) -> None:
        """Wake everybody."""
        for queue in self._waiting.values():
            for poller in queue:
                poller.ring()

    def __len__(self) -> int:
        return len({poller for queue in self._waiting.values() for poller in queue})
