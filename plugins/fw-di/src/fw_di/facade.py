"""`Injector`: what users see as ``app.di``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framework import App, Facade, FrameworkError
from framework.provider import name_of

if TYPE_CHECKING:
    from dependency_injector.containers import DynamicContainer
    from dependency_injector.providers import Provider

    from fw_di.container import InjectorContainer

INCLUDED = "container"
PROVIDED = "provider"


@dataclass(frozen=True)
class Inclusion:
    """A container to take providers from, and which types they are for; all that tell their type if it is empty."""

    source: Any
    types: Mapping[str, Any]


@dataclass(frozen=True)
class Provision:
    """A provider and the type it is for."""

    kind: Any
    provider: Any


class Injector(Facade):
    """Takes providers and containers of dependency-injector into the application, and gives its own to them."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.used: InjectorContainer | None = None
        """What the application injects from, told by the plugin; None where that is another container."""

    def include(self, source: Any, /, **types: Any) -> Any:
        """Let the application inject what a container's providers make.

        ``source`` is a ``DeclarativeContainer`` class, of which each start of the application has an instance of its
        own, or an instance, which the application uses as it is and whose singletons it resets when it has stopped.
        ``types`` name the type that an attribute is for, ``repo=OrderRepo``; without any, all providers whose class or
        return annotation tells their type are taken. A ``Dependency(instance_of=Type)`` is filled from the application.
        Gives the source back, so it decorates too.
        """
        self.declare(INCLUDED, Inclusion(source, types))
        return source

    def provide(self, kind: Any, provider: Provider[Any]) -> None:
        """Let the application inject what one provider makes."""
        self.declare(PROVIDED, Provision(kind, provider))

    def ask(self, kind: Any) -> Provider[Any]:
        """A provider that gets a type's object from the application; an argument for providers of your own."""
        from fw_di.asking import Asking
        from fw_di.library import providers

        return providers.Callable(Asking(self.app, kind))

    @property
    def _using(self) -> InjectorContainer:
        if self.used is None:
            raise FrameworkError(
                f"App {self.app.name!r} does not inject from dependency-injector.",
                remedy="Bootstrap it first, with the plugin 'di' on.",
            )
        return self.used

    @property
    def container(self) -> DynamicContainer:
        """The ``DynamicContainer`` with a provider for each type, under its name.

        Complete after ``bootstrap``; another one after each.
        """
        return self._using.shelf

    def provider_of(self, kind: Any) -> Provider[Any]:
        """The provider of a type in :attr:`container`.

        Raises :class:`BootstrapError` if nothing provides it.
        """
        return self._using.native(kind)

    def included(self, source: Any) -> DynamicContainer:
        """The instance in use of a container class that was included."""
        found = self._using.instances.get(id(source))
        if found is None:
            raise FrameworkError(
                f"{name_of(source)} is not among the containers of app.di.", remedy="app.di.include it first."
            )
        return found

    def forget_plugins(self) -> None:
        """See :class:`Facade`; the next bootstrap may come without the plugin."""
        super().forget_plugins()
        self.used = None
