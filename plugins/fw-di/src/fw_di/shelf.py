"""`Shelf`: what dependency-injector builds, where nothing waits and nothing is scoped."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from threading import RLock
from typing import Any

from framework.provider import called, name_of
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


class Shelf:
    """``container`` is the ``DynamicContainer`` in which each key has a provider; ``natives`` are those by key.

    The provider of what is sync, cleans up nothing and needs no scope builds the object itself: a singleton or a
    factory whose arguments are the providers of the others. That of anything else asks the kernel for it.
    """

    def __init__(self, book: RecipeBook) -> None:
        self._book = book
        self._root = book.root
        self.container = containers.DynamicContainer()
        self.natives: dict[Any, Native] = {}

    def put(self, recipe: Recipe) -> None:
        """Make the provider of a recipe whose parts have theirs, and let the recipe ask it."""
        native, key = self._native(recipe), recipe.provider.type
        if key not in self.natives:
            self.natives[key] = native
            self.container.set_provider(self._free_name(key), native)

    def put_with_parts(self, recipe: Recipe) -> None:
        """:meth:`put` a recipe that the kernel has compiled, and before it what it is made of."""
        key = recipe.provider.type
        if key is Scope or key in self.natives or self._book.recipes.get(key) is not recipe:
            return
        for _, part in recipe.parts:
            self.put_with_parts(part)
        self.put(recipe)

    def remove(self, key: Any) -> None:
        """Forget the provider of a key, if there is one."""
        gone = self.natives.pop(key, None)
        for name in [name for name, other in self.container.providers.items() if other is gone]:
            delattr(self.container, name)

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
            made = self._singleton(provider.type, factory)
            made.set_args(*positional)
            made.set_kwargs(**named)
        else:
            made = providers.Factory(factory, *positional, **named)
        made.disable_async_mode()  # a value that can be awaited is a value: nobody here waits for it
        recipe.resolve = _calling(made)
        return made

    def _singleton(self, key: Any, factory: Callable[..., Any]) -> Singleton:
        """A provider that has the object already if the kernel has built it."""
        values = self._root.values
        made = Singleton(lambda: values[key])
        if key in values:
            made()
        made.set_provides(Built(factory, key, values))
        return made

    def _argument(self, part: Recipe) -> Native:
        if part.needs_scope:  # a transient that cleans up, made for a singleton: at the end of the application
            return _plain(lambda: part.resolve_now(self._root))
        if part is self._book.recipes.get(part.provider.type):
            return self.natives[part.provider.type]
        return providers.Object(part.resolve(self._root))  # a parameter's default

    def _calling_taken(self, taken: Taken, recipe: Recipe) -> Callable[[Scope], Any]:
        provide, key, values = taken.provider, recipe.provider.type, self._root.values
        if taken.lifetime != "singleton":
            return lambda _: provide()

        def single(_: Scope) -> Any:
            value = values[key] = provide()
            return value

        return single

    def asking(self, recipe: Recipe) -> Native:
        """A provider that gets the object as the kernel does, also while something stands in for it."""

        return _plain(lambda: recipe.resolve_now(self._scope_of(recipe)))

    def _scope_of(self, recipe: Recipe) -> Scope:
        """Where what the recipe makes lives. Raises :class:`ScopeError` where no scope is open that it needs."""
        return self._root if not recipe.needs_scope else need_scope(self._root, name_of(recipe.provider.type))

    def _free_name(self, key: Any) -> str:
        name = "".join(letter if letter.isalnum() else "_" for letter in getattr(key, "__name__", None) or name_of(key))
        count, free = 1, name
        while hasattr(self.container, free):
            count += 1
            free = f"{name}_{count}"
        return free


def _calling(native: Native) -> Callable[[Scope], Any]:
    return lambda _: native()


def _plain(ask: Callable[[], Any]) -> Native:
    made: Native = providers.Callable(ask)
    made.disable_async_mode()
    return made
