"""`Loop`: an App's tie to the event loop it was started on; its ticking and its mailbox."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from framework.errors import FailureReport, FrameworkError, LateError
from framework.facade import APPLICATION
from framework.mailbox import Mailbox
from framework.messages import Event

if TYPE_CHECKING:
    from framework.app import App
    from framework.clock import FixedStep
    from framework.handlers import Handlers

log = logging.getLogger("framework")
running_loop = asyncio._get_running_loop  # noqa: SLF001 - documented; gives None elsewhere, where the other one raises


class Loop:
    """An App's tie to the event loop and thread it was started on."""

    def __init__(self, app: App, handlers: Handlers) -> None:
        self._name = app.name
        self.thread = threading.get_ident()
        # Reached without a look at the App, whose attributes are slow to find because it has a __getattr__.
        self.routes = handlers.routes
        self.route = handlers.route
        self.mailbox = Mailbox(lambda sent: app.publish(sent) if isinstance(sent, Event) else app.dispatch(sent))
        self._loop = asyncio.get_running_loop()
        self._stop_requested: asyncio.Future[str] = self._loop.create_future()
        self._ticking: asyncio.Task[None] | None = None
        self._stopper: asyncio.Task[Any] | None = None
        self._stopped = asyncio.Event()

    def check(self) -> None:
        """Raise :class:`FrameworkError` anywhere but on the App's own loop, which is in its own thread."""
        if running_loop() is not self._loop:
            raise FrameworkError(
                f"App {self._name!r} was used from thread {threading.current_thread().name!r}, outside its own loop.",
                remedy="Use it on the loop it was started on, or app.dispatch_from_thread(...) from another thread.",
            )

    def ask(self, message: object, timeout: float | None) -> Any:
        """See :meth:`framework.mailbox.Mailbox.ask`. Raises :class:`FrameworkError` on the loop, which would wait."""
        if running_loop() is self._loop:
            raise FrameworkError(
                f"App {self._name!r} would wait for itself.", remedy="On its own loop use `await app.dispatch(...)`."
            )
        return self.mailbox.ask(message, timeout)

    def request_stop(self, reason: str) -> None:
        """From any thread: let :meth:`wait_stop_requested` end."""
        self._loop.call_soon_threadsafe(self._end_waiting, reason)

    def _end_waiting(self, reason: str) -> None:
        if not self._stop_requested.done():
            self._stop_requested.set_result(reason)

    @contextmanager
    def stopping(self, reason: str) -> Iterator[None]:
        """The block in which the application stops; who waits for a request to stop need not wait any longer."""
        self._stopper = asyncio.current_task()
        self._end_waiting(reason)
        try:
            yield
        finally:
            self._stopped.set()

    async def has_stopped(self) -> bool:
        """False at once if nobody stops the application; True when it has stopped.

        True at once in the very task that is stopping it.
        """
        if self._stopper is None:
            return False
        if self._stopper is not asyncio.current_task():
            await self._stopped.wait()
        return True

    async def wait_stop_requested(self) -> str:
        """The reason given to the first :meth:`request_stop`."""
        return await asyncio.shield(self._stop_requested)

    @property
    def ticking_failed(self) -> bool:
        """Whether the clock was driven and has died."""
        task = self._ticking
        return task is not None and task.done() and not task.cancelled()

    def begin_ticking(self, clock: FixedStep) -> None:
        """Drive ``clock`` from now on. If a step raises, the application is asked to stop."""
        self._ticking = self._loop.create_task(self._tick(clock), name="fw ticking")
        self._ticking.add_done_callback(self._ticked)

    def _ticked(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            log.error("a step failed: %r", task.exception(), exc_info=task.exception())
            self._end_waiting("a step failed")

    async def _tick(self, clock: FixedStep) -> None:
        last = self._loop.time()
        while True:
            await asyncio.sleep(clock.until_next)
            now = self._loop.time()
            clock.advance(now - last)
            last = now

    async def end_ticking(self) -> list[FailureReport]:
        """Stop driving; returns when the last step is done. A report of what ended it before, if anything did."""
        task, self._ticking = self._ticking, None
        if task is None:
            return []
        task.cancel()
        await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        return [FailureReport("tick", APPLICATION, "the clock", error)] if error else []

    async def end_messages(self, seconds: float) -> list[FailureReport]:
        """Let posted messages end; a report for each that had to be cancelled."""
        late = LateError(f"It was not done within {seconds:g} s.", remedy="Raise [app] stop_timeout.")
        return [
            FailureReport("stop", APPLICATION, f"the posted {name}", late) for name in await self.mailbox.close(seconds)
        ]
