"""`InjectorContainer`: dependency-injector behind the kernel's `Container`; the scope stays the kernel's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from framework.container import BuiltinContainer
from fw_di.book import InjectorBook
from fw_di.facade import INCLUDED, PROVIDED

if TYPE_CHECKING:
    from dependency_injector.containers import DynamicContainer

    from fw_di.facade import Injector
    from fw_di.overriding import InjectorOverrides
    from fw_di.shelf import Native
    from fw_di.taking import Taking

T = TypeVar("T")


class InjectorContainer(BuiltinContainer):
    """Singletons and factories are providers of ``shelf``, a ``DynamicContainer``; the rest is as in the built-in one.

    ``injector`` says what else to take in, when everything has been provided. The library is imported, and the shelf
    filled, when something is taken in or overridden, or when somebody asks for the shelf; until then nobody can tell
    who builds, and the kernel does.
    """

    def __init__(self, injector: Injector | None = None) -> None:
        self._book: InjectorBook
        book = InjectorBook()
        super().__init__(book)
        self.instances: dict[int, DynamicContainer] = {}
        """Containers that were included, by the id of what the user gave."""
        self._taking: Taking | None = None
        self._injector = injector
        self._overrides: InjectorOverrides | None = None
        self.check = self._check
        self.override = self._override
        self.restore = self._restore

    @property
    def shelf(self) -> DynamicContainer:
        """The ``DynamicContainer`` with a provider for each key."""
        return self._book.shelf.container

    def get(self, wanted: type[T]) -> T:
        """See :class:`framework.container.Container`."""
        shelf = self._book.used
        if shelf is None:
            return super().get(wanted)
        native = shelf.natives.get(wanted)
        if native is None:
            native = self.native(wanted)
        value: T = native()
        return value

    def native(self, wanted: Any) -> Native:
        """The provider of a key. Raises :class:`BootstrapError` if nothing provides it."""
        shelf = self._book.shelf
        recipe = self._book.find(wanted)
        return shelf.natives.get(wanted) or shelf.asking(recipe)

    def _check(self) -> None:
        self._take_in()
        self._book.check()

    def _override(self, wanted: Any, replacement: Any) -> None:
        self._take_in()
        if self._overrides is None:
            from fw_di.overriding import InjectorOverrides

            self._overrides = InjectorOverrides(self._book)
        self._overrides.put(wanted, replacement)

    def _restore(self, wanted: Any) -> None:
        if self._overrides is not None:
            self._overrides.take_back(wanted)

    def _take_in(self) -> None:
        injector, self._injector = self._injector, None
        if injector is None or not (injector.declared(PROVIDED) or injector.declared(INCLUDED)):
            return
        from fw_di.taking import Taking

        _ = self._book.shelf  # what is brought is used: the recipes to come are dependency-injector's
        self._taking = Taking(self._book, self.instances)
        self._taking.take(injector)

    async def close(self) -> None:
        """See :class:`framework.container.Container`; included containers are as they were before."""
        try:
            await super().close()
        finally:
            if self._taking is not None:
                self._taking.undo()
