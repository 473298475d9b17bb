"""`Taking`: the providers and containers that users bring become providers of the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framework import BootstrapError, Declaration
from fw_di.facade import INCLUDED, PROVIDED
from fw_di.library import containers, providers
from fw_di.taken import Taken
from fw_di.tracing import is_open, made_type

if TYPE_CHECKING:
    from fw_di.book import InjectorBook
    from fw_di.facade import Injector


class Taking:
    """``instances`` gets the containers that were included, by the id of what the user gave."""

    def __init__(self, book: InjectorBook, instances: dict[int, containers.DynamicContainer]) -> None:
        self._book = book
        self._root = book.root
        self._instances = instances
        self._filled: list[Any] = []

    def take(self, injector: Injector) -> None:
        """Take in what was declared to ``injector``. Raises :class:`BootstrapError` for what cannot work."""
        for declaration in injector.declared(PROVIDED):
            self._take(declaration, declaration.item.kind, declaration.item.provider, str)
        for declaration in injector.declared(INCLUDED):
            self._include(injector, declaration)

    def undo(self) -> None:
        """Leave the containers as they were before."""
        for container in self._instances.values():
            container.reset_singletons()
        while self._filled:
            self._filled.pop().reset_last_overriding()

    def _take(self, declaration: Declaration, kind: Any, provider: Any, name: Any) -> None:
        try:
            taken = Taken(provider, name)
        except BootstrapError as error:
            raise BootstrapError(f"{declaration.place}: {error.message}", remedy=error.remedy) from None
        self._book.provide(taken.as_provider(kind, declaration.owner, self._root))

    def _include(self, injector: Injector, declaration: Declaration) -> None:
        source, types = declaration.item.source, declaration.item.types
        container: containers.DynamicContainer = source() if isinstance(source, type) else source
        self._instances[id(source)] = container
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
