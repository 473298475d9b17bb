"""`Neighbour`: a plugin that lives in a test and stands beside the one under test."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from framework import Facade, Manifest, hookimpl
from framework.hookspecs import HOOKS

if TYPE_CHECKING:
    from framework import App


class Neighbour:
    """A fake plugin: ``app_with("mine", Neighbour("bus", offers={Bus: MemoryBus()}))``.

    It takes the place of an installed plugin of its name. ``offers`` is what others can have injected, by type: an
    object, or a class or function that makes one. ``facades`` are attributes of the App by name, which is how it stands
    in for a package that is not installed; their classes stand at the top of a module. ``provides``, ``requires``,
    ``after`` and ``guard`` are as in `plugin.toml`. ``hooks`` are functions by the name of a hook, called with all its
    parameters by position; ``start`` and ``stop`` may be async. ``calls`` are the hooks called so far, in order:
    ``bootstrap``, ``register``, ``start``, ``stop``, and those among ``hooks``.
    """

    def __init__(
        self,
        name: str,
        *,
        provides: Iterable[str] = (),
        requires: Iterable[str] = (),
        after: Iterable[str] = (),
        guard: bool = False,
        offers: Mapping[Any, Any] | None = None,
        facades: Mapping[str, type[Facade]] | None = None,
        hooks: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self.manifest = Manifest(
            name,
            "a neighbour in a test",
            provides=tuple(provides),
            requires=tuple(requires),
            after=tuple(after),
            guard=guard,
            facades={attribute: _target(kind) for attribute, kind in (facades or {}).items()},
        )
        self.calls: list[str] = []
        self._offers = dict(offers or {})
        self._hooks = dict(hooks or {})
        unknown = sorted(self._hooks.keys() - set(HOOKS))
        if unknown:
            raise ValueError(f"There is no hook {unknown[0]!r}; there are: {', '.join(HOOKS)}.")
        # Only where they are asked for: an App in which somebody has `tick` is ticking.
        more: dict[str, Callable[..., Any]] = {
            "dispatch": lambda app, message_type: self._call("dispatch", app, message_type),
            "tick": lambda app, dt: self._call("tick", app, dt),
            "render": lambda app, frame: self._call("render", app, frame),
        }
        vars(self).update({hook: hookimpl(function) for hook, function in more.items() if hook in self._hooks})

    @hookimpl
    def bootstrap(self, app: App) -> None:
        self._call("bootstrap", app)

    @hookimpl
    def register(self, app: App) -> None:
        for wanted, offer in self._offers.items():
            app.provide(wanted, offer if inspect.isclass(offer) or inspect.isroutine(offer) else _giving(offer))
        self._call("register", app)

    @hookimpl
    def start(self, app: App) -> Any:
        return self._call("start", app)

    @hookimpl
    def stop(self, app: App) -> Any:
        return self._call("stop", app)

    def _call(self, hook: str, *arguments: Any) -> Any:
        self.calls.append(hook)
        return self._hooks[hook](*arguments) if hook in self._hooks else None


def _target(kind: type[Facade]) -> str:
    """``module:class`` as a manifest has it. Raises ValueError for a class inside a function."""
    if "<locals>" in kind.__qualname__:
        raise ValueError(f"The facade {kind.__qualname__} stands inside a function; move it to the top of its module.")
    return f"{kind.__module__}:{kind.__qualname__}"


def _giving(offer: Any) -> Callable[[], Any]:
    return lambda: offer
