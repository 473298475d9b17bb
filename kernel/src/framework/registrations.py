"""`Registrations`: what the application and the plugins have registered, each entry stamped with its owner."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from framework.errors import BootstrapError
from framework.facade import APPLICATION
from framework.handlers import ActingAs, Handlers
from framework.provider import Provider


@dataclass(frozen=True)
class Schema:
    """A section of the configuration and the dataclass that describes it."""

    schema: type[Any]
    section: str
    owner: str


class Registrations:
    """Providers, components, settings and handlers, in the order in which they were registered."""

    def __init__(self, acting_as: ActingAs) -> None:
        self.providers: list[Provider] = []
        self.components: list[tuple[type[Any], str]] = []
        self.schemas: list[Schema] = []
        self.handlers = Handlers(acting_as)
        self.loop: tuple[Callable[[], Any], str] | None = None
        self.overrides: list[tuple[Any, Any]] = []
        self.frozen = False
        self.endings: list[Callable[[], object]] = []

    def provider(self, provider: Provider) -> None:
        """Add a provider. Raises :class:`BootstrapError` while the application runs (``frozen``)."""
        if self.frozen:
            raise BootstrapError(
                f"A provider of {provider.type!r} was registered while the application runs.",
                remedy="Register it before the application starts.",
            )
        self.providers.append(provider)

    def component(self, component: Any, owner: str) -> None:
        """Add a class, an instance, or a factory that says what it makes. Raises :class:`BootstrapError`."""
        kind, factory = _made_by(component)
        self.provider(Provider(kind, factory, "singleton", owner))
        self.components.append((kind, owner))

    def loop_from(self, factory: Callable[[], Any], owner: str) -> None:
        """Keep the factory of the event loop. Raises :class:`BootstrapError` if there is one."""
        if self.loop is not None:
            raise BootstrapError(
                f"Both {self.loop[1]!r} and {owner!r} supply the event loop.", remedy="Switch one of them off."
            )
        self.loop = (factory, owner)

    def end(self) -> None:
        """Call what waits for the end of this life of the application, the last one registered first."""
        while self.endings:
            try:
                self.endings.pop()()
            except Exception:  # noqa: BLE001 - the others are called too, and what ends the application goes on
                from traceback import print_exc  # what writes the logs may be what has just ended

                print_exc()

    def forget_plugins(self) -> None:
        """Keep only what the application registered."""
        self.providers = [provider for provider in self.providers if provider.owner == APPLICATION]
        self.components = [(kind, owner) for kind, owner in self.components if owner == APPLICATION]
        self.schemas = [schema for schema in self.schemas if schema.owner == APPLICATION]
        self.handlers.keep(APPLICATION)
        if self.loop and self.loop[1] != APPLICATION:
            self.loop = None


def _made_by(component: Any) -> tuple[type[Any], Callable[..., Any]]:
    if inspect.isclass(component):
        return component, component
    if inspect.isroutine(component):
        kind = inspect.signature(component, eval_str=True).return_annotation
        if not inspect.isclass(kind) or kind is inspect.Signature.empty:
            raise BootstrapError(
                f"{component.__qualname__} is registered as a component but does not say what it makes.",
                remedy="Annotate its return type: def make() -> MyComponent.",
            )
        return kind, component
    return type(component), lambda: component
