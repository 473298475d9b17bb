"""`Declaring`: the half of an App that records what its author and the plugins declare."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar, cast

from framework.container import Lifetime, Provider
from framework.facade import APPLICATION, Facade
from framework.handlers import Handler
from framework.messages import AppFailed, AppReady, AppStarting, AppStopping
from framework.registrations import Registrations, Schema

if TYPE_CHECKING:
    from framework.app import App
    from framework.inputs import Sources

T = TypeVar("T")
F = TypeVar("F", bound=Facade)
Fn = TypeVar("Fn", bound=Callable[..., Any])


class Declaring:
    """Records declarations, each stamped with ``owner``: the plugin whose hook is running, else the application."""

    def __init__(self, sources: Sources) -> None:
        self.owner = APPLICATION
        self._sources = sources
        self._registered = Registrations()
        self._facades: dict[type[Facade], Facade] = {}

    def register(self, component: Any) -> Any:
        """Add a component: a class, an instance, or a factory whose return annotation names the class.

        Gives it back.
        """
        self._registered.component(component, self.owner)
        return component

    register_component = register

    def provide(self, kind: type[T], factory: Callable[..., T], *, lifetime: Lifetime = "singleton") -> None:
        """Add a provider of a type that has no life of its own; the parameters of ``factory`` are injected."""
        self._registered.provider(Provider(kind, factory, lifetime, self.owner))

    def settings(self, schema: type[Any], *, section: str) -> None:
        """Describe a section of the configuration by a dataclass, which can then be injected."""
        self._registered.schemas.append(Schema(schema, section, self.owner))

    def handles(self, message_type: type[Any], *, expose: Collection[str] = frozenset()) -> Callable[[Fn], Fn]:
        """Decorate the handler of a message type: the first parameter gets the message, the others are injected."""

        def declare(function: Fn) -> Fn:
            self._registered.handlers.add(Handler(message_type, function, self.owner, frozenset(expose)))
            return function

        return declare

    def on_start(self, function: Fn) -> Fn:
        """Call ``function`` before the units start."""
        return self.handles(AppStarting)(function)

    def on_ready(self, function: Fn) -> Fn:
        """Call ``function`` when everything is up."""
        return self.handles(AppReady)(function)

    def on_stop(self, function: Fn) -> Fn:
        """Call ``function`` when the application is about to stop."""
        return self.handles(AppStopping)(function)

    def on_error(self, function: Fn) -> Fn:
        """Call ``function`` when the application could not start."""
        return self.handles(AppFailed)(function)

    def facade(self, kind: type[F]) -> F:
        """The facade of a class, made at first use."""
        found = self._facades.get(kind)
        if found is None:
            found = self._facades[kind] = kind(cast("App", self))
        return cast(F, found)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.facade(self._sources.facade_class(name))
