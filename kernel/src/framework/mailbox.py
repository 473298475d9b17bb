"""`Mailbox`: the messages an App carries that nobody on its loop waits for."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from framework.errors import FrameworkError

log = logging.getLogger("framework")


class MailboxClosed(FrameworkError):
    """A message came when the application was no longer taking any."""

    def __init__(self, message: object) -> None:
        super().__init__(
            f"{type(message).__name__} was not taken: the application has stopped taking messages.",
            remedy="Post while the application runs, before or in its AppStopping handlers.",
        )


class Mailbox:
    """Runs messages as tasks of the loop it is made on; ``send`` handles one."""

    def __init__(self, send: Callable[[Any], Awaitable[Any]]) -> None:
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def post(self, message: object) -> asyncio.Task[Any]:
        """Begin to handle a message; its failure is logged. Raises :class:`MailboxClosed`."""
        task = self._begin(message)
        task.add_done_callback(_tell)
        return task

    def _begin(self, message: object) -> asyncio.Task[Any]:
        if self._closed:
            raise MailboxClosed(message)
        task = self._loop.create_task(self._handled(message), name=type(message).__name__)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _handled(self, message: object) -> Any:
        return await self._send(message)

    def ask(self, message: object, timeout: float | None) -> Any:
        """From another thread: wait for the result of a message, ``timeout`` seconds at most, then cancel it.

        Raises what its handler raises, TimeoutError, or :class:`MailboxClosed`.
        """
        answer: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise MailboxClosed(message)
            self._loop.call_soon_threadsafe(self._take, message, answer)
        try:
            return answer.result(timeout)
        except TimeoutError:
            answer.cancel()
            raise

    def _take(self, message: object, answer: Future[Any]) -> None:
        if answer.cancelled():
            return
        try:
            task = self._begin(message)
        except MailboxClosed as error:
            answer.set_exception(error)
            return
        task.add_done_callback(partial(_answer, answer, message))
        answer.add_done_callback(partial(self._give_up, task))

    def _give_up(self, task: asyncio.Task[Any], answer: Future[Any]) -> None:
        if answer.cancelled():
            with suppress(RuntimeError):  # the loop is closed, and the task with it
                self._loop.call_soon_threadsafe(task.cancel)

    async def close(self, seconds: float, *, drain: bool = True) -> list[str]:
        """Take no more; wait for what is under way, then cancel it. The names of the messages cancelled.

        Each of the two waits takes ``seconds`` at most.
        """
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds if drain else 0):
                    while waiting := self._others():
                        await asyncio.wait(waiting)
        finally:
            with self._lock:
                self._closed = True
            left = self._others()
            for task in left:
                task.cancel()
        # What other threads handed over before that is refused now, and not left without an answer.
        await asyncio.sleep(0)
        if left:
            await asyncio.wait(left, timeout=seconds)
        return sorted(task.get_name() for task in left)

    def _others(self) -> set[asyncio.Task[Any]]:
        """The tasks under way but the one that is asking, which may be stopping the application."""
        return self._tasks - {asyncio.current_task()}


def _tell(task: asyncio.Task[Any]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.error("%s was posted and failed: %r", task.get_name(), error, exc_info=error)


def _answer(answer: Future[Any], message: object, task: asyncio.Task[Any]) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    if task.cancelled():
        answer.set_exception(MailboxClosed(message))
    elif error := task.exception():
        answer.set_exception(error)
    else:
        answer.set_result(task.result())
