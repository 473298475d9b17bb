"""`InjectorContainer`: dependency-injector behind the kernel's `Container`; the scope stays the kernel's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from framework import BootstrapError, Declaration
from framework.container import BuiltinContainer
from fw_di.book import InjectorBook, Native
from fw_di.facade import INCLUDED, PROVIDED
from fw_di.library import containers, providers
from fw_di.overriding import InjectorOverrides
from fw_di.taken import Taken
from fw_di.tracing import is_open, made_type

if TYPE_CHECKING:
    from fw_di.facade import Injector

T = TypeVar("T")


class InjectorContainer(BuiltinContainer):
    """Singletons and factories are providers of ``shelf``, a ``DynamicContainer``; the rest is as in the built-in one.

    ``injector`` says what else to take in, when everything has been provided.
    """

    def __init__(self, injector: Injector | None = None) -> None:
        self._book: InjectorBook
        book = InjectorBook()
        super().__init__(book)
        self.shelf: containers.DynamicContainer = book.shelf
        self.instances: dict[int, containers.DynamicContainer] = {}
        """Containers that were included, by the id of what the user gave."""
        self._filled: list[Any] = []
        self._natives = book.natives
        self._injector = injector
        self._overrides = InjectorOverrides(book)
        self.check = self._check
        self.override = self._override
        self.restore = self._overrides.take_back

    def get(self, wanted: type[T]) -> T:
        """See :class:`framework.container.Container`."""
        native = self._natives.get(wanted)
        if native is None:
            native = self.native(wanted)
        value: T = native()
        return value

    def native(self, wanted: Any) -> Native:
        """The provider of a key. Raises :class:`BootstrapError` if nothing provides it."""
        recipe = self._book.find(wanted)
        return self._natives.get(wanted) or self._book.asking(recipe)

    def _check(self) -> None:
        self._take_in()
        self._book.check()

    def _override(self, wanted: Any, replacement: Any) -> None:
        self._take_in()
        self._overrides.put(wanted, replacement)

    async def close(self) -> None:
        """See :class:`framework.container.Container`; included containers are as they were before."""
        try:
            await super().close()
        finally:
            for container in self.instances.values():
                container.reset_singletons()
            while self._filled:
                self._filled.pop().reset_last_overriding()

    # --- what users bring -------------------------------------------------------------------------------------------

    def _take_in(self) -> None:
        injector, self._injector = self._injector, None
        if injector is None:
            return
        for declaration in injector.declared(PROVIDED):
            self._take(declaration, declaration.item.kind, declaration.item.provider, str)
        for declaration in injector.declared(INCLUDED):
            self._include(injector, declaration)

    def _take(self, declaration: Declaration, kind: Any, provider: Any, name: Any) -> None:
        try:
            taken = Taken(provider, name)
        except BootstrapError as error:
            raise BootstrapError(f"{declaration.place}: {error.message}", remedy=error.remedy) from None
        self.provide(taken.as_provider(kind, declaration.owner, self._book.root))

    def _include(self, injector: Injector, declaration: Declaration) -> None:
        source, types = declaration.item.source, declaration.item.types
        container: containers.DynamicContainer = source() if isinstance(source, type) else source
        self.instances[id(source)] = container
        provider: Any
        for provider in container.providers.values():
            if is_open(provider) and provider.instance_of is not object:
                provider.override(injector.ask(provider.instance_of))
                self._filled.append(provider)
        names = {id(provider): name for name, provider in container.providers.items()}
        title = (source if isinstance(source, type) else type(source)).__name__
        wanted = types or {name: made_type(provider) for name, provider in container.providers.items()}

        def name(provider: Any) -> str:
            return f"{title}.{names[id(provider)]}" if id(provider) in names else _words(provider)

        for attribute, kind in wanted.items():
            if attribute not in container.providers:
                raise BootstrapError(
                    f"{declaration.place}: {title} has no provider {attribute!r}.",
                    remedy=f"It has: {', '.join(sorted(container.providers)) or 'none'}.",
                )
            if kind is not None and not isinstance(container.providers[attribute], providers.Dependency):
                self._take(declaration, kind, container.providers[attribute], name)


def _words(provider: Any) -> str:
    provides = getattr(provider, "provides", None)
    return f"{type(provider).__name__}({getattr(provides, '__name__', provides)})"
