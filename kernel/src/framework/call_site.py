"""Call sites: functions whose parameters were looked at once and are filled at every call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from framework.provider import name_of
from framework.recipe import Recipe
from framework.scope import Scope, open_scope


def call_site(
    function: Callable[..., Any],
    filled: Sequence[tuple[str, Recipe]],
    root: Scope,
    need_scope: Callable[[str], Scope],
) -> Callable[..., Any]:
    """``function`` with the ``filled`` parameters taken from the open scope; async if one must be waited for.

    ``need_scope`` gives the open scope or raises, naming the function.
    """
    if not filled:
        return function
    scoped = any(part.needs_scope for _, part in filled)
    user = name_of(function)

    if not any(part.is_async for _, part in filled):

        def call(*positional: Any, **arguments: Any) -> Any:
            scope = (open_scope(root) or need_scope(user)) if scoped else root
            for name, part in filled:
                arguments[name] = part.resolve(scope)
            return function(*positional, **arguments)

        return call

    from inspect import isawaitable

    async def call_waiting(*positional: Any, **arguments: Any) -> Any:
        scope = (open_scope(root) or need_scope(user)) if scoped else root
        for name, part in filled:
            arguments[name] = await part.resolve(scope) if part.is_async else part.resolve(scope)
        result = function(*positional, **arguments)
        return await result if isawaitable(result) else result

    return call_waiting
