"""States of a blueprint, and the handlers that run in them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, get_type_hints

from framework import App
from framework.depends import Dependency
from fw_orchestrator.conditions import Condition
from fw_orchestrator.context import ActionFactory, JobContext
from fw_orchestrator.errors import ActionError, BlueprintError, ConditionError

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint

When = Condition | Callable[[JobContext], Any]

BY_NAME = frozenset({"context", *(f.name for f in fields(JobContext))})
LATER = {"task_files": "payload files are not supported yet"}
"""Parameters that are to come, and why they are not there."""


@dataclass(frozen=True, eq=False)
class StateHandler:
    """A handler and the parameters it takes, each with the member of the context it gets (``context``: all of it).

    ``injected`` names those that the application's container fills, by type. ``to`` are the states it says it leads to.
    """

    state: str
    function: Callable[..., Any]
    takes: dict[str, str]
    injected: tuple[str, ...] = ()
    condition: When | None = None
    to: tuple[str, ...] = ()

    def __call__(self, context: JobContext, function: Callable[..., Any] | None = None) -> Any:
        """Call it, or what stands in for its function with the injected parameters filled; what that returns."""
        arguments = {
            name: context if member == "context" else getattr(context, member) for name, member in self.takes.items()
        }
        return (function or self.function)(**arguments)

    def holds(self, context: JobContext) -> bool:
        """Whether it is to run. Raises :class:`ConditionError`."""
        if self.condition is None:
            return True
        if isinstance(self.condition, Condition):
            return self.condition.holds(context)
        try:
            return bool(self.condition(context))
        except Exception as error:
            raise ConditionError(
                f"The condition {self.words} of state {self.state!r} raised {type(error).__name__}: {error}"
            ) from error

    @property
    def words(self) -> str:
        """The condition for a reader; empty if there is none."""
        if self.condition is None:
            return ""
        return self.condition.text if isinstance(self.condition, Condition) else self.condition.__qualname__


@dataclass
class State:
    """A state: what it is, and its handlers, those with a condition in the order in which they were declared."""

    name: str
    handlers: list[StateHandler] = field(default_factory=list)
    is_start: bool = False
    is_end: bool = False
    is_failure: bool = False

    @property
    def default(self) -> StateHandler | None:
        """The handler without a condition."""
        return next((handler for handler in self.handlers if handler.condition is None), None)

    def choose(self, context: JobContext) -> StateHandler:
        """The first handler whose condition holds, else the default. Raises :class:`ActionError` if there is none."""
        default = None
        for handler in self.handlers:
            if handler.condition is None:
                default = handler
            elif handler.holds(context):
                return handler
        if default is None:
            raise ActionError(
                f"No condition of state {self.name!r} holds, and it has no handler without a condition.",
                remedy=f'Add a default: @blueprint.handler_for("{self.name}").',
            )
        return default


def parameters(blueprint: str, state: str, function: Callable[..., Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """What fills the parameters of a handler: members of the context by name or type, and the container by type.

    Raises :class:`BlueprintError` for one that nothing can fill.
    """
    takes: dict[str, str] = {}
    injected: list[str] = []
    hints = get_type_hints(function)
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        if hint is JobContext:
            takes[name] = "context"
        elif hint is ActionFactory:
            takes[name] = "actions"
        elif isinstance(parameter.default, Dependency):
            injected.append(name)
        elif name in BY_NAME:
            takes[name] = name
        elif parameter.default is not parameter.empty:
            continue
        elif name not in LATER and isinstance(hint, type) and hint.__module__ not in ("builtins", "typing"):
            injected.append(name)
        else:
            why = f": {LATER[name]}" if name in LATER else ""
            raise BlueprintError(
                f"Blueprint {blueprint!r}, state {state!r}: nothing can be given to parameter {name!r} of "
                f"{function.__qualname__}{why}.",
                remedy=f"Known names: {', '.join(sorted(BY_NAME))}. Annotate it with a class that the application "
                "provides to have that injected.",
            )
    return takes, tuple(injected)


def bound_handlers(app: App, blueprints: Iterable[StateMachineBlueprint]) -> dict[StateHandler, Callable[..., Any]]:
    """The handlers that want something injected, with that filled. Raises for what nobody provides."""
    found = {}
    for blueprint in blueprints:
        handlers = [handler for state in blueprint.states.values() for handler in state.handlers]
        for handler in (*handlers, *blueprint.aggregators.values()):
            if handler.injected:
                found[handler] = app.compile(handler.function, given=tuple(handler.takes))
    return found
