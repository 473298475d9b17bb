"""What a handler can ask for.

One action, recorded by `ActionFactory` and carried out after the handler has returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fw_orchestrator.errors import ActionError
from fw_rxon import is_identifier

Require = int | Literal["all", "any"]


@dataclass(frozen=True)
class TaskOrder:
    """A task to be dispatched."""

    skill: str
    params: dict[str, Any]
    priority: int = 0


@dataclass(frozen=True)
class TransitionTo:
    """Go to another state."""

    state: str


@dataclass(frozen=True)
class DispatchTask:
    """Give one task to a worker; its outcome's status chooses the next state."""

    order: TaskOrder
    transitions: dict[str, str]


@dataclass(frozen=True)
class DispatchParallel:
    """Give tasks to workers; when all have ended and at least ``require`` succeeded, run an aggregator."""

    orders: tuple[TaskOrder, ...]
    aggregate_into: str
    require: int


Action = TransitionTo | DispatchTask | DispatchParallel


class ActionFactory:
    """Given to a handler as ``actions``. Exactly one of its methods may be called, once."""

    def __init__(self) -> None:
        self.chosen: Action | None = None

    def transition_to(self, state: str) -> None:
        """Go to ``state``."""
        self._choose(TransitionTo(state))

    def dispatch_task(
        self,
        task_type: str,
        params: Mapping[str, Any] | None = None,
        *,
        transitions: Mapping[str, str],
        priority: int = 0,
    ) -> None:
        """Have a worker with the skill ``task_type`` do one task.

        ``transitions`` maps the status a worker answers with to the next state; a status that is missing there fails
        the job. A failure is first retried according to its code; ``"failure"`` in ``transitions`` is taken when that
        has been in vain.
        """
        order = _order({"task_type": task_type, "params": params, "priority": priority})
        self._choose(DispatchTask(order, dict(transitions)))

    def dispatch_parallel(
        self, tasks: Sequence[Mapping[str, Any]], aggregate_into: str, *, require: Require = "all"
    ) -> None:
        """Have workers do many tasks at once, each ``{"task_type": …, "params": {…}, "priority": 0}``.

        When all have ended, the aggregator of state ``aggregate_into`` runs, if enough succeeded: ``"all"`` of them,
        ``"any"`` (at least one), or a number; otherwise the job fails. ``require=0`` runs it whatever happened.
        """
        orders = tuple(_order(task) for task in tasks)
        self._choose(DispatchParallel(orders, aggregate_into, _required(require, len(orders))))

    def _choose(self, action: Action) -> None:
        if self.chosen is not None:
            raise ActionError(
                f"The handler asked for {_words(action)} after it had asked for {_words(self.chosen)}.",
                remedy="A handler asks for one action.",
            )
        self.chosen = action


def _order(task: Mapping[str, Any]) -> TaskOrder:
    unknown = set(task) - {"task_type", "type", "params", "priority"}
    if unknown:
        raise ActionError(f"A task has no member {min(unknown)!r}.", remedy="It has task_type, params and priority.")
    skill, params, priority = task.get("task_type", task.get("type")), task.get("params"), task.get("priority", 0)
    if not isinstance(skill, str) or not is_identifier(skill):
        raise ActionError(f"{skill!r} is no task type.", remedy="Use 1 to 128 letters, digits, '_' or '-'.")
    if params is not None and not isinstance(params, Mapping):
        raise ActionError(f"The params of task {skill!r} must be a mapping, not {params!r}.")
    if not isinstance(priority, int) or isinstance(priority, bool):
        raise ActionError(f"The priority of task {skill!r} must be a whole number, not {priority!r}.")
    return TaskOrder(skill, dict(params or {}), priority)


def _required(require: Require, count: int) -> int:
    if require == "all":
        return count
    if require == "any":
        return min(1, count)
    if type(require) is not int or not 0 <= require <= count:
        raise ActionError(f'require must be "all", "any" or 0 to {count}, not {require!r}.')
    return require


def _words(action: Action) -> str:
    match action:
        case TransitionTo(state):
            return f"transition_to({state!r})"
        case DispatchTask(order):
            return f"dispatch_task({order.skill!r})"
        case DispatchParallel(orders):
            return f"dispatch_parallel({len(orders)} tasks)"
