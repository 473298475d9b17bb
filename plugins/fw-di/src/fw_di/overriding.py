"""`InjectorOverrides`: stand-ins that dependency-injector's providers see too."""

from __future__ import annotations

from typing import Any

from framework.overriding import Overrides
from fw_di.book import InjectorBook
from fw_di.shelf import Native
from fw_di.taken import Taken


class InjectorOverrides(Overrides):
    """While something stands in for a key, the provider of the key asks the kernel's recipe, which knows what."""

    def __init__(self, book: InjectorBook) -> None:
        super().__init__(book)
        self._shelf = book.shelf
        self._recipes = book.recipes
        self._providers = book.providers
        self._put: dict[Any, list[list[Native]]] = {}

    def put(self, wanted: Any, replacement: Any) -> None:
        """See :class:`Overrides`."""
        natives = self._natives(wanted)
        super().put(wanted, replacement)
        for native in natives:
            native.override(self._shelf.asking(self._recipes[wanted]))
        self._put.setdefault(wanted, []).append(natives)

    def take_back(self, wanted: Any) -> None:
        """See :class:`Overrides`."""
        super().take_back(wanted)
        if not self._put.get(wanted):
            return
        natives = self._put[wanted].pop()
        for native in natives:
            native.reset_last_overriding()
        shelved = self._shelf.natives[wanted]
        if not any(shelved is native for native in natives):  # made for the stand-in, when there was none yet
            shelved.override(self._shelf.asking(self._recipes[wanted]))

    def _natives(self, wanted: Any) -> list[Native]:
        """The providers of a key now: the one of the container, and the one that a user brought."""
        found = [self._shelf.natives[wanted]] if wanted in self._shelf.natives else []
        provider = self._providers.get(wanted)
        taken = getattr(provider.factory, "taken", None) if provider else None
        if isinstance(taken, Taken) and not any(taken.provider is native for native in found):
            found.append(taken.provider)
        return found
