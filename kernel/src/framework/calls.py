"""`tick` and `render`: a loop over ready-made functions that survives a plugin that raises."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

log = logging.getLogger("framework")

PATIENCE = 3
"""A plugin that raises this many times in a row is left out from then on."""


class GuardedCalls:
    """One hot hook.

    ``calls`` counts calls; ``errors`` counts exceptions by plugin; ``quarantined`` names who was left out.
    """

    def __init__(self, hook: str, impls: Sequence[tuple[str, Callable[..., Any]]]) -> None:
        self.hook = hook
        self.calls = 0
        self.errors: dict[str, int] = {}
        self.quarantined: set[str] = set()
        self._impls = tuple(impls)
        self._streaks: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._impls)

    def __call__(self, *arguments: Any) -> None:
        """Call every implementation in order; an exception is logged and the next one is called."""
        self.calls += 1
        for plugin, function in self._impls:
            try:
                function(*arguments)
            except Exception as error:  # noqa: BLE001 - one plugin must not stop the others
                self._failed(plugin, error)

    def _failed(self, plugin: str, error: Exception) -> None:
        last, streak = self._streaks.get(plugin, (0, 0))
        streak = streak + 1 if last == self.calls - 1 else 1
        self._streaks[plugin] = (self.calls, streak)
        self.errors[plugin] = self.errors.get(plugin, 0) + 1
        log.error("plugin %r raised in %s: %r", plugin, self.hook, error, exc_info=error)
        if streak >= PATIENCE:
            self.quarantined.add(plugin)
            self._impls = tuple(pair for pair in self._impls if pair[0] != plugin)
            log.error("plugin %r raised in %s %d times in a row and is left out from now on", plugin, self.hook, streak)
