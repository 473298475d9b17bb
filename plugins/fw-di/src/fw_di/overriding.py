"""`InjectorOverrides`: stand-ins that dependency-injector's providers see too."""

from __future__ import annotations

from typing import Any

from framework.overriding import Overrides
from fw_di.book import InjectorBook


class InjectorOverrides(Overrides):
    """While something stands in for a key, the provider of the key asks the kernel's recipe, which knows what."""

    def __init__(self, book: InjectorBook) -> None:
        super().__init__(book)
        self._shelved = book
        self._fresh: dict[Any, list[bool]] = {}

    def put(self, wanted: Any, replacement: Any) -> None:
        """See :class:`Overrides`."""
        native = self._shelved.natives.get(wanted)
        super().put(wanted, replacement)
        self._fresh.setdefault(wanted, []).append(native is None)
        if native is not None:
            native.override(self._shelved.asking(self._shelved.recipes[wanted]))

    def take_back(self, wanted: Any) -> None:
        """See :class:`Overrides`."""
        super().take_back(wanted)
        if not self._fresh.get(wanted):
            return
        native = self._shelved.natives[wanted]
        if self._fresh[wanted].pop():
            native.override(self._shelved.asking(self._shelved.recipes[wanted]))
        else:
            native.reset_last_overriding()
