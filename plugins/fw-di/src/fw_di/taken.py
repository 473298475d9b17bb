"""`Taken`: a provider of dependency-injector that the application gets objects from."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any

from framework.provider import Lifetime, Provider
from framework.scope import Scope
from fw_di.library import providers
from fw_di.tracing import Name, traced


class Taken:
    """``lifetime`` is what the kernel must know: a singleton is one, all else is asked for each time it is needed.

    Raises :class:`BootstrapError` for what cannot work.
    """

    def __init__(self, provider: Any, name: Name) -> None:
        self.provider = provider
        self.name = name(provider)
        self.trace = traced(provider, name)
        single = isinstance(provider, providers.Singleton | providers.ThreadSafeSingleton | providers.Object)
        resource = isinstance(provider, providers.Resource)
        self.lifetime: Lifetime = "singleton" if single or resource else "transient"

    def get(self, scope: Scope) -> Any:
        """The object. ``scope``, that of the application, closes resources that were opened for it."""
        if not self.trace.resources:
            return self.provider()
        try:
            return self.provider()
        finally:
            self._settle(scope)

    async def wait(self, scope: Scope) -> Any:
        """Like :meth:`get`, where something is built by waiting."""
        try:
            value = self.provider()
            return await value if inspect.isawaitable(value) else value
        finally:
            self._settle(scope)

    def _settle(self, scope: Scope) -> None:
        """Have the scope close the resources that are open now, before what they are made of."""
        for resource in self.trace.resources:
            if resource.initialized and resource not in scope.values.setdefault(Taken, []):
                scope.values[Taken].append(resource)
                closing = _closing(resource)
                with suppress(StopIteration):
                    closing.asend(None).send(None)  # up to its yield, for which it does not wait
                scope.exits.append(closing)

    def as_provider(self, key: Any, owner: str, root: Scope) -> Provider:
        """What the kernel takes: a factory with a parameter for each thing that this one asks the application for."""

        def make(**_: Any) -> Any:
            return self.get(root)

        async def make_waiting(**_: Any) -> Any:
            return await self.wait(root)

        factory: Callable[..., Any] = make_waiting if self.trace.waits else make
        names = {f"asked_{number}": asked for number, asked in enumerate(dict.fromkeys(self.trace.asked))}
        parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
        factory.__dict__.update(__signature__=inspect.Signature(parameters), taken=self)
        factory.__annotations__, factory.__qualname__ = names, self.name
        return Provider(key, factory, self.lifetime, owner)


async def _closing(resource: Any) -> AsyncGenerator[None, None]:
    yield
    if resource.initialized:
        ended = resource.shutdown()
        if inspect.isawaitable(ended):
            await ended
