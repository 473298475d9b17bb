"""A declared function made ready to be called with JSON."""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fw_rxon import is_identifier
from fw_worker.context import TaskContext
from fw_worker.errors import SkillError
from fw_worker.parameters import Parameters
from fw_worker.threads import SkillThreads

Compile = Callable[[Callable[..., Any]], Callable[..., Any]]
OpenScope = Callable[[], AbstractAsyncContextManager[Any]]


class BoundFunction:
    """A function with its parameters worked out; `compile` makes one whose `Depends()` parameters are filled.

    Each call is done inside a scope of its own, made by `open_scope`. Raises `SkillError` where the declaration
    cannot work.
    """

    def __init__(
        self, name: str, function: Callable[..., Any], place: str, compile: Compile, open_scope: OpenScope
    ) -> None:
        self.name = name
        self.place = place
        self._open_scope = open_scope
        self.is_async = _is_async(function)
        if not is_identifier(name):
            raise SkillError(name, place, "the name is not allowed", "Use 1 to 128 letters, digits, '_' or '-'.")
        self._prepare = compile(_prepared(function))
        try:
            self.parameters = Parameters(function)
        except (TypeError, ValueError, NameError) as error:
            raise unusable(name, place, error) from error

    async def call(self, params: dict[str, Any], context: TaskContext | None, threads: SkillThreads) -> Any:
        """Call it, on the loop or in a thread. Raises `InvalidParameters`, and what the function raises."""
        arguments = self.parameters.arguments(params, context)
        async with self._open_scope():
            call = self._prepare(**arguments)
            function: functools.partial[Any] = call if isinstance(call, functools.partial) else await call
            return await (function() if self.is_async else threads.run(function, self.name))


def unusable(name: str, place: str, error: Exception) -> SkillError:
    """The error of a signature that JSON cannot serve."""
    text = " ".join(str(error).split())
    return SkillError(
        name,
        place,
        f"its parameters cannot be filled from JSON, or its result cannot be JSON: {text}",
        "Annotate both with types known to msgspec (or pathlib.Path), or take one `params: dict`.",
    )


def _prepared(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with its signature, but put off: the objects are made on the loop, the call may be in a thread."""

    @functools.wraps(function)
    def prepare(**arguments: Any) -> Callable[[], Any]:
        return functools.partial(function, **arguments)

    return prepare


def _is_async(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 (not whether it is callable, but how)
