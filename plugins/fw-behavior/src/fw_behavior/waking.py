"""Event-driven runs: a tree is ticked when a key that it reads, a timer or an async action says that something
changed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from fw_behavior.status import RUNNING, Status
from fw_behavior.tree import BehaviorTree


class Alarm:
    """Knows whether a tree is due. Used by :func:`run`, and by those who have a loop of their own: ask ``due``, then
    ``tick``.

    Where a condition, script or score does not say what it reads, every change of the blackboard counts.
    """

    def __init__(self, tree: BehaviorTree) -> None:
        self.tree = tree
        self._changed = True
        self._forget: list[Callable[[], None]] = []
        self._watched: object = None
        self._wake = tree.changed

    def open(self) -> None:
        """Observe the keys that the tree reads."""
        self.close()
        self._watched = self.tree.plan
        keys: Iterable[str | None] = (None,) if self.tree.plan.reads is None else sorted(self.tree.plan.reads)
        self._forget = [self.tree.blackboard.observe(key, self._note) for key in keys]

    def close(self) -> None:
        """Observe nothing."""
        for forget in self._forget:
            forget()
        self._forget = []

    def _note(self, key: str, value: object) -> None:
        del key, value
        self._changed = True
        self._wake.set()

    def due(self, now: float) -> bool:
        """Whether something changed since the last tick, or a timer has run out."""
        if self._changed or self._wake.is_set():
            return True
        timer = self.tree.due
        return timer is not None and timer <= now

    def tick(self, now: float | None = None) -> Status:
        """Tick the tree. What it writes itself to keys that it reads makes it due again."""
        if self._watched is not self.tree.plan:
            self.open()
        self._changed = False
        self._wake.clear()
        self.tree.machine.again = False
        return self.tree.tick(now)


@contextmanager
def alarmed(tree: BehaviorTree) -> Iterator[Alarm]:
    """An open alarm."""
    alarm = Alarm(tree)
    alarm.open()
    try:
        yield alarm
    finally:
        alarm.close()


async def run(tree: BehaviorTree, *, forever: bool = False, poll: float = 0.02) -> Status:
    """Tick ``tree`` whenever it is due, until it is not running any more; its status. ``forever``: until cancelled,
    then it
    waits for the next change. In the end it is halted, and its cancelled actions have ended.

    ``poll`` is the pause in seconds while something runs that has not said what it waits for: an action that gives
    RUNNING and has no ``reads``, an endless Repeat.
    """
    with alarmed(tree) as alarm:
        try:
            while True:
                status = alarm.tick()
                if status is not RUNNING and not forever:
                    return status
                await _next(tree, alarm, poll)
        finally:
            await tree.aclose()


async def _next(tree: BehaviorTree, alarm: Alarm, poll: float) -> None:
    """Wait until the tree is due."""
    waits = [poll] if tree.polling else []
    if (timer := tree.due) is not None:
        waits.append(max(timer - tree.clock(), 0.0))
    if alarm.due(tree.blackboard.now):
        await asyncio.sleep(0)
        return
    try:
        async with asyncio.timeout(min(waits, default=None)):
            await tree.changed.wait()
    except TimeoutError:
        return
