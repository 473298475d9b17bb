"""`Recipe`: a provider compiled to a function of the scope, so that building an object looks at no signature."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any

from framework.errors import FrameworkError, ScopeError
from framework.provider import Provider, called, name_of
from framework.scope import MISSING, Scope

if TYPE_CHECKING:
    import asyncio

Resolve = Callable[[Scope], Any]
Build = Callable[[Scope], Awaitable[Any]]


class Recipe:
    """How to get one object. ``resolve(scope)`` gives it, or, if ``is_async``, an awaitable of it.

    ``needs_scope``: it, or what it is made of, belongs to a scope, so that the root will not do.
    ``resolve`` is replaced while an override is in force.
    """

    __slots__ = ("is_async", "needs_scope", "parts", "provider", "resolve")

    def __init__(self, provider: Provider, parts: Sequence[tuple[str, Recipe]], *, is_async: bool = False) -> None:
        self.provider = provider
        self.parts = parts
        self.is_async: bool = is_async or any(part.is_async for _, part in parts)
        self.needs_scope: bool = provider.lifetime == "scoped" or (
            provider.lifetime == "transient" and (_cleans_up(provider) or any(part.needs_scope for _, part in parts))
        )
        self.resolve: Resolve

    def resolve_now(self, scope: Scope) -> Any:
        """The object, without waiting. Raises :class:`FrameworkError` if only waiting can build it."""
        if not self.is_async:
            return self.resolve(scope)
        holder = scope.root if self.provider.lifetime == "singleton" else scope
        value = holder.values.get(self.provider.type, MISSING)
        if value is MISSING:
            name = name_of(self.provider.type)
            raise FrameworkError(
                f"{name} is built by waiting: it, or something it needs, has an async factory.",
                remedy=f"Inject it, or write `await app.container.resolve({name})` or `await scope.resolve({name})`.",
            )
        return value


def constant(name: str, value: Any) -> Recipe:
    """The recipe of a value that is there already, such as a parameter's default."""
    recipe = Recipe(Provider(name, lambda: value, "transient", ""), ())
    recipe.resolve = lambda _: value
    return recipe


def compiled(
    provider: Provider, positional: Sequence[Recipe], named: Sequence[tuple[str, Recipe]], root: Scope
) -> Recipe:
    """The recipe of a provider whose factory takes these, by position and by name."""
    waits = _waits(provider)
    recipe = Recipe(provider, [*(("", part) for part in positional), *named], is_async=waits)
    if not recipe.is_async:
        recipe.resolve = _kept(provider, _entering(provider, _calling(provider.factory, positional, named)), root)
        return recipe
    if any(part.is_async for _, part in recipe.parts):
        build = _gathering(provider, positional, named)
        build = _awaiting_gathered(provider, build) if waits else build
    else:
        build = _awaiting(provider, _calling(provider.factory, positional, named))
    recipe.resolve = _once(provider, build, root)
    return recipe


def _waits(provider: Provider) -> bool:
    factory = called(provider.factory)
    return inspect.iscoroutinefunction(factory) or inspect.isasyncgenfunction(factory)


def _cleans_up(provider: Provider) -> bool:
    factory = called(provider.factory)
    return inspect.isgeneratorfunction(factory) or inspect.isasyncgenfunction(factory)


# --- calling the factory --------------------------------------------------------------------------------------------


def _calling(factory: Callable[..., Any], positional: Sequence[Recipe], named: Sequence[tuple[str, Recipe]]) -> Resolve:
    """The call, written out for the numbers of arguments that nearly all factories have."""
    if not positional and not named:
        return lambda _: factory()
    if len(positional) == 1 and not named:
        (only,) = positional
        return lambda scope: factory(only.resolve(scope))
    if len(positional) == 2 and not named:
        first, second = positional
        return lambda scope: factory(first.resolve(scope), second.resolve(scope))
    return lambda scope: factory(
        *[part.resolve(scope) for part in positional], **{name: part.resolve(scope) for name, part in named}
    )


def _entering(provider: Provider, call: Resolve) -> Resolve:
    """``call``; of a generator, what it yields first."""
    if not inspect.isgeneratorfunction(called(provider.factory)):
        return call
    return lambda scope: _entered(provider, call(scope), scope)


