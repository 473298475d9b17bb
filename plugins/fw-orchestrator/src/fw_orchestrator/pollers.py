"""`Pollers`: who waits for tasks of which skill. One task wakes one waiter."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from fw_orchestrator.model import Task, TaskStatus


class Poller:
    """One waiting request: ``rung`` is set when a task may be there for it.

    ``passes_on``: nobody knows how many there are; if it gets one, the next waiter is to look too.
    """

    def __init__(self, skills: Collection[str]) -> None:
        self.skills = frozenset(skills)
        self.rung = asyncio.Event()
        self.passes_on = False

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring; False if none came in time."""
        try:
            async with asyncio.timeout(seconds):
                await self.rung.wait()
        except TimeoutError:
            return False
        return True

    def heed(self) -> None:
        """Use the ring up: its receiver goes and looks. One that leaves without looking lets the next one hear it."""
        self.rung.clear()


class Pollers:
    """Waiting requests by skill, first come first served. For one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[Poller, None]] = {}

    @contextmanager
    def waiting(self, skills: Collection[str]) -> Iterator[Poller]:
        """Be among those who are rung; a ring that came and was not used up goes to the next one."""
        poller = Poller(skills)
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
        if poller.rung.is_set():
            for skill in poller.skills:
                self.ring(skill)

    def ring(self, skill: str, count: int = 1) -> None:
        """``count`` tasks of a skill are there: wake as many waiters that have not been woken yet."""
        for poller in self._waiting.get(skill, ()):
            if count < 1:
                return
            if not poller.rung.is_set():
                poller.rung.set()
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
        waiter = next((one for one in waiting if one is not but and not one.rung.is_set()), None)
        if waiter is not None:
            waiter.passes_on = True
            waiter.rung.set()

    def ring_all(self) -> None:
        """Wake everybody."""
        for queue in self._waiting.values():
            for poller in queue:
                poller.rung.set()

    def __len__(self) -> int:
        return len({poller for queue in self._waiting.values() for poller in queue})
