"""`Assembly`: one bootstrap's result. Which plugins, which settings, which container, which units."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from framework.calls import GuardedCalls
from framework.choosing import Chooser
from framework.clock import FixedStep
from framework.config import KERNEL_SECTIONS, AppSettings, Config
from framework.container import BuiltinContainer, Container
from framework.degrading import blaming, reasons
from framework.errors import BootstrapError, FailureReport
from framework.exposure import Exposure
from framework.extension import hookspecs_of
from framework.facade import APPLICATION
from framework.graph import order
from framework.handlers import in_scope
from framework.inputs import Inputs
from framework.lifecycle import Action, Lifecycle, Unit, nothing, unit_names, within
from framework.messages import Command, Event, PluginQuarantined
from framework.modes import check_mode
from framework.policy import Policy
from framework.provider import Provider
from framework.registry import Registry
from framework.toggling import Selection, default_mode, select

if TYPE_CHECKING:
    from framework.app import App
    from framework.degrading import Failed
    from framework.handlers import Route
    from framework.registrations import Registrations, Schema

KERNEL = "kernel"


class Assembly:
    """One bootstrap of an App: its constructor loads the hooks objects, :meth:`complete` follows when their hooks ran.

    ``face`` is the class by which the App itself can be injected.
    """

    def __init__(self, app: App, face: type[App], inputs: Inputs, mode: str | None, failed: Failed) -> None:
        self._app = app
        self._inputs = inputs
        self.config = inputs.config.copy()
        self.mode = mode or default_mode(inputs.candidates)
        self.selection: Selection = select(inputs.candidates, self.mode, inputs.toggles, reasons(failed))
        self.container: Container = BuiltinContainer()
        self._supplier, self._provided = "", list[Provider]()
        self.config.describe(AppSettings, "app")
        self._kernel_provides(face)
        sources = [p.name for p in self.selection.on if "config" in (p.name, *p.manifest.provides)]
        self._config_from = sources[0] if sources else None
        self.bootstrapped(None)
        self.registry = Registry()
        loaded = [(plugin, plugin.load()) for plugin in self.selection.on]
        for plugin, hooks in loaded:
            with blaming(plugin, "reading its hookspecs"):
                self.registry.extend(plugin.name, hookspecs_of(plugin, hooks))
        for plugin, hooks in loaded:
            with blaming(plugin, "registering its hooks"):
                self.registry.add(plugin.name, hooks)
        self.registry.sort([plugin.name for plugin in self.selection.on])
        self.registry.guard_choices(Chooser(self.selection.on, inputs.policy).guarded)

    @property
    def settings(self) -> AppSettings:
        """Section ``[app]``; final when :meth:`complete` is done."""
        return self.config.get(AppSettings)

    def _kernel_provides(self, face: type[App]) -> None:
        self._provide(face, self._app)
        self._provide(Config, self.config)
        self._provide_settings(AppSettings)
        for plugin in self.selection.on:
            if plugin.manifest.config:
                schema = plugin.resolve("config", plugin.manifest.config)
                self.config.describe(schema, plugin.name)
                self._provide_settings(schema)
            for name, target in plugin.manifest.facades.items():
                kind = plugin.resolve(f"facades.{name}", target)
                self._provide(kind, self._app.facade(kind))

    def bootstrapped(self, plugin: str | None) -> None:
        """Make the settings if all sources are there now: with the ``bootstrap`` of who provides ``config``, if anyone.

        ``plugin`` has bootstrapped; None: nobody has yet. Raises :class:`ConfigError`, with what is wrong anywhere.
        """
        if plugin == self._config_from:
            own = list(self.config.described)
            for entry in self._app.schemas:
                self.config.describe(entry.schema, entry.section)
            self.config.make(*own, known=self._known(self._app.schemas))

    def _provide(self, kind: Any, value: Any) -> None:
        self._provide_made(kind, lambda: value)

    def _provide_settings(self, schema: type[Any]) -> None:
        self._provide_made(schema, lambda: self.config.get(schema))

    def _provide_made(self, kind: Any, make: Callable[[], Any]) -> None:
        self._provided.append(Provider(kind, make, "singleton", KERNEL))
        self.container.provide(self._provided[-1])

    def use_container(self, container: Container, owner: str) -> None:
        """Put another container in the place of the built-in one, with what the kernel provides. See App."""
        if self._supplier or self.config.sealed:
            why = f"{self._supplier!r} does" if self._supplier else "the application is put together already"
            remedy = "Call app.use_container in the `bootstrap` hook of one plugin."
            raise BootstrapError(f"{owner!r} cannot supply the container: {why}.", remedy=remedy)
        for provider in self._provided:
            container.provide(provider)
        self.container, self._supplier = container, owner

    def complete(self, registered: Registrations) -> None:
        """Check what was registered and make the start graph.

        Raises :class:`BootstrapError` or :class:`ConfigError`.
        """
        known = self._known(registered.schemas)
        for entry in registered.schemas:
            self.config.describe(entry.schema, entry.section)
            self._provide_settings(entry.schema)
        self.config.check_sections(known)
        check_mode(self.mode, [plugin.manifest.modes for plugin in self._inputs.candidates], registered.components)
        self.config.make()
        self.config.seal()
        for provider in registered.providers:
            if self._takes_part(provider.type):
                self.container.provide(provider)
        try:
            for wanted, replacement in registered.overrides:
                self.container.override(wanted, replacement)
            self.container.check()
            registered.handlers.compile(self.container, [plugin.name for plugin in self.selection.on], self._choose)
        except BootstrapError as error:
            raise self._outside_mode(error, registered) from None
        self._handlers = registered.handlers
        self.registry.set_default(registered.handlers.declared_route)
        self.exposure = Exposure(
            registered.handlers,
            self.settings.expose,
            source=self.config.source("app", "expose"),
            has_policy=self.container.provider(Policy) is not None,
        )
        self.calls = {
            "tick": self._hot("tick", ("app", "dt")),
            "render": self._hot("render", ("app", "frame")),
        }
        self.clock = self._clock(self._app, self.settings)
        units = list(self._units([(kind, owner) for kind, owner in registered.components if self._takes_part(kind)]))
        order({unit.name: unit.needs for unit in units}, "components and plugins")
        self.lifecycle = Lifecycle(
            units, start_timeout=self.settings.start_timeout, stop_timeout=self.settings.stop_timeout
        )

    def _known(self, schemas: Sequence[Schema]) -> Mapping[str, str]:
        """The sections that belong to something, with what that is. Installed plugins are looked for if need be."""
        known = dict.fromkeys(KERNEL_SECTIONS, "the kernel") | {p.name: p.name for p in self._inputs.candidates}
        known |= {entry.section: entry.owner for entry in schemas}
        if self.config.unknown_sections(known):
            known |= {plugin.name: plugin.name for plugin in self._inputs.installed()}
        return known

    def _outside_mode(self, error: BootstrapError, registered: Registrations) -> BootstrapError:
        """The error, saying so if what is missing is there, but for another mode."""
        wanted: Any = getattr(error, "wanted", None)
        if not any(provider.type is wanted for provider in registered.providers):
            return error
        return BootstrapError(
            f"{error.message} It is there, but made for mode {' or '.join(sorted(wanted.modes))}, not {self.mode}.",
            remedy=f"Run with --mode {min(wanted.modes)}, add {self.mode!r} to its modes, or give what needs it "
            "the same modes.",
        )

    def _hot(self, hook: str, arguments: tuple[str, str]) -> GuardedCalls:
        return GuardedCalls(
            hook,
            self.registry.hot(hook, arguments),
            self.registry.hot(hook, arguments, wrappers=True),
            on_quarantine=lambda plugin, error: self._app.post(PluginQuarantined(plugin, hook, error)),
            fatal=self.settings.deterministic,
        )

    def _clock(self, app: App, settings: AppSettings) -> FixedStep:
        tick, render = self.calls["tick"].call, self.calls["render"].call
        return FixedStep(
            settings.tick_rate,
            lambda dt: tick(app, dt),
            lambda frame: render(app, frame),
            catch_up=settings.tick_catch_up,
            pace=settings.tick_pace,
            scale=settings.tick_scale,
        )

    def _takes_part(self, kind: Any) -> bool:
        modes = getattr(kind, "modes", None)
        return not modes or self.mode in modes

    def _units(self, components: Sequence[tuple[type[Any], str]]) -> Iterator[Unit]:
        units_of = unit_names(components)
        own: dict[str, list[str]] = {}
        for kind, owner in components:
            own.setdefault(owner, []).append(units_of[kind])
        plugins = {plugin.name: plugin for plugin in self.selection.on}
        for kind, owner in components:
            provider = self.container.provider(kind)
            if provider is None:
                raise BootstrapError(f"Component {kind!r} has no provider.")
            needs = self._needs_of(provider.factory, owner, units_of) | self._plugins_before(owner)
            origin = plugins.get(owner)
            yield Unit(
                units_of[kind],
                owner,
                needs,
                self._action(owner, kind, "start"),
                self._action(owner, kind, "stop"),
                origin.distribution if origin else "",
                origin.version if origin else "",
                partial(self._call, kind, "health"),
            )
        for plugin in self.selection.on:
            yield Unit(
                plugin.name,
                plugin.name,
                self._plugins_before(plugin.name) | set(own.get(plugin.name, ())),
                self._hook(plugin.name, "start"),
                self._hook(plugin.name, "stop"),
                plugin.distribution,
                plugin.version,
            )

    def _plugins_before(self, owner: str) -> set[str]:
        if owner == APPLICATION:
            return {plugin.name for plugin in self.selection.on}
        return set(self.selection.needs[owner])

    def _needs_of(self, factory: Callable[..., Any], owner: str, units_of: Mapping[Any, str]) -> set[str]:
        """The units that must be up before ``factory`` is called, through providers without a life too."""
        found: set[str] = set()
        for provider in self.container.needs(factory):
            if provider.type in units_of:
                found.add(units_of[provider.type])
            else:
                if provider.owner not in (owner, KERNEL, APPLICATION):
                    found.add(provider.owner)
                found |= self._needs_of(provider.factory, owner, units_of)
        return found

    def _action(self, owner: str, kind: type[Any], name: str) -> Action:
        return lambda: self._act(owner, partial(self._call, kind, name))

    def _hook(self, plugin: str, name: str) -> Action:
        hook = self.registry.life(plugin, name) or nothing
        return lambda: self._act(plugin, partial(hook, self._app))

    async def _call(self, kind: type[Any], name: str) -> Any:
        result = getattr(await self.container.resolve(kind), name, nothing)()
        return await result if inspect.isawaitable(result) else result

    async def _act(self, owner: str, call: Callable[[], Any]) -> None:
        with self._app.acting_as(owner):
            result = call()
            if inspect.isawaitable(result):
                await result

    async def close(self) -> list[FailureReport]:
        """Clean up after the singletons, when all units are down; a report for each that failed."""
        try:
            await self.container.close()
        except ExceptionGroup as group:
            return [FailureReport("close", KERNEL, "container", error) for error in group.exceptions]
        return []

    async def announce(self, phase: str, event: Event, *, backwards: bool = False) -> list[FailureReport]:
        """Deliver an event of the application's own life; a report for each handler that failed.

        In the phase ``stop`` each gets ``[app] stop_timeout``.
        """
        plugins = {plugin.name: plugin for plugin in self.selection.on}
        limit = self.settings.stop_timeout if phase == "stop" else None
        reports = []
        hearing = self._handlers.hearing(type(event))
        for handler, route in reversed(hearing) if backwards else hearing:
            name = getattr(handler.function, "__qualname__", repr(handler.function))
            try:
                await within(limit, partial(route, event), f"{name} was not done", "[app] stop_timeout")
            except Exception as error:  # noqa: BLE001 - all handlers run; what failed is told together
                origin = plugins.get(handler.owner)
                source = (origin.distribution, origin.version) if origin else ("", "")
                reports.append(FailureReport(phase, handler.owner, name, error, *source))
        return reports

    def _choose(self, message_type: type[Any]) -> Route:
        route = self.registry.choose(self._app, message_type)
        return in_scope(route, self.container, "command") if issubclass(message_type, Command) else route
