"""`App`: the face of the kernel. Declares, puts together, starts, stops; the work is done by the modules it imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from framework.declaring import Declaring
from framework.errors import BootstrapError, FailureReport, FrameworkError, ShutdownError, StartupError
from framework.inputs import Sources
from framework.messages import AppFailed, AppReady, AppStarting, AppStopping, Command, Event

if TYPE_CHECKING:
    from framework.assembly import Assembly
    from framework.config import Config
    from framework.container import Container
    from framework.discovery import Plugin
    from framework.handlers import Handler
    from framework.running import Loop

R = TypeVar("R")


class App(Declaring):
    """An application: what its author declares, plus the plugins that are on.

    ``plugins`` (names, or hooks objects) is the exact set, completed by what those require; then no configuration
    file is looked for. Without it, every installed plugin is on unless configuration or the mode says otherwise.
    ``defaults`` are settings by section that everything else overrides.
    """

    def __init__(
        self,
        name: str = "app",
        *,
        plugins: Sequence[Any] | None = None,
        defaults: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(Sources(plugins, defaults or {}))
        self.name = name
        self._assembly: Assembly | None = None
        self._loop: Loop | None = None
        self._bootstrap_arguments: dict[str, Any] = {}
        self._spent = True
        self.is_ready = False

    # --- what has been put together ---------------------------------------------------------------------------------

    @property
    def assembly(self) -> Assembly:
        """What ``bootstrap`` made. Raises :class:`BootstrapError` before it."""
        if self._assembly is None:
            raise BootstrapError(
                f"App {self.name!r} has not been bootstrapped.", remedy="Call app.bootstrap() or `async with app:`."
            )
        return self._assembly

    @property
    def config(self) -> Config:
        """The configuration; from the ``bootstrap`` hooks on."""
        return self.assembly.config

    @property
    def container(self) -> Container:
        """The container; complete after ``bootstrap``."""
        return self.assembly.container

    @property
    def mode(self) -> str:
        """The mode the application was put together for."""
        return self.assembly.mode

    @property
    def plugins(self) -> Sequence[Plugin]:
        """The plugins that are on, each after what it requires."""
        return self.assembly.selection.on

    def exposed(self, door: str) -> list[Handler]:
        """The handlers that may be reached through a door."""
        return self._registered.handlers.exposed(door)

    def compile(
        self, function: Callable[..., Any], *, given: Sequence[str] = (), marked_only: bool = False
    ) -> Callable[..., Any]:
        """See :meth:`framework.container.Container.compile`."""
        return self.container.compile(function, given=given, marked_only=marked_only)

    # --- living -----------------------------------------------------------------------------------------------------

    def bootstrap(
        self,
        *,
        mode: str | None = None,
        config: str | PathLike[str] | None = None,
        env: str | None = None,
        toggles: Sequence[str] = (),
        flags: Sequence[str] = (),
    ) -> None:
        """Read the configuration, choose plugins, let them register, check that everything fits. Starts nothing.

        ``toggles`` are ``NAME`` and ``no:NAME``; ``flags`` are ``section.key=value``. Raises :class:`ConfigError` or
        :class:`BootstrapError`.
        """
        from framework.assembly import Assembly

        if self._loop is not None:
            raise BootstrapError(f"App {self.name!r} is running.", remedy="Stop it before you bootstrap it again.")
        self._forget_plugins()
        self._bootstrap_arguments = {"mode": mode, "config": config, "env": env, "toggles": toggles, "flags": flags}
        self._assembly = assembly = Assembly(self, App, self._sources.read(config, env, toggles, flags), mode)
        try:
            for hook in ("bootstrap", "register"):
                for plugin in assembly.selection.on:
                    self._owned_by(plugin.name, assembly.registry.life(plugin.name, hook))
            assembly.complete(self._registered)
        except BaseException:
            self._assembly = None
            raise
        self._spent = False

    def _owned_by(self, owner: str, hook: Callable[[Any], Any] | None) -> None:
        if hook is not None:
            with self.acting_as(owner):
                hook(self)

    def _forget_plugins(self) -> None:
        self._assembly = None
        self._registered.forget_plugins()
        for facade in self._facades.values():
            facade.forget_plugins()

    async def start(self) -> None:
        """Start all units.

        On failure nothing is left running; raises :class:`StartupError`, after :class:`AppFailed`.
        """
        from framework.running import Loop

        if self._loop is not None:
            raise FrameworkError(f"App {self.name!r} is already running.", remedy="Stop it first.")
        if self._spent:
            self.bootstrap(**self._bootstrap_arguments)
        self._spent = True
        self._loop = Loop(self)
        self._registered.frozen = True
        try:
            await self._open("start", AppStarting())
            await self.assembly.lifecycle.start()
        except BaseException as error:
            try:
                self._log(await self.assembly.announce("error", AppFailed(error)))
            finally:
                self._left()
            raise

    async def _open(self, phase: str, event: Event) -> None:
        reports = await self.assembly.announce(phase, event)
        if reports:
            raise StartupError(reports) from reports[0].cause

    @staticmethod
    def _log(reports: Sequence[FailureReport]) -> None:
        """Tell of failures that must not hide the error that is being raised."""
        from logging import getLogger

        for report in reports:
            getLogger("framework").error("\n".join(report.lines()))

    async def ready(self) -> None:
        """Open the doors.

        If one cannot open, everything is stopped again; raises :class:`StartupError`.
        """
        loop = self._running
        try:
            await self._open("ready", AppReady())
            loop.begin_ticking()
            self.is_ready = True
        except BaseException:
            self._log(await self._wind_down(loop, "a door did not open"))
            raise

    async def stop(self, reason: str = "stop() was called") -> None:
        """Close the doors, let them drain, stop all units in reverse.

        Does nothing if the application is not running; waits if it is stopping already. Raises
        :class:`ShutdownError` when all have been tried.
        """
        if self._loop is None or await self._loop.has_stopped():
            return
        reports = await self._wind_down(self._loop, reason)
        if reports:
            raise ShutdownError(reports) from reports[0].cause

    async def _wind_down(self, loop: Loop, reason: str) -> list[FailureReport]:
        self.is_ready = False
        reports: list[FailureReport] = []
        with loop.stopping(reason):
            try:
                await loop.end_ticking()
                reports += await self.assembly.announce("stop", AppStopping(reason), backwards=True)
            finally:
                try:
                    await self.assembly.lifecycle.stop()
                except ShutdownError as error:
                    reports += error.reports
                finally:
                    self._left()
        return reports

    def _left(self) -> None:
        self._loop = None
        self._registered.frozen = False

    async def __aenter__(self) -> Self:
        await self.start()
        await self.ready()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.stop("the `async with` block ended")

    # --- messages ---------------------------------------------------------------------------------------------------

    @property
    def _running(self) -> Loop:
        if self._loop is None:
            raise FrameworkError(
                f"App {self.name!r} is not running.", remedy="Start it first, or use `async with app:`."
            )
        return self._loop

    async def dispatch(self, message: Command[R]) -> R:
        """Send a command to its handler and give back the result. Only on the App's own loop."""
        self._running.check_thread()
        return cast(R, await self.assembly.route(type(message))(message))

    async def publish(self, event: Event) -> None:
        """Run all handlers of an event; raises an ExceptionGroup of what failed, after all ran."""
        self._running.check_thread()
        await self._registered.handlers.publish(event)

    def request_stop(self, reason: str = "request_stop() was called") -> None:
        """Ask a running application to stop; may be called from any thread and from signal handlers."""
        self._running.request_stop(reason)

    async def wait_stop_requested(self) -> str:
        """Wait until somebody asks the application to stop; the reason given."""
        return await self._running.wait_stop_requested()

    def run(
        self,
        *,
        mode: str | None = None,
        config: str | PathLike[str] | None = None,
        env: str | None = None,
        log_level: str | None = None,
    ) -> None:
        """Run until a signal or ``request_stop``; then exit the process with a status if something failed.

        Called without arguments, it takes ``--mode``, ``--config``, ``--env``, ``--log-level`` and the rest of the
        options of ``fw run`` from the command line.
        """
        from framework.running import run

        run(self, mode=mode, config=config, env=env, log_level=log_level)
