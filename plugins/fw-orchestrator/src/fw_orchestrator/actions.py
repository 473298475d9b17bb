"""What a handler can ask for.

One action, recorded by `ActionFactory` and carried out after the handler has returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fw_orchestrator.errors import ActionError
from fw_orchestrator.orders import TaskOrder, order, seconds

Require = int | Literal["all", "any"]


@dataclass(frozen=True)
class TransitionTo:
    """Go to another state."""

    state: str


@dataclass(frozen=True)
class DispatchTask:
    """Give one task to a worker; its outcome's status chooses the next state."""

    order: TaskOrder
    transitions: dict[str, str]
    event_transitions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DispatchParallel:
    """Give tasks to workers; when enough have ended, and at least ``require`` succeeded, run an aggregator."""

    orders: tuple[TaskOrder, ...]
    aggregate_into: str
    require: int
    wait_for_all: bool = False


@dataclass(frozen=True)
class RunBlueprint:
    """Run another job; its end chooses the next state."""

    blueprint: str
    initial_data: dict[str, Any]
    transitions: dict[str, str]
    timeout: float | None = None


@dataclass(frozen=True)
class AwaitApproval:
    """Wait for a person; the decision chooses the next state."""

    integration: str
    message: str
    transitions: dict[str, str]
    timeout: float | None = None


Action = TransitionTo | DispatchTask | DispatchParallel | RunBlueprint | AwaitApproval


class ActionFactory:
    """Given to a handler as ``actions``. Exactly one of its methods may be called, once. Times in seconds."""

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
        event_transitions: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        """Have a worker with the skill ``task_type`` do one task.

        ``transitions`` maps the status a worker answers with to the next state; a status that is missing there fails
        the job. A failure is first retried according to its code; ``"failure"`` in ``transitions`` is taken when that
        has been in vain. ``event_transitions`` maps types of events that the worker sends while it runs to states: the
        job goes there at once, and the task is over.

        Options: ``priority``; ``dispatch_timeout_seconds`` (how long it may wait for a worker),
        ``result_timeout_seconds`` or ``timeout_seconds`` (how long a worker may take), ``max_retries``;
        what the worker must have: ``skill_version``, ``skill_type``, ``max_cost``, ``resource_requirements``
        (``resources``, ``software``, ``artifacts``, ``devices``); ``dispatch_strategy``, ``resource_hint``.
        """
        wanted = order({"task_type": task_type, "params": params, **options})
        self._choose(DispatchTask(wanted, _states(transitions), _states(event_transitions or {})))

    def dispatch_parallel(
        self,
        tasks: Sequence[Mapping[str, Any]],
        aggregate_into: str,
        *,
        require: Require = "all",
        wait_for_all: bool = False,
    ) -> None:
        """Have workers do many tasks at once, each ``{"task_type": …, "params": {…}}`` and options of a single one.

        The aggregator of state ``aggregate_into`` runs as soon as enough succeeded: ``"all"`` of them, ``"any"`` (at
        least one), or a number; the rest is cancelled. When that has become impossible, the job fails.
        ``wait_for_all`` waits for every task first. ``require=0`` always does, and runs it whatever happened.
        """
        orders = tuple(order(task) for task in tasks)
        enough = _required(require, len(orders))
        self._choose(DispatchParallel(orders, aggregate_into, enough, wait_for_all or enough == 0))

    def run_blueprint(
        self,
        blueprint_name: str,
        initial_data: Mapping[str, Any] | None = None,
        *,
        transitions: Mapping[str, str],
        timeout_seconds: float | None = None,
    ) -> None:
        """Run a job of another blueprint and wait for its end.

        ``transitions`` maps ``"success"``, ``"failure"`` and ``"cancelled"`` to states. On success the sub-job's result
        is merged into ``state_history``. A failure without a transition fails this job as it failed the other.
        """
        if initial_data is not None and not isinstance(initial_data, Mapping):
            raise ActionError(f"The initial_data of {blueprint_name!r} must be a mapping, not {initial_data!r}.")
        timeout = seconds("timeout_seconds", timeout_seconds)
        self._choose(RunBlueprint(blueprint_name, dict(initial_data or {}), _states(transitions), timeout))

    def await_human_approval(
        self,
        integration: str = "",
        message: str = "",
        *,
        transitions: Mapping[str, str],
        timeout_seconds: float | None = None,
    ) -> None:
        """Wait until a person decides; ``transitions`` maps the decisions there are to states.

        ``"timeout"`` in ``transitions`` is taken when ``timeout_seconds`` have passed without a decision; without it
        the job is quarantined. ``integration`` and ``message`` are shown with the job.
        """
        if not transitions:
            raise ActionError("An approval without transitions could never end.", remedy='Give {"approved": "next"}.')
        timeout = seconds("timeout_seconds", timeout_seconds)
        self._choose(AwaitApproval(str(integration), str(message), _states(transitions), timeout))

    def _choose(self, action: Action) -> None:
        if self.chosen is not None:
            raise ActionError(
                f"The handler asked for {_words(action)} after it had asked for {_words(self.chosen)}.",
                remedy="A handler asks for one action.",
            )
        self.chosen = action


def _states(transitions: Mapping[str, str]) -> dict[str, str]:
    given: Any = transitions
    if not isinstance(given, Mapping) or not all(isinstance(word, str) for word in given):
        raise ActionError(f"transitions must map words to states, not {transitions!r}.")
    return dict(transitions)


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
        case RunBlueprint(blueprint):
            return f"run_blueprint({blueprint!r})"
        case AwaitApproval():
            return "await_human_approval()"
