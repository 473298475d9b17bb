"""`InjectorBook`: the kernel's recipes, which dependency-injector's providers take over when something uses those."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from framework.provider import Provider
from framework.recipe import Recipe
from framework.recipe_book import RecipeBook

if TYPE_CHECKING:
    from fw_di.shelf import Shelf


class InjectorBook(RecipeBook):
    """Until its :meth:`shelf` is asked for, the library is not imported, and recipes are the kernel's own."""

    def __init__(self) -> None:
        super().__init__()
        self._shelf: Shelf | None = None
        self._filling = Lock()

    @property
    def shelf(self) -> Shelf:
        """The providers of all that was compiled so far, and of what is compiled from now on."""
        with self._filling:
            if self._shelf is None:
                from fw_di.shelf import Shelf

                shelf = Shelf(self)
                for recipe in list(self.recipes.values()):
                    shelf.put_with_parts(recipe)
                self._shelf = shelf
        return self._shelf

    @property
    def used(self) -> Shelf | None:
        """The shelf if somebody has asked for it."""
        return self._shelf

    def compiled(self, provider: Provider, path: tuple[Any, ...] = ()) -> Recipe:
        """See :class:`RecipeBook`."""
        recipe = super().compiled(provider, path)
        if self._shelf is not None:
            self._shelf.put(recipe)
        return recipe

    def provide(self, provider: Provider) -> None:
        """See :class:`RecipeBook`."""
        super().provide(provider)
        if self._shelf is not None and provider.type not in self.recipes:  # a default one has given way
            self._shelf.remove(provider.type)
