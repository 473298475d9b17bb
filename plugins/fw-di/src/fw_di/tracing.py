"""What a provider of dependency-injector is made of: found by walking it, before anything is built."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin, get_type_hints

from framework import BootstrapError
from framework.provider import called, name_of
from fw_di.asking import Asking
from fw_di.library import providers

Name = Callable[[Any], str]


@dataclass
class Trace:
    """``asked`` are the keys that it asks the application for; ``resources`` stand after those they use.

    ``waits``: something in it is built by waiting.
    """

    asked: list[Any] = field(default_factory=list)
    resources: list[Any] = field(default_factory=list)
    waits: bool = False


def traced(provider: Any, name: Name) -> Trace:
    """Walk a provider. Raises :class:`BootstrapError` for a circle or an argument that nothing gives, with the path."""
    trace = Trace()
    done: set[int] = set()

    def walk(at: Any, path: tuple[Any, ...]) -> None:
        if any(at is other for other in path):
            start = next(index for index, other in enumerate(path) if other is at)
            circle = " -> ".join(name(one) for one in (*path[start:], at))
            raise BootstrapError(
                f"Providers need each other in a circle: {circle}.",
                remedy="Let one of them ask for what it needs later, or move what both need into a third.",
            )
        if id(at) in done:
            return
        for part in _parts(at):
            walk(part, (*path, at))
        done.add(id(at))
        _check_arguments(at, (*path, at), name)
        provides = _provides(at)
        if isinstance(provides, Asking):
            trace.asked.append(provides.key)
        if isinstance(at, providers.BaseResource):
            trace.resources.append(at)
        trace.waits |= _waits(at, provides)

    walk(provider, ())
    return trace


def is_open(provider: Any) -> bool:
    """Whether it is a ``Dependency`` that nothing fills."""
    is_dependency: bool = isinstance(provider, providers.Dependency)
    return is_dependency and not provider.overridden and provider.default is None


def _provides(provider: Any) -> Any:
    return None if isinstance(provider, providers.Dependency) else getattr(provider, "provides", None)


def _parts(provider: Any) -> Iterator[Any]:
    """What is called when the provider is: what stands in for it, or else its arguments."""
    if isinstance(provider, providers.Delegate):
        return
    if provider.overridden:
        yield provider.last_overriding
        return
    yield from (part for part in provider.related if isinstance(part, providers.Provider))


def _check_arguments(provider: Any, path: tuple[Any, ...], name: Name) -> None:
    trail = " -> ".join(name(one) for one in path)
    if is_open(provider):
        raise BootstrapError(
            f"Nothing fills the Dependency {name(provider)} ({trail}).",
            remedy="Give it a type (instance_of=…) that the application provides, or override it.",
        )
    provides = _provides(provider)
    checked = isinstance(provider, providers.Factory | providers.BaseSingleton | providers.Callable)
    if not checked or provider.overridden or not callable(provides) or isinstance(provides, providers.Provider):
        return
    try:
        signature = inspect.signature(provides)
    except (TypeError, ValueError):
        return  # written in C, without a signature: only calling it tells
    try:
        signature.bind(*provider.args, **provider.kwargs)
    except TypeError as error:
        raise BootstrapError(
            f"{name(provider)} cannot call {name_of(provides)}: {error} ({trail}).",
            remedy="Give its provider that argument; app.di.ask(Type) is a provider of what the application has.",
        ) from error


def _waits(provider: Any, provides: Any) -> bool:
    if provider.overridden or not callable(provides):
        return False
    function = called(inspect.unwrap(provides))
    shuts_down = getattr(provides, "init", None) if isinstance(provides, type) else None
    return any(
        inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one) for one in (function, shuts_down) if one
    )


def made_type(provider: Any) -> type[Any] | None:
    """The class of what a provider makes, if that can be told and is none of Python's own."""
    provides = _provides(provider)
    if isinstance(provider, providers.Object):
        found: Any = type(provides)
    elif isinstance(provider, providers.BaseResource) and isinstance(provides, type):
        found = None
    elif isinstance(provides, type):
        found = provides
    else:
        found = _returned(provides)
    return found if isinstance(found, type) and found.__module__ != "builtins" else None


def _returned(function: Any) -> Any:
    if not inspect.isroutine(function):
        return None
    inner = inspect.unwrap(function)
    try:
        hint = get_type_hints(inner).get("return")
    except NameError:
        return None
    if inspect.isgeneratorfunction(inner) or inspect.isasyncgenfunction(inner):
        return next(iter(get_args(hint)), None)
    return get_origin(hint) or hint
