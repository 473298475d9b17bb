"""`Declaring`: the half of an App that records what its author and the plugins declare."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, cast

from framework.errors import BootstrapError
from framework.facade import APPLICATION, Facade
from framework.messages import AppFailed, AppReady, AppRolledBack, AppStarting, AppStopping

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from framework.app import App
    from framework.inputs import Sources
    from framework.provider import Lifetime
    from framework.registrations import Registrations, Schema

T = TypeVar("T")
F = TypeVar("F", bound=Facade)
Fn = TypeVar("Fn", bound=Callable[..., Any])

Made = Awaitable[T] | Iterator[T] | AsyncIterator[T]
"""What a factory that is async or a generator gives when called."""

_acting: ContextVar[tuple[object, str]] = ContextVar("acting", default=(None, APPLICATION))


class _Acting(AbstractContextManager[None]):
    """The block in which somebody acts; entered once for each handler of an event, so no generator."""

    __slots__ = ("_token", "_who")

    def __init__(self, who: tuple[object, str]) -> None:
        self._who = who

    def __enter__(self) -> None:
        self._token = _acting.set(self._who)

    def __exit__(self, *_: object) -> None:
        _acting.reset(self._token)


class Declaring:
    """Records declarations, each stamped with its ``owner``."""

    def __init__(self, sources: Sources) -> None:
        from framework.registrations import Registrations  # not before there is something to register

        self.sources = sources
        self._registered = Registrations(self.acting_as)
        self._facades: dict[type[Facade], Facade] = {}
        self._attributes: dict[str, tuple[type[Facade], Sequence[str]]] = {}

    @property
    def owner(self) -> str:
        """Who is declaring here: the plugin whose hook or component is being called, or the application."""
        app, owner = _acting.get()
        return owner if app is self else APPLICATION

    def acting_as(self, owner: str) -> AbstractContextManager[None]:
        """Stamp what is declared in this block, and in tasks made by it, with ``owner``."""
        return _Acting((self, owner))

    def register(self, component: Any) -> Any:
        """Add a component: a class, an instance, or a factory whose return annotation names the class.

        Gives it back.
        """
        self._registered.component(component, self.owner)
        return component

    register_component = register

    def provide(
        self,
        kind: type[T],
        factory: Callable[..., T | Made[T]],
        *,
        lifetime: Lifetime = "singleton",
        default: bool = False,
    ) -> None:
        """Add a provider of a type that has no life of its own; the parameters of ``factory`` are injected.

        It is sync, async, or a generator (either) that yields the object and cleans up when its lifetime ends.
        ``lifetime``: ``singleton`` (one for the application), ``scoped`` (one for each scope) or ``transient`` (a new
        one for each that needs it). A ``default`` serves only if nobody else provides the type.
        """
        from framework.provider import Provider

        self._registered.provider(Provider(kind, factory, lifetime, self.owner, default))

    def settings(self, schema: type[Any], *, section: str) -> None:
        """Describe a section of the configuration by a dataclass, which can then be injected."""
        from framework.registrations import Schema

        self._registered.schemas.append(Schema(schema, section, self.owner))

    @property
    def registered(self) -> Registrations:
        """What has been registered, each entry with its owner; read it only. That of plugins from ``bootstrap`` on."""
        return self._registered

    @property
    def schemas(self) -> Sequence[Schema]:
        """The sections that have been described, the plugins' own after ``bootstrap``."""
        return self._registered.schemas

    def handles(
        self, message_type: type[Any], *, expose: Collection[str] = frozenset(), policy: str = ""
    ) -> Callable[[Fn], Fn]:
        """Decorate the handler of a message type: the first parameter gets the message, the others are injected.

        ``expose`` names the doors that may let the message in, ``policy`` the rule under which they do.
        """
        if isinstance(expose, str):
            raise BootstrapError(f"expose={expose!r} is not a set of doors.", remedy=f"Write expose={{{expose!r}}}.")

        from framework.handlers import Handler

        def declare(function: Fn) -> Fn:
            self._registered.handlers.add(Handler(message_type, function, self.owner, frozenset(expose), policy))
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

    def on_rollback(self, function: Fn) -> Fn:
        """Call ``function`` when a start was undone; the event's ``reports`` say why."""
        return self.handles(AppRolledBack)(function)

    def at_end(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` when nothing of this life of the application is left; from ``bootstrap`` or ``register``.

        That is when all units are down and the container is closed, whatever failed on the way; or when the
        application cannot be put together, or is put together anew. Sync; the last one registered is called first,
        so what ``bootstrap`` opened for all others outlives them. What it raises is printed on stderr.
        """
        self._registered.endings.append(callback)

    def use_loop(self, factory: Callable[[], AbstractEventLoop]) -> None:
        """Make the event loop that ``run`` uses; from a plugin's ``bootstrap`` or ``register``.

        Raises :class:`BootstrapError` if another has done so. It does not matter inside a loop that runs already.
        """
        self._registered.loop_from(factory, self.owner)

    @property
    def loop_factory(self) -> Callable[[], AbstractEventLoop] | None:
        """What :meth:`use_loop` was given."""
        return self._registered.loop[0] if self._registered.loop else None

    def facade(self, kind: type[F]) -> F:
        """The facade of a class, made at first use."""
        found = self._facades.get(kind)
        if found is None:
            found = self._facades[kind] = kind(cast("App", self))
        return cast(F, found)

    def forget_plugins(self) -> None:
        """Drop what plugins registered and declared; what the application did stays."""
        self._registered.forget_plugins()
        for facade in self._facades.values():
            facade.forget_plugins()

    @property
    def facades(self) -> Collection[Facade]:
        """The facades that have been used."""
        return self._facades.values()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._attributes:
            self._attributes[name] = self.sources.attribute(name)
        kind, way = self._attributes[name]
        found: Any = self.facade(kind)
        for part in way:
            found = getattr(found, part)
        return found
