"""Running an App: its loop and thread, signals, the ticking task, and the way out of the process."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from typing import TYPE_CHECKING, Any

from framework.calls import GuardedCalls
from framework.clock import FixedStep
from framework.errors import EXIT_FORCED, FrameworkError

if TYPE_CHECKING:
    from framework.app import App
    from framework.options import RunOptions

log = logging.getLogger("framework")


class Loop:
    """An App's tie to the event loop and thread it was started on."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._stop_requested: asyncio.Future[str] = self._loop.create_future()
        self._ticking: asyncio.Task[None] | None = None
        self._stopper: asyncio.Task[Any] | None = None
        self._stopped = asyncio.Event()

    def check_thread(self) -> None:
        """Raise :class:`FrameworkError` on another thread than the App's."""
        if threading.get_ident() != self._thread:
            raise FrameworkError(
                f"App {self._app.name!r} was used from thread {threading.current_thread().name!r}.",
                remedy="Use it on the thread and loop it was started on, or asyncio.run_coroutine_threadsafe.",
            )

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

    def begin_ticking(self) -> None:
        """Drive ``tick`` and ``render`` from now on, if anyone implements them."""
        registry, settings = self._app.assembly.registry, self._app.assembly.settings
        tick = GuardedCalls("tick", registry.hot("tick", ("app", "dt")))
        render = GuardedCalls("render", registry.hot("render", ("app", "frame")))
        if len(tick) or len(render):
            self._ticking = self._loop.create_task(
                self._tick(FixedStep(settings.tick_rate), tick, render), name="fw ticking"
            )

    async def _tick(self, clock: FixedStep, tick: GuardedCalls, render: GuardedCalls) -> None:
        app, last = self._app, self._loop.time()
        while True:
            await asyncio.sleep(clock.until_next)
            now = self._loop.time()
            frame = clock.advance(now - last, lambda dt: tick(app, dt))
            last = now
            render(app, frame)

    async def end_ticking(self) -> None:
        """Stop driving; returns when the last step is done."""
        if self._ticking is not None:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None


def run(
    app: App,
    *,
    mode: str | None = None,
    config: str | PathLike[str] | None = None,
    env: str | None = None,
    log_level: str | None = None,
) -> None:
    """See :meth:`framework.app.App.run`."""
    from framework.options import RunOptions, parse_run

    if mode is config is env is log_level is None:
        options = parse_run(sys.argv[1:], with_target=False)
    else:
        options = RunOptions(
            mode=mode, config=os.fspath(config) if config else None, env=env, log_level=log_level or "info"
        )
    status = execute(app, options)
    if status:
        sys.exit(status)


def execute(app: App, options: RunOptions) -> int:
    """Bootstrap, start, wait, stop; the exit status. Errors of the framework become a message on stderr."""
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    try:
        app.bootstrap(
            mode=options.mode, config=options.config, env=options.env, toggles=options.toggles, flags=options.flags
        )
        with asyncio.Runner() as runner:
            return runner.run(_live(app))
    except FrameworkError as error:
        print(f"fw: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("fw: stopped before it was ready, or forced to stop", file=sys.stderr)
        return EXIT_FORCED


async def _live(app: App) -> int:
    with _Signals(app):
        await app.start()
        await app.ready()
        log.info("%s is ready (mode %s; Ctrl-C stops it)", app.name, app.mode)
        reason = await app.wait_stop_requested()
        log.info("%s is stopping: %s", app.name, reason)
        await app.stop(reason)
    return 0


class _Signals:
    """What SIGINT and SIGTERM do.

    The first asks a started App to stop and cancels one that is starting; the second cancels; the third exits.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._count = 0

    def __enter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
                signal.signal(number, lambda got, _: self._loop.call_soon_threadsafe(self._receive, got))
            else:
                self._loop.add_signal_handler(number, self._receive, number)

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            if sys.platform == "win32":
                signal.signal(number, signal.SIG_DFL)
            else:
                self._loop.remove_signal_handler(number)

    def _receive(self, number: int) -> None:
        self._count += 1
        name = signal.Signals(number).name
        if self._count == 1 and self._app.is_ready:
            self._app.request_stop(name)
        elif self._count <= 2 and self._task is not None:
            log.warning("%s: stopping at once", name)
            self._task.cancel()
        else:
            os._exit(EXIT_FORCED)
