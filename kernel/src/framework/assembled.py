"""`Assembled`: the half of an App that knows what bootstrap has put together, and injects from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from framework.declaring import Declaring
from framework.errors import BootstrapError

if TYPE_CHECKING:
    from types import SimpleNamespace

    from framework.assembly import Assembly
    from framework.calls import GuardedCalls
    from framework.clock import FixedStep
    from framework.config import Config
    from framework.container import Container
    from framework.discovery import Plugin
    from framework.handlers import Handler
    from framework.inputs import Sources
    from framework.scope import Scope


class Assembled(Declaring):
    """Nothing here works before ``bootstrap``, except ``override``."""

    name: str

    def __init__(self, sources: Sources) -> None:
        super().__init__(sources)
        self._assembly: Assembly | None = None
        self._spent = True

    @property
    def assembly(self) -> Assembly:
        """What ``bootstrap`` made. Raises :class:`BootstrapError` before it."""
        if self._assembly is None:
            raise BootstrapError(
                f"App {self.name!r} has not been bootstrapped.", remedy="Call app.bootstrap() or `async with app:`."
            )
        return self._assembly

    @property
    def config(self) -> Config:
        """The configuration; from the ``bootstrap`` hooks on."""
        return self.assembly.config

    @property
    def container(self) -> Container:
        """The container; complete after ``bootstrap``."""
        return self.assembly.container

    def use_container(self, container: Container) -> None:
        """Inject from ``container`` instead of the built-in one; in a plugin's ``bootstrap``, before others register.

        Raises :class:`BootstrapError` if another plugin has done so, and when everything is put together.
        """
        self.assembly.use_container(container, self.owner)

    @property
    def mode(self) -> str:
        """The mode the application was put together for."""
        return self.assembly.mode

    @property
    def plugins(self) -> Sequence[Plugin]:
        """The plugins that are on, each after what it requires."""
        return self.assembly.selection.on

    @property
    def clock(self) -> FixedStep:
        """What drives ``tick`` and ``render``: pause it, change its scale, make single steps."""
        return self.assembly.clock

    @property
    def calls(self) -> Mapping[str, GuardedCalls]:
        """The counters of ``tick`` and ``render``: calls, errors by plugin, who is quarantined."""
        return self.assembly.calls

    @property
    def hooks(self) -> SimpleNamespace:
        """The hooks that plugins added, for the packages that own them: ``app.hooks.http_banner(request=request)``."""
        return self.assembly.registry.hooks

    def exposed(self, door: str) -> list[Handler]:
        """The handlers that may be reached through a door; for its plugin, from ``start`` on.

        Raises :class:`BootstrapError` if one declares a policy and nothing provides :class:`Policy`.
        """
        return self.assembly.exposure.at(door)

    def compile(
        self, function: Callable[..., Any], *, given: Sequence[str] = (), marked_only: bool = False
    ) -> Callable[..., Any]:
        """See :meth:`framework.container.Container.compile`."""
        return self.container.compile(function, given=given, marked_only=marked_only)

    def scope(self, name: str = "task", values: Mapping[Any, Any] | None = None) -> Scope:
        """A scope for a piece of work: ``async with app.scope():``. Commands dispatched inside join it.

        ``values`` are objects it has from the beginning, by type; each needs a scoped provider too.
        """
        return self.container.scope(name, values)

    @contextmanager
    def override(self, wanted: Any, replacement: Any) -> Iterator[None]:
        """Within the block, an instance, or what a class or function makes, stands in for what is provided.

        For tests, best around ``async with app:``. ``wanted`` is a type, or a factory named by ``Depends(factory)``.
        Raises :class:`BootstrapError` if nothing provides it, or if something that was built already holds it.
        """
        if self._assembly is not None and (not self._spent or self._registered.frozen):
            self._assembly.container.override(wanted, replacement)  # a stopped App gets a new container
        self._registered.overrides.append((wanted, replacement))
        try:
            yield
        finally:
            self._registered.overrides.remove((wanted, replacement))
            if self._assembly is not None:
                self._assembly.container.restore(wanted)
