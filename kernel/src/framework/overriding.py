"""`Overrides`: what stands in for something else for a while, in tests."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from framework.errors import BootstrapError
from framework.provider import Provider, name_of
from framework.recipe import Recipe
from framework.recipe_book import RecipeBook
from framework.scope import Scope

Resolve = Callable[[Scope], Any]


@dataclass(frozen=True)
class Override:
    """What there was before: ``before`` is how its recipe resolved and of which parts, None if it had no recipe.

    ``kept`` holds the singleton, if it was built.
    """

    provider: Provider
    before: tuple[Resolve, Sequence[tuple[str, Recipe]]] | None
    kept: dict[Any, Any]


class Overrides:
    """Replaces what recipes do, so that call sites compiled long before see it too."""

    def __init__(self, book: RecipeBook) -> None:
        self._book = book
        self._made: dict[Any, list[Override]] = {}

    def put(self, wanted: Any, replacement: Any) -> None:
        """Put an instance, or what a class or function makes, in the place of what a provider makes.

        It has the lifetime of what it replaces. Raises :class:`BootstrapError` if there is nothing to replace, or if
        something that was built already holds it.
        """
        provider = self._book.providers.get(wanted)
        if provider is None and inspect.isroutine(wanted):
            provider = Provider(wanted, wanted, "transient", "application")
        if provider is None:
            raise BootstrapError(
                f"Nothing provides {name_of(wanted)}, so it cannot be overridden.",
                remedy=f"Provide it: app.provide({name_of(wanted)}, make_it).",
            )
        is_factory = inspect.isclass(replacement) or inspect.isroutine(replacement)
        factory = replacement if is_factory else lambda: replacement
        stand_in = Provider(wanted, factory, provider.lifetime, provider.owner)
        before = self._book.recipes.get(wanted)
        self._check_replaceable(wanted)
        kept = {wanted: self._book.root.values.pop(wanted)} if wanted in self._book.root.values else {}
        self._book.providers[wanted] = stand_in
        try:
            made = self._book.compiled(stand_in)
            if before is not None:
                _check_alike(before, made)
        except BaseException:
            self._book.providers[wanted] = provider
            self._book.root.values.update(kept)
            raise
        was = Override(provider, (before.resolve, before.parts) if before else None, kept)
        self._made.setdefault(wanted, []).append(was)
        recipe = self._book.recipes.setdefault(wanted, made)
        recipe.resolve, recipe.parts = made.resolve, made.parts

    def _check_replaceable(self, wanted: Any) -> None:
        for key in self._book.root.values:
            recipe = self._book.recipes.get(key)
            if key is not wanted and recipe is not None and _holds(recipe, wanted):
                raise BootstrapError(
                    f"{name_of(wanted)} cannot be overridden now: {name_of(key)}, which is built already, holds it.",
                    remedy="Override it first: `with app.override(…):` around `async with app:`.",
                )

    def take_back(self, wanted: Any) -> None:
        """Undo the last override of a key, if there is one."""
        if not self._made.get(wanted):
            return
        was = self._made[wanted].pop()
        self._book.providers[wanted] = was.provider
        self._book.root.values.pop(wanted, None)
        self._book.root.values.update(was.kept)
        recipe = self._book.recipes[wanted]
        recipe.resolve, recipe.parts = was.before or (self._late(recipe, was.provider), recipe.parts)

    def _late(self, recipe: Recipe, provider: Provider) -> Callable[[Scope], Any]:
        """How a recipe that was compiled for an override resolves without it; compiled at first use."""

        def resolve(scope: Scope) -> Any:
            made = self._book.compiled(provider)
            _check_alike(recipe, made)
            recipe.resolve, recipe.parts = made.resolve, made.parts
            return made.resolve(scope)

        return resolve


def _check_alike(before: Recipe, after: Recipe) -> None:
    """Raise if what was compiled for ``before`` cannot take ``after`` in its place."""
    if before.is_async == after.is_async and before.needs_scope >= after.needs_scope:
        return
    what = "needs a scope"
    if before.is_async != after.is_async:
        what = "is waited for" if after.is_async else "is not waited for"
    name = name_of(after.provider.type)
    raise BootstrapError(
        f"{name_of(after.provider.factory)} {what}, unlike what was compiled for {name}.",
        remedy=f"Override {name} before the application is bootstrapped, for the whole of its life.",
    )


def _holds(recipe: Recipe, wanted: Any) -> bool:
    """Whether something of ``wanted`` is in what the recipe makes, at whatever depth."""
    seen: set[int] = set()
    parts = [part for _, part in recipe.parts]
    while parts:
        part = parts.pop()
        if part.provider.type is wanted:
            return True
        if id(part) not in seen:
            seen.add(id(part))
            parts += [inner for _, inner in part.parts]
    return False
