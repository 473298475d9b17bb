"""The built-in container: builds objects from the annotations of their constructors."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from framework.depends import Dependency
from framework.errors import BootstrapError, MissingProvider
from framework.graph import order

T = TypeVar("T")
Lifetime = Literal["singleton", "transient"]
NOTHING: Any = inspect.Parameter.empty


@dataclass(frozen=True)
class Provider:
    """How to get an object of a type, and who said so."""

    type: Any
    factory: Callable[..., Any]
    lifetime: Lifetime
    owner: str
    default: bool = False


@dataclass(frozen=True)
class Want:
    """A parameter to fill: with an object of ``type``, or by calling ``factory``.

    ``default`` serves if there is no provider.
    """

    name: str
    type: Any
    factory: Callable[..., Any] | None
    default: Any


class Container:
    """Providers by type. Not for several threads at once: an App uses it on its loop."""

    def __init__(self) -> None:
        self._providers: dict[Any, Provider] = {}
        self._singletons: dict[Any, Any] = {}

    def provide(self, provider: Provider) -> None:
        """Add a provider; a default one gives way to any other.

        Raises :class:`BootstrapError` if the type has one already or the lifetime is unknown.
        """
        other = self._providers.get(provider.type)
        if other is not None and provider.default:
            return
        if other is not None and not other.default:
            raise BootstrapError(
                f"{_name(provider.type)} has two providers: {_name(other.factory)} of {other.owner} and "
                f"{_name(provider.factory)} of {provider.owner}.",
                remedy="Keep one of them, or give one a type of its own.",
            )
        if provider.lifetime not in ("singleton", "transient"):
            raise BootstrapError(f"{_name(provider.type)}: unknown lifetime {provider.lifetime!r}.")
        if inspect.iscoroutinefunction(provider.factory):
            raise BootstrapError(
                f"{_name(provider.factory)} is async: providers are built without waiting.",
                remedy="Open what needs waiting in the start() of a Component and provide that.",
            )
        self._providers[provider.type] = provider

    def provider(self, wanted: Any) -> Provider | None:
        """The provider of a type, or None."""
        return self._providers.get(wanted)

    def get(self, wanted: type[T]) -> T:
        """An object of a type. Raises :class:`BootstrapError` if nothing provides it."""
        try:
            return cast(T, self._singletons[wanted])
        except KeyError:
            return cast(T, self._build(self._provider(wanted, "app.container.get()")))

    def _build(self, provider: Provider) -> Any:
        value = self.call(provider.factory)
        if provider.lifetime == "singleton":
            self._singletons[provider.type] = value
        return value

    def call(self, function: Callable[..., Any]) -> Any:
        """Call ``function`` with every parameter injected."""
        return function(**{want.name: self._value(want, function) for want in wants(function)})

    def _value(self, want: Want, function: Callable[..., Any]) -> Any:
        if want.factory is not None:
            return self.call(want.factory)
        if want.type in self._singletons:
            return self._singletons[want.type]
        if want.type not in self._providers and want.default is not NOTHING:
            return want.default
        return self._build(self._provider(want.type, _signature(function, want)))

    def _provider(self, wanted: Any, user: str) -> Provider:
        provider = self._providers.get(wanted)
        if provider is None:
            raise MissingProvider(
                wanted,
                f"Nothing provides {_name(wanted)}, which {user} needs.",
                remedy=f"app.register({_name(wanted)}) if it is a component, or app.provide({_name(wanted)}, make_it).",
            )
        return provider

    def compile(
        self, function: Callable[..., Any], *, given: Sequence[str] = (), marked_only: bool = False
    ) -> Callable[..., Any]:
        """``function`` as one that takes ``given`` as it would itself; its other parameters are injected at each call.

        With ``marked_only`` those without ``Depends()`` are left alone. Signature and providers are looked at now,
        not per call. Raises :class:`BootstrapError` for a parameter that nothing provides.
        """
        filled = wants(function, given=given, marked_only=marked_only)
        for want in filled:
            self._check(want, function)
        if not filled:
            return function

        def call(*positional: Any, **arguments: Any) -> Any:
            for want in filled:
                arguments[want.name] = self._value(want, function)
            return function(*positional, **arguments)

        return call

    def _check(self, want: Want, function: Callable[..., Any]) -> None:
        if want.factory is not None:
            for inner in wants(want.factory):
                self._check(inner, want.factory)
        elif want.default is NOTHING:
            self._provider(want.type, _signature(function, want))

    def check(self) -> None:
        """Find every missing provider and every circle. Raises :class:`BootstrapError` with the path."""
        for provider in self._providers.values():
            for want in wants(provider.factory):
                self._check(want, provider.factory)
        names = {wanted: f"{_name(wanted)}#{number}" for number, wanted in enumerate(self._providers)}
        order(
            {names[p.type]: {names[t] for t in self._direct(p.factory)} for p in self._providers.values()}, "providers"
        )

    def _direct(self, function: Callable[..., Any]) -> Iterator[Any]:
        """The provided types that ``function`` needs, through the factories of its parameters too."""
        for want in wants(function):
            if want.factory is not None:
                yield from self._direct(want.factory)
            elif want.type in self._providers:
                yield want.type

    def needs(self, function: Callable[..., Any]) -> list[Provider]:
        """The providers that a call of ``function`` uses directly."""
        return [self._providers[wanted] for wanted in self._direct(function)]


def wants(function: Callable[..., Any], *, given: Sequence[str] = (), marked_only: bool = False) -> list[Want]:
    """The parameters of ``function`` that are to be injected: all but those ``given``.

    Raises :class:`BootstrapError` for one without a type.
    """
    subject = function.__init__ if inspect.isclass(function) else function
    if subject is object.__init__:
        return []
    parameters = list(inspect.signature(function).parameters.values())
    found: list[Want] = []
    hints: dict[str, Any] | None = None
    for parameter in parameters:
        mark = parameter.default if isinstance(parameter.default, Dependency) else None
        if parameter.name in given or (marked_only and mark is None):
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if hints is None:
            hints = _hints(subject)
        default = NOTHING if mark else parameter.default
        factory = mark.factory if mark else None
        if factory is None and parameter.name not in hints and default is NOTHING:
            raise BootstrapError(
                f"{_name(function)}: parameter {parameter.name!r} has no type, so nothing can be injected.",
                remedy=f"Annotate it: {parameter.name}: SomeType.",
            )
        found.append(Want(parameter.name, hints.get(parameter.name), factory, default))
    return found


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of the parameters; that of the result may name what is imported for type checkers only."""
    from types import SimpleNamespace
    from typing import get_type_hints

    inner = inspect.unwrap(function)
    annotations = {name: hint for name, hint in getattr(inner, "__annotations__", {}).items() if name != "return"}
    try:
        return get_type_hints(SimpleNamespace(__annotations__=annotations), getattr(inner, "__globals__", {}))
    except NameError as error:
        code = getattr(inner, "__code__", None)
        place = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
        raise BootstrapError(
            f"{_name(function)}{place}: an annotation cannot be resolved: {error}.",
            remedy="Import that name where the function is defined, outside `if TYPE_CHECKING:`.",
        ) from error


def _name(thing: Any) -> str:
    return str(getattr(thing, "__qualname__", None) or thing)


def _signature(function: Callable[..., Any], want: Want) -> str:
    return f"{_name(function)}({want.name})"
