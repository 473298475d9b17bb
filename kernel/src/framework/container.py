"""`Container`, the port, and `BuiltinContainer`: builds objects from the annotations of what makes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, cast

from framework.call_site import call_site
from framework.overriding import Overrides
from framework.provider import Provider, name_of, wants
from framework.recipe import Recipe
from framework.recipe_book import RecipeBook
from framework.scope import Scope, need_scope, open_scope

T = TypeVar("T")


class Container(Protocol):
    """What an App needs of a container. Keys are types; a factory named by ``Depends(factory)`` is a key too."""

    def provide(self, provider: Provider) -> None:
        """Add a provider; a default one gives way to any other. Raises :class:`BootstrapError`."""

    def provider(self, wanted: Any) -> Provider | None:
        """The provider of a key that counts now, or None."""

    def needs(self, function: Callable[..., Any]) -> list[Provider]:
        """The providers that a call of ``function`` uses directly."""

    def check(self) -> None:
        """Find what cannot work before anything is built. Raises :class:`BootstrapError` with the path."""

    def get(self, wanted: type[T]) -> T:
        """An object, without waiting; what belongs to a scope comes from the open one."""

    async def resolve(self, wanted: type[T]) -> T:
        """An object; waits for factories that need it."""

    def compile(
        self, function: Callable[..., Any], *, given: Sequence[str] = (), marked_only: bool = False
    ) -> Callable[..., Any]:
        """``function`` with its other parameters injected at each call."""

    def scope(self, name: str, values: Mapping[Any, Any] | None = None) -> Scope:
        """A new scope, to be entered."""

    def open_scope(self) -> Scope | None:
        """The scope of this container around the running code, if one is open."""

    @property
    def uses_scopes(self) -> bool:
        """Whether anything compiled so far needs an open scope; if not, none need be opened."""

    async def close(self) -> None:
        """Clean up after the singletons, the last one built first. Raises a group of what failed."""

    def override(self, wanted: Any, replacement: Any) -> None:
        """Put an instance, or what a factory makes, in the place of what a provider makes."""

    def restore(self, wanted: Any) -> None:
        """Undo the last :meth:`override` of a key, if there is one."""


class BuiltinContainer:
    """Providers by key, compiled to recipes when first asked for. ``book`` may compile them in another way."""

    def __init__(self, book: RecipeBook | None = None) -> None:
        self._book = book = book or RecipeBook()
        self._singletons = book.root.values
        overrides = Overrides(book)
        self.provide = book.provide
        self.provider = book.providers.get
        self.needs = book.needs
        self.check = book.check
        self.override = overrides.put
        self.restore = overrides.take_back

    def get(self, wanted: type[T]) -> T:
        """An object, without waiting; what belongs to a scope comes from the open one.

        Raises :class:`BootstrapError` if nothing provides it, :class:`ScopeError` if it needs a scope and none is
        open, :class:`FrameworkError` if only waiting can build it.
        """
        try:
            return cast(T, self._singletons[wanted])
        except KeyError:
            recipe = self._book.find(wanted)
            return cast(T, recipe.resolve_now(self._scope_for(recipe)))

    async def resolve(self, wanted: type[T]) -> T:
        """Like :meth:`get`, waiting for factories that need it."""
        recipe = self._book.find(wanted)
        scope = self._scope_for(recipe)
        return cast(T, await recipe.resolve(scope) if recipe.is_async else recipe.resolve(scope))

    def _scope_for(self, recipe: Recipe) -> Scope:
        return self._need_scope(name_of(recipe.provider.type)) if recipe.needs_scope else self._book.root

    def _need_scope(self, user: str) -> Scope:
        return need_scope(self._book.root, user)

    def scope(self, name: str, values: Mapping[Any, Any] | None = None) -> Scope:
        """A new scope, to be entered; ``values`` are objects it has from the beginning, by type."""
        return Scope(self._book.find, self._book.root, name, values)

    def open_scope(self) -> Scope | None:
        """The scope of this container around the running code, if one is open."""
        return open_scope(self._book.root)

    @property
    def uses_scopes(self) -> bool:
        """Whether anything compiled so far needs an open scope; if not, none need be opened."""
        return self._book.uses_scopes

    async def close(self) -> None:
        """Clean up after the singletons, the last one built first. Raises a group of what failed."""
        await self._book.root.close()

    def compile(
        self, function: Callable[..., Any], *, given: Sequence[str] = (), marked_only: bool = False
    ) -> Callable[..., Any]:
        """``function`` as one that takes ``given`` as it would itself; its other parameters are injected at each call.

        With ``marked_only`` those without ``Depends()`` are left alone. Signature and providers are looked at now,
        not per call. Where something injected needs waiting for, the result is a coroutine function. Raises
        :class:`BootstrapError` for a parameter that nothing provides.
        """
        filled = [
            (want.name, part)
            for want in wants(function, given=given, marked_only=marked_only)
            if (part := self._book.part(want, function))
        ]
        self._book.uses_scopes |= any(part.needs_scope for _, part in filled)
        return call_site(function, filled, self._book.root, self._need_scope)
