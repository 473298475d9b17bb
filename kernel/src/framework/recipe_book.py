"""`RecipeBook`: providers by key, and the recipes compiled of them, with what cannot work found on the way."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from framework.errors import BootstrapError, MissingProvider
from framework.provider import LIFETIMES, NOTHING, Provider, Want, name_of, wants
from framework.recipe import Recipe, compiled, constant
from framework.scope import Scope


class RecipeBook:
    """Keys are types; a factory named by ``Depends(factory)`` is a key too. ``root`` is the scope of the singletons."""

    def __init__(self) -> None:
        self.providers: dict[Any, Provider] = {}
        self.recipes: dict[Any, Recipe] = {}
        self.uses_scopes = False
        self._named: dict[Any, Any] = {}
        self.root = Scope(self.find, None, "application")
        self.root.open()
        self.recipes[Scope] = recipe = Recipe(Provider(Scope, Scope, "scoped", "kernel"), ())
        recipe.resolve = lambda scope: scope

    def provide(self, provider: Provider) -> None:
        """Add a provider; a default one gives way to any other.

        Raises :class:`BootstrapError` if the type has one already or the lifetime is unknown.
        """
        other = self.providers.get(provider.type)
        if other is not None and provider.default:
            return
        if other is not None and not other.default:
            raise BootstrapError(
                f"{name_of(provider.type)} has two providers: {name_of(other.factory)} of {other.owner} and "
                f"{name_of(provider.factory)} of {provider.owner}.",
                remedy="Keep one of them, or give one a type of its own.",
            )
        if provider.lifetime not in LIFETIMES:
            raise BootstrapError(
                f"{name_of(provider.type)}: unknown lifetime {provider.lifetime!r}.",
                remedy=f"Choose one of {', '.join(LIFETIMES)}.",
            )
        self.providers[provider.type] = provider
        if isinstance(provider.factory, Hashable):
            self._named.setdefault(provider.factory, provider.type)
        self.recipes.pop(provider.type, None)
        self.root.values.pop(provider.type, None)

    def find(self, wanted: Any, user: str = "the caller", path: tuple[Any, ...] = ()) -> Recipe:
        """The recipe of a key, compiled now if it was not yet. ``path`` are the keys that led here."""
        found = self.recipes.get(wanted)
        if found is not None:
            return found
        provider = self.providers.get(wanted)
        if provider is None:
            raise MissingProvider(
                wanted,
                f"Nothing provides {name_of(wanted)}, which {user} needs{_along(path)}.",
                remedy=f"app.register({name_of(wanted)}) if it is a component, "
                f"or app.provide({name_of(wanted)}, make_it).",
            )
        found = self.recipes[wanted] = self.compiled(provider, path)
        return found

    def compiled(self, provider: Provider, path: tuple[Any, ...] = ()) -> Recipe:
        """A new recipe of a provider. Raises :class:`BootstrapError` for a circle, or a singleton that captures."""
        if provider.type in path:
            circle = (*path[path.index(provider.type) :], provider.type)
            raise BootstrapError(
                f"Providers need each other in a circle: {_arrows(circle)}.",
                remedy="Let one of them ask for what it needs later, or move what both need into a third.",
            )
        path = (*path, provider.type)
        positional: list[Recipe] = []
        named: list[tuple[str, Recipe]] = []
        skipped: list[Recipe] = []
        for want in wants(provider.factory):
            part = self.part(want, provider.factory, path)
            if part is None:
                skipped += [] if want.by_name else [constant(want.name, want.default)]
            elif want.by_name:
                named.append((want.name, part))
            else:
                positional += [*skipped, part]
                skipped = []
        if provider.lifetime == "singleton":
            for part in (*positional, *(part for _, part in named)):
                _check_captive(part, (provider.type,))
        made = compiled(provider, positional, named, self.root)
        self.uses_scopes |= made.needs_scope
        return made

    def part(self, want: Want, function: Callable[..., Any], path: tuple[Any, ...] = ()) -> Recipe | None:
        """The recipe of a parameter; None where its own default serves."""
        if want.factory is not None:
            key = self._named.get(want.factory, want.factory)
            if key in self.providers or key in self.recipes:
                return self.find(key, "", path)
            recipe = self.compiled(Provider(key, key, "transient", name_of(function)), path)
            self.recipes[key] = recipe
            return recipe
        if want.default is not NOTHING and want.type not in self.providers:
            return None
        return self.find(want.type, f"{name_of(function)}({want.name})", path)

    def check(self) -> None:
        """Find missing providers, circles, and singletons that would keep something scoped.

        Raises :class:`BootstrapError` with the path.
        """
        for wanted in list(self.providers):
            self.find(wanted)

    def needs(self, function: Callable[..., Any]) -> list[Provider]:
        """The providers that a call of ``function`` uses directly, through the factories of its parameters too."""
        return list(self._direct(function))

    def _direct(self, function: Callable[..., Any]) -> Iterator[Provider]:
        for want in wants(function):
            key = want.type if want.factory is None else self._named.get(want.factory, want.factory)
            if key in self.providers:
                yield self.providers[key]
            elif want.factory is not None:
                yield from self._direct(want.factory)


def _check_captive(part: Recipe, path: tuple[Any, ...]) -> None:
    """Raise if the singleton at the end of ``path`` would keep what belongs to a scope."""
    if part.provider.lifetime == "singleton":
        return
    path = (*path, part.provider.type)
    if part.provider.lifetime == "scoped":
        raise BootstrapError(
            f"A singleton would keep something scoped for ever: {_arrows(path)}.",
            remedy=f"Make {name_of(path[0])} scoped too, or let its methods open a scope: `async with app.scope():`.",
        )
    for _, inner in part.parts:
        _check_captive(inner, path)


def _arrows(path: tuple[Any, ...]) -> str:
    return " -> ".join(name_of(key) for key in path)


def _along(path: tuple[Any, ...]) -> str:
    return f" ({_arrows(path)})" if len(path) > 1 else ""