def _entered(provider: Provider, made: Any, scope: Scope) -> Any:
    value = next(made, MISSING)
    if value is MISSING:
        raise _nothing(provider)
    scope.exits.append(made)
    return value


def _gathering(provider: Provider, positional: Sequence[Recipe], named: Sequence[tuple[str, Recipe]]) -> Build:
    """Wait for the arguments, then call the factory."""
    factory, cleans_up = provider.factory, inspect.isgeneratorfunction(called(provider.factory))

    async def build(scope: Scope) -> Any:
        arguments = []
        for part in positional:
            value = part.resolve(scope)
            arguments.append(await value if part.is_async else value)
        by_name = {}
        for name, part in named:
            value = part.resolve(scope)
            by_name[name] = await value if part.is_async else value
        if scope.state == "closed":
            raise _too_late(provider, scope)
        made = factory(*arguments, **by_name)
        return _entered(provider, made, scope) if cleans_up else made

    return build


def _awaiting(provider: Provider, call: Resolve) -> Build:
    """``call`` a factory that waits, for what it gives in the end."""
    if inspect.iscoroutinefunction(called(provider.factory)):
        return call

    async def build(scope: Scope) -> Any:
        made = call(scope)
        value = await anext(made, MISSING)
        if value is MISSING:
            raise _nothing(provider)
        if scope.state == "closed":
            await anext(made, None)
            raise _too_late(provider, scope)
        scope.exits.append(made)
        return value

    return build


def _awaiting_gathered(provider: Provider, gather: Build) -> Build:
    async def build(scope: Scope) -> Any:
        made = await gather(scope)
        return await _awaiting(provider, lambda _: made)(scope)

    return build


def _too_late(provider: Provider, scope: Scope) -> ScopeError:
    return ScopeError(
        f"The scope {scope.name!r} ended while {name_of(provider.type)} was being built for it.",
        remedy="Wait for the task that uses it before the scope ends, or let it open a scope of its own.",
    )


def _nothing(provider: Provider) -> FrameworkError:
    return FrameworkError(f"{name_of(provider.factory)} yielded nothing.", remedy="Let it yield the object once.")


# --- keeping what was built -----------------------------------------------------------------------------------------


def _kept(provider: Provider, build: Resolve, root: Scope) -> Resolve:
    key = provider.type
    if provider.lifetime == "singleton":
        lock = RLock()  # one for each: waiting for each other would need a circle of providers
        values = root.values

        def singleton(_: Scope) -> Any:
            value = values.get(key, MISSING)
            if value is MISSING:
                with lock:
                    value = values.get(key, MISSING)
                    if value is MISSING:
                        value = values[key] = build(root)
            return value

        return singleton
    if provider.lifetime == "scoped":

        def scoped(scope: Scope) -> Any:
            value = scope.values.get(key, MISSING)
            if value is MISSING:
                value = scope.values[key] = build(scope)
            return value

        return scoped
    return build


def _once(provider: Provider, build: Build, root: Scope) -> Build:
    """Build what no other task and no other thread's loop is building; else wait for that.

    If that fails, or is cancelled, who waited tries in its place.
    """
    key, single = provider.type, provider.lifetime == "singleton"
    if provider.lifetime == "transient":
        return build

    async def resolve(scope: Scope) -> Any:
        holder = root if single else scope
        values, pending = holder.values, holder.pending
        value = values.get(key, MISSING)
        if value is not MISSING:
            return value
        mine: list[asyncio.Future[None]] = []
        while (others := pending.setdefault(key, mine)) is not mine:
            await _told(others, pending, key)
            if key in values:
                return values[key]
        try:
            value = values.get(key, MISSING)  # built between the first look and the claim, in another thread
            if value is MISSING:
                value = await build(holder)
                if holder.state == "closed":
                    raise _too_late(provider, holder)
                values[key] = value
            return value
        finally:
            del pending[key]
            for future in mine:
                with suppress(RuntimeError):  # the loop of who waited is closed: nobody waits any more
                    future.get_loop().call_soon_threadsafe(_wake, future)

    return resolve


async def _told(waiting: list[asyncio.Future[None]], pending: dict[Any, Any], key: Any) -> None:
    """Wait until who builds has ended."""
    from asyncio import get_running_loop

    future = get_running_loop().create_future()
    waiting.append(future)
    if pending.get(key) is waiting:  # else it ended before this line, in another thread, and tells nobody any more
        await future


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
