"""`tick` and `render`: a loop over ready-made functions that survives a plugin that raises."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from framework.errors import FrameworkError

log = logging.getLogger("framework")

PATIENCE = 3
"""A plugin that raises this many times in a row is left out from then on."""

Call = Callable[[Any, Any], Any]
Wrapper = Callable[[Any, Any], Iterator[None]]


class QuarantineError(FrameworkError):
    """A plugin kept raising in a hot hook of a deterministic run, which cannot go on without it."""


class GuardedCalls:
    """One hot hook: ``impls`` and ``wrappers`` are ``(plugin, function of two arguments)``, outermost wrapper first.

    ``call`` calls every implementation in order; an exception is logged and the next one is called.
    ``calls`` counts calls; ``errors`` counts exceptions by plugin; ``quarantined`` names who was left out, which
    ``on_quarantine`` is told with the last error. With ``fatal`` the call raises :class:`QuarantineError` instead.
    """

    def __init__(
        self,
        hook: str,
        impls: Sequence[tuple[str, Call]],
        wrappers: Sequence[tuple[str, Wrapper]] = (),
        *,
        on_quarantine: Callable[[str, Exception], Any] | None = None,
        fatal: bool = False,
    ) -> None:
        self.hook = hook
        self.calls = 0
        self.errors: dict[str, int] = {}
        self.quarantined: set[str] = set()
        # Told apart by identity when one fails, so that the loop over those that do not fail carries no names.
        self._owners = {id(function): plugin for plugin, function in (*impls, *wrappers)}
        self._functions = tuple(function for _, function in impls)
        self._wrappers = tuple(function for _, function in wrappers)
        self._streaks: dict[str, tuple[int, int]] = {}
        self._on_quarantine = on_quarantine
        self._fatal = fatal
        # Chosen once: a call that nobody wraps does not ask whether somebody does.
        self.call: Call = self._wrapped if wrappers else self._plain

    def __len__(self) -> int:
        return len(self._functions) + len(self._wrappers)

    def leave_out(self, plugin: str) -> None:
        """Call what ``plugin`` implements no more. A plugin with nothing to do says so in its ``start``: where every
        one does, the clock is not driven.
        """
        self._functions = tuple(kept for kept in self._functions if self._owners[id(kept)] != plugin)
        self._wrappers = tuple(kept for kept in self._wrappers if self._owners[id(kept)] != plugin)

    def _plain(self, first: Any, second: Any) -> None:
        self.calls += 1
        for function in self._functions:
            try:
                function(first, second)
            except Exception as error:  # noqa: BLE001 - one plugin must not stop the others
                self._failed(function, error)

    def _wrapped(self, first: Any, second: Any) -> None:
        self.calls += 1
        opened = [pair for wrapper in self._wrappers if (pair := self._entered(wrapper, first, second))]
        for function in self._functions:
            try:
                function(first, second)
            except Exception as error:  # noqa: BLE001 - one plugin must not stop the others
                self._failed(function, error)
        for wrapper, generator in reversed(opened):
            self._left(wrapper, generator)

    def _entered(self, wrapper: Wrapper, first: Any, second: Any) -> tuple[Wrapper, Iterator[None]] | None:
        try:
            generator = wrapper(first, second)
            next(generator)
        except StopIteration:
            self._failed(wrapper, RuntimeError(f"the wrapper of {self.hook} did not yield"))
        except Exception as error:  # noqa: BLE001 - what it wraps is called all the same
            self._failed(wrapper, error)
        else:
            return wrapper, generator
        return None

    def _left(self, wrapper: Wrapper, generator: Iterator[None]) -> None:
        try:
            next(generator)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 - the wrappers around it go on
            self._failed(wrapper, error)
        else:
            self._failed(wrapper, RuntimeError(f"the wrapper of {self.hook} yielded twice"))

    def _failed(self, function: Callable[..., Any], error: Exception) -> None:
        plugin = self._owners[id(function)]
        last, streak = self._streaks.get(plugin, (0, 0))
        # A plugin that fails twice in one call (its wrapper, then what it wraps) has failed in that call.
        streak += last == self.calls - 1
        streak = streak if last >= self.calls - 1 and streak else 1
        self._streaks[plugin] = (self.calls, streak)
        self.errors[plugin] = self.errors.get(plugin, 0) + 1
        log.error("plugin %r raised in %s: %r", plugin, self.hook, error, exc_info=error)
        if streak >= PATIENCE and plugin not in self.quarantined:
            self._quarantine(plugin, error)

    def _quarantine(self, plugin: str, error: Exception) -> None:
        said = f"Plugin {plugin!r} raised in {self.hook} {PATIENCE} times in a row"
        if self._fatal:
            raise QuarantineError(
                f"{said}: {error!r}.", remedy="Repair it, or let the others go on: [app] deterministic = false."
            ) from error
        self.quarantined.add(plugin)
        self.leave_out(plugin)
        log.error("%s and is left out from now on", said)
        if self._on_quarantine:
            self._on_quarantine(plugin, error)
