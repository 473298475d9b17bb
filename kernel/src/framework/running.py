"""Running an App as a program: its event loop, signals, and the way out of the process."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from os import PathLike
from typing import TYPE_CHECKING

from framework.errors import EXIT_FORCED, FrameworkError
from framework.loop import running_loop
from framework.modes import COMMAND_MODE

if TYPE_CHECKING:
    from framework.app import App
    from framework.options import RunOptions

log = logging.getLogger("framework")


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

    if running_loop() is not None:
        raise FrameworkError(
            f"App {app.name!r} cannot be run inside an event loop that runs already.", remedy="Use `async with app:`."
        )
    if mode is config is env is log_level is None:
        options = parse_run(sys.argv[1:], with_target=False)
    else:
        options = RunOptions(mode=mode, config=os.fspath(config) if config else None, env=env, log_level=log_level)
    status = execute(app, options)
    if status:
        sys.exit(status)


def execute(app: App, options: RunOptions) -> int:
    """Bootstrap, start, wait, stop; the exit status. Errors of the framework become a message on stderr."""
    app.log_level = options.log_level
    level = (options.log_level or "info").upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    collector = _Collector()
    try:
        app.bootstrap(
            mode=options.mode, config=options.config, env=options.env, toggles=options.toggles, flags=options.flags
        )
        with asyncio.Runner(loop_factory=app.loop_factory) as runner:
            return runner.run(_live(app, collector))
    except FrameworkError as error:
        print(f"fw: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("fw: stopped before it was ready, or forced to stop", file=sys.stderr)
        return EXIT_FORCED
    finally:
        collector.give_back()


async def _live(app: App, collector: _Collector) -> int:
    with _Signals(app):
        await app.start()
        collector.settle()
        await app.ready()
        if app.mode == COMMAND_MODE:
            reason = "its command is done"
        else:
            log.info("%s is ready (mode %s; Ctrl-C stops it)", app.name, app.mode)
            reason = await app.wait_stop_requested()
        log.info("%s is stopping: %s", app.name, reason)
        await app.stop(reason)
    return 0


class _Collector:
    """Python's garbage collector while the application starts: off, since nearly all that is made then stays.

    A collector that somebody else has switched off stays off.
    """

    def __init__(self) -> None:
        self._was_on = gc.isenabled()
        self._frozen = False
        gc.disable()

    def settle(self) -> None:
        """All units are up: collect from now on, without looking at what the application is made of."""
        gc.freeze()
        self._frozen = True
        if self._was_on:
            gc.enable()

    def give_back(self) -> None:
        """Leave it as it was found; the application has ended."""
        if self._frozen:
            gc.unfreeze()
        if self._was_on:
            gc.enable()


class _Signals:
    """What SIGINT and SIGTERM do.

    The first asks a started App to stop and cancels one that is starting; the second cancels; the third exits, also if
    the loop is held up, say by a function that never returns, and has not noticed any of them.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._count = 0
        self._heard = 0

    def __enter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
                signal.signal(number, lambda got, _: self._loop.call_soon_threadsafe(self._receive, got))
            else:
                self._loop.add_signal_handler(number, self._receive, number)
                signal.signal(number, self._hear)  # in the place of one that does nothing

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            if sys.platform == "win32":
                signal.signal(number, signal.SIG_DFL)
            else:
                self._loop.remove_signal_handler(number)

    def _hear(self, number: int, _frame: object) -> None:
        """Called wherever the program is; the loop calls :meth:`_receive` when it has its turn."""
        self._heard += 1
        if self._heard - self._count > 2:
            os.write(2, b"fw: the event loop is held up and cannot stop; ended at once\n")
            os._exit(EXIT_FORCED)

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
