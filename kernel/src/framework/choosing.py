"""What becomes of a plugin that raises when its ``dispatch`` hook is asked for the handler of a message."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from framework.errors import ReportedFailure

if TYPE_CHECKING:
    from framework.discovery import Plugin

log = logging.getLogger("framework")


class ChoiceFailure(ReportedFailure):
    """A plugin raised when it was asked for the handler of a message."""

    headline = "No handler could be chosen."


class Chooser:
    """Guards the ``dispatch`` hooks of ``plugins``: one that raises is gone without, where ``policy`` is to degrade.

    Otherwise, and for a plugin that is a guard, the message is refused with a :class:`ChoiceFailure`.
    """

    def __init__(self, plugins: Sequence[Plugin], policy: str) -> None:
        self._plugins = {plugin.name: plugin for plugin in plugins}
        self._policy = policy

    def guarded(self, plugin: str, function: Callable[..., Any], *, wrapper: bool) -> Callable[..., Any]:
        """The hook of a plugin in such a guard."""
        return partial(self._wrap if wrapper else self._choose, self._plugins[plugin], function)

    def _choose(self, plugin: Plugin, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told with the plugin's name
            return self._bear(plugin, error)

    def _wrap(self, plugin: Plugin, function: Callable[..., Any], *arguments: Any) -> Generator[None, Any, Any]:
        generator: Generator[None, Any, Any] = function(*arguments)
        try:
            next(generator)
        except Exception as error:  # noqa: BLE001 - see above; StopIteration among them: it did not yield
            self._bear(plugin, error)
            return (yield)
        inner, chosen = None, None
        try:
            chosen = yield
        except Exception as error:  # noqa: BLE001 - for the wrapper to see, as it does without a guard
            inner = error
        try:
            generator.send(chosen) if inner is None else generator.throw(inner)
        except StopIteration as done:
            return done.value
        except Exception as error:
            if error is inner:
                raise
            self._bear(plugin, error)
        else:
            generator.close()
            self._bear(plugin, RuntimeError("the wrapper of dispatch yielded twice"))
        if inner is not None:
            raise inner
        return chosen

    def _bear(self, plugin: Plugin, error: Exception) -> None:
        failure = ChoiceFailure([plugin.failure("dispatch", error)])
        if self._policy != "degrade" or plugin.guard:
            raise failure from error
        log.error("Going on without the dispatch of plugin %r: %s", plugin.name, failure)
