"""`App`: the face of the kernel. Declares, puts together, starts, stops; the work is done by the modules it imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from framework.errors import BootstrapError, FailureReport, FrameworkError, ShutdownError, StartupError
from framework.inputs import Sources
from framework.messages import AppFailed, AppReady, AppRolledBack, AppStarting, AppStopping, Event
from framework.messaging import Messaging

if TYPE_CHECKING:
    from framework.health import Health
    from framework.loop import Loop


class App(Messaging):
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
        super().__init__(name, Sources(plugins, defaults or {}))
        self._bootstrap_arguments: dict[str, Any] = {}
        self.failed: dict[str, FailureReport] = {}
        """The plugins that the application does without because they failed; see ``[plugins] policy``."""
        self.is_ready = False
        self.log_level: str | None = None
        """The least level logged, as ``--log-level`` or a program that embeds the App says; wins over any setting."""

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
        if self._loop is not None:
            raise BootstrapError(f"App {self.name!r} is running.", remedy="Stop it before you bootstrap it again.")
        self._bootstrap_arguments = {"mode": mode, "config": config, "env": env, "toggles": toggles, "flags": flags}
        self._assembly = None
        self._inputs = self.sources.read(config, env, toggles, flags)
        self.failed = {}
        self._build()

    def _build(self) -> None:
        """Put everything together, without the plugins that have failed; once more if another one fails that may."""
        from framework.assembly import Assembly
        from framework.degrading import blaming, remember

        self._registered.end()
        self.forget_plugins()
        inputs = self._inputs
        try:
            self._assembly = Assembly(self, App, inputs, self._bootstrap_arguments["mode"], self.failed)
            for hook in ("bootstrap", "register"):
                for plugin in self._assembly.selection.on:
                    life = self._assembly.registry.life(plugin.name, hook)
                    if life is not None:
                        with blaming(plugin, hook), self.acting_as(plugin.name):
                            life(self)
                    if hook == "bootstrap":
                        self._assembly.bootstrapped(plugin.name)
            self._assembly.complete(self._registered)
        except BaseException as error:
            self._assembly = None
            self.forget_plugins()
            if not remember(self.failed, error, inputs):
                self._registered.end()
                raise
            self._build()
        self._spent = False

    async def start(self) -> None:
        """Start all units.

        On failure nothing is left running; raises :class:`StartupError`, after :class:`AppFailed`. Where the policy
        is to degrade, the application is put together without the plugins that failed, and started once more.
        """
        from framework.degrading import log_reports, log_start, remember
        from framework.loop import Loop

        if self._loop is not None:
            raise FrameworkError(f"App {self.name!r} is already running.", remedy="Stop it first.")
        if self._spent:
            self.bootstrap(**self._bootstrap_arguments)
        self._spent = True
        self._loop = Loop(self, self._registered.handlers)
        self._registered.frozen = True
        log_start(self)
        try:
            await self._open("start", AppStarting())
            await self.assembly.lifecycle.start()
        except BaseException as error:
            again = remember(self.failed, error, self._inputs)
            try:
                await self._loop.mailbox.close(self.assembly.settings.stop_timeout, drain=False)
                if not again:
                    await self._undone(error)
            finally:
                self._left()
                try:
                    log_reports(await self.assembly.close())
                finally:
                    self._registered.end()
            if again:
                self._build()
                return await self.start()
            raise

    async def _undone(self, error: BaseException) -> None:
        """Announce that a start failed and was rolled back."""
        from framework.degrading import log_reports

        reports = error.reports if isinstance(error, StartupError) else ()
        log_reports(await self.assembly.announce("rollback", AppRolledBack(reports)))
        log_reports(await self.assembly.announce("error", AppFailed(error)))

    async def _open(self, phase: str, event: Event) -> None:
        reports = await self.assembly.announce(phase, event)
        if reports:
            raise StartupError(reports) from reports[0].cause

    async def ready(self) -> None:
        """Open the doors.

        If one cannot open, everything is stopped again; raises :class:`StartupError`.
        """
        loop = self._running
        try:
            await self._open("ready", AppReady())
            if any(len(calls) for calls in self.calls.values()) and self.clock.pace != "manual":
                loop.begin_ticking(self.clock)
            self.is_ready = True
        except BaseException as error:
            from framework.degrading import log_reports

            try:
                log_reports(await self._wind_down(loop, "a door did not open"))
                await self._undone(error)
            finally:
                self._registered.end()
            raise

    async def stop(self, reason: str = "stop() was called") -> None:
        """Close the doors, let them drain, stop all units in reverse.

        Does nothing if the application is not running; waits if it is stopping already. Raises
        :class:`ShutdownError` when all have been tried.
        """
        if self._loop is None or await self._loop.has_stopped():
            return
        try:
            reports = await self._wind_down(self._loop, reason)
        finally:
            self._registered.end()
        if reports:
            raise ShutdownError(reports) from reports[0].cause

    async def _wind_down(self, loop: Loop, reason: str) -> list[FailureReport]:
        self.is_ready = False
        reports: list[FailureReport] = []
        with loop.stopping(reason):
            try:
                reports += await loop.end_ticking()
                reports += await self.assembly.announce("stop", AppStopping(reason), backwards=True)
                reports += await loop.end_messages(self.assembly.settings.stop_timeout)
            finally:
                try:
                    await self.assembly.lifecycle.stop()
                except ShutdownError as error:
                    reports += error.reports
                finally:
                    self._left()
                    reports += await self.assembly.close()
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

    async def health(self, *, checks: bool = True) -> Health:
        """How the application is; asks the ``health()`` of every component that has come up, unless told not to."""
        from framework.health import Health, illnesses

        if self._loop is None:
            return Health()
        lifecycle = self.assembly.lifecycle
        asked = lifecycle.checks() if checks else ()
        ill = await illnesses(asked, seconds=self.assembly.settings.health_timeout)
        return Health(not self._loop.ticking_failed, lifecycle.is_up, self.is_ready and not ill, ill)

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

        In mode ``cli`` it stops when the handlers of ``AppReady`` are done: they are the command.

        Called without arguments, it takes ``--mode``, ``--config``, ``--env``, ``--log-level`` and the rest of the
        options of ``fw run`` from the command line.
        """
        from framework.running import run

        run(self, mode=mode, config=config, env=env, log_level=log_level)
