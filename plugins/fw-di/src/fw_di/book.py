"""`InjectorBook`: the kernel's recipes, built by dependency-injector where nothing waits and nothing is scoped."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from threading import RLock
from typing import Any

from framework.provider import Provider, called, name_of
from framework.recipe import Recipe
from framework.recipe_book import RecipeBook
from framework.scope import Scope, need_scope
from fw_di.library import containers, providers
from fw_di.taken import Taken

Native = providers.Provider[Any]


class _OwnLock(type):
    """Gives each provider of its classes a lock of its own.

    dependency-injector has one for all: a factory that waits for a thread, in which another singleton is built, would
    wait for ever.
    """

    @property
    def storage_lock(cls) -> Any:
        """What ``ThreadSafeSingleton`` takes as the lock of the provider being made."""
        return RLock()


class Singleton(providers.ThreadSafeSingleton[Any], metaclass=_OwnLock):
    """Built once, also when threads ask at once, without holding up other singletons."""


class Built:
    """A factory that notes what it built under its key; dependency-injector would build None again each time."""

    def __init__(self, factory: Callable[..., Any], key: Any, values: dict[Any, Any]) -> None:
        self.factory = factory
        self._key = key
        self._values = values

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if self._values.get(self._key, self) is None:
            return None
        value = self._values[self._key] = self.factory(*arguments, **named)
        return value

    def __repr__(self) -> str:
        return name_of(self.factory)


class InjectorBook(RecipeBook):
    """``shelf`` is the ``DynamicContainer`` in which each key has a provider; ``natives`` are those by key.

    The provider of what is sync, cleans up nothing and needs no scope builds the object itself: a singleton or a
    factory whose arguments are the providers of the others. That of anything else asks the kernel for it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shelf = containers.DynamicContainer()
        self.natives: dict[Any, Native] = {}

    def compiled(self, provider: Provider, path: tuple[Any, ...] = ()) -> Recipe:
        """See :class:`RecipeBook`."""
        recipe = super().compiled(provider, path)
        native = self._native(recipe)
        if provider.type not in self.natives:
            self.natives[provider.type] = native
            self.shelf.set_provider(self._free_name(provider.type), native)
        return recipe

    def _native(self, recipe: Recipe) -> Native:
        provider = recipe.provider
        factory = provider.factory
        taken = getattr(factory, "taken", None)
        if isinstance(taken, Taken):
            if recipe.is_async or taken.trace.resources:
                return self.asking(recipe)
            recipe.resolve = self._calling_taken(taken, recipe)
            return taken.provider  # type: ignore[no-any-return]
        if recipe.is_async or recipe.needs_scope or inspect.isgeneratorfunction(called(factory)):
            return self.asking(recipe)
        positional = [self._argument(part) for name, part in recipe.parts if not name]
        named = {name: self._argument(part) for name, part in recipe.parts if name}
        made: Native
        if provider.lifetime == "singleton":
            made = Singleton(Built(factory, provider.type, self.root.values), *positional, **named)
        else:
            made = providers.Factory(factory, *positional, **named)
        made.disable_async_mode()  # a value that can be awaited is a value: nobody here waits for it
        recipe.resolve = _calling(made)
        return made

    def _argument(self, part: Recipe) -> Native:
        if part.needs_scope:  # a transient that cleans up, made for a singleton: at the end of the application
            return _plain(lambda: part.resolve_now(self.root))
        if part is self.recipes.get(part.provider.type):
            return self.natives[part.provider.type]
        return providers.Object(part.resolve(self.root))  # a parameter's default

    def _calling_taken(self, taken: Taken, recipe: Recipe) -> Callable[[Scope], Any]:
        provide, key, values = taken.provider, recipe.provider.type, self.root.values
        if taken.lifetime != "singleton":
            return lambda _: provide()

        def single(_: Scope) -> Any:
            value = values[key] = provide()
            return value

        return single

    def asking(self, recipe: Recipe) -> Native:
        """A provider that gets the object as the kernel does, also while something stands in for it."""

        return _plain(lambda: recipe.resolve_now(self.scope_of(recipe)))

    def scope_of(self, recipe: Recipe) -> Scope:
        """Where what the recipe makes lives. Raises :class:`ScopeError` where no scope is open that it needs."""
        return self.root if not recipe.needs_scope else need_scope(self.root, name_of(recipe.provider.type))

    def provide(self, provider: Provider) -> None:
        """See :class:`RecipeBook`."""
        super().provide(provider)
        if provider.type in self.natives and provider.type not in self.recipes:  # a default one has given way
            gone = self.natives.pop(provider.type)
            for name in [name for name, other in self.shelf.providers.items() if other is gone]:
                delattr(self.shelf, name)

    def _free_name(self, key: Any) -> str:
        name = "".join(letter if letter.isalnum() else "_" for letter in getattr(key, "__name__", None) or name_of(key))
        count, free = 1, name
        while hasattr(self.shelf, free):
            count += 1
            free = f"{name}_{count}"
        return free


def _calling(native: Native) -> Callable[[Scope], Any]:
    return lambda _: native()


def _plain(ask: Callable[[], Any]) -> Native:
    made: Native = providers.Callable(ask)
    made.disable_async_mode()
    return made
