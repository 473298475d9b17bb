"""`begin`: work that is begun where it is found, and is a task of its own only if it has to wait."""

from __future__ import annotations

from asyncio import CancelledError, TaskGroup
from collections.abc import Coroutine, Generator
from contextvars import copy_context
from functools import partial
from types import coroutine
from typing import Any

Work = Coroutine[Any, Any, None]


def begin(work: Work, group: TaskGroup, name: str, *, at_once: bool) -> None:
    """Do something as a task of ``group``; ``at_once``: begin here, with a task only for what is left when it waits.

    Until it waits for the first time it runs in the task of the caller then: it must not care which task that is. It
    has a context of its own from the beginning.
    """
    if not at_once:
        group.create_task(work, name=name)
        return
    context = copy_context()
    try:
        waits_for = context.run(work.send, None)
    except (StopIteration, CancelledError):  # a task that cancels itself ends, too, and nobody else with it
        return
    group.create_task(_rest(work, waits_for), name=name, context=context)


async def _rest(work: Work, waits_for: Any) -> None:
    await _resumed(work, waits_for)


@coroutine
def _resumed(work: Work, waits_for: Any) -> Generator[Any, Any, None]:
    while True:
        try:
            sent = yield waits_for
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the work's to handle
            go_on = partial(work.throw, error)
        else:
            go_on = partial(work.send, sent)
        try:
            waits_for = go_on()
        except StopIteration:
            return
