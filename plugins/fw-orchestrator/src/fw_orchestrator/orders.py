"""What a handler may say of a task it wants done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fw_orchestrator.errors import ActionError
from fw_orchestrator.matching import REQUIREMENTS
from fw_rxon import is_identifier

STRATEGIES = ("default", "round_robin", "least_connections")
"""All of them: the worker that has waited longest. Workers ask for tasks, so the least busy one asks first."""

_RESOURCES = ("resources", "software", "artifacts", "devices")
_REQUIRING = frozenset({"skill_version", "skill_type", "max_cost", "resource_requirements", "resource_hint"})
MEMBERS = frozenset(
    {
        "task_type",
        "type",
        "params",
        "priority",
        "dispatch_timeout_seconds",
        "result_timeout_seconds",
        "timeout_seconds",
        "max_retries",
        "skill_version",
        "skill_type",
        "max_cost",
        "resource_requirements",
        "resource_hint",
        "dispatch_strategy",
    }
)


@dataclass(frozen=True)
class TaskOrder:
    """A task to be dispatched. Times in seconds."""

    skill: str
    params: dict[str, Any]
    priority: int = 0
    dispatch_timeout: float | None = None
    result_timeout: float | None = None
    retries: int | None = None
    requirements: dict[str, Any] = field(default_factory=dict)


def order(task: Mapping[str, Any]) -> TaskOrder:
    """The order in a mapping with some of :data:`MEMBERS`. Raises :class:`ActionError`."""
    unknown = set(task) - MEMBERS
    if unknown:
        raise ActionError(
            f"A task has no member {min(unknown)!r}.",
            remedy="It has task_type and params, and may have "
            + ", ".join(sorted(MEMBERS - {"task_type", "params"}))
            + ".",
        )
    skill = task.get("task_type", task.get("type"))
    params, priority = task.get("params"), task.get("priority", 0)
    if not isinstance(skill, str) or not is_identifier(skill):
        raise ActionError(f"{skill!r} is no task type.", remedy="Use 1 to 128 letters, digits, '_' or '-'.")
    if params is not None and not isinstance(params, Mapping):
        raise ActionError(f"The params of task {skill!r} must be a mapping, not {params!r}.")
    if not _is_whole(priority):
        raise ActionError(f"The priority of task {skill!r} must be a whole number, not {priority!r}.")
    retries = task.get("max_retries")
    if retries is not None and (not _is_whole(retries) or retries < 0):
        raise ActionError(f"max_retries of task {skill!r} must be a whole number, 0 or more, not {retries!r}.")
    strategy = task.get("dispatch_strategy") or "default"
    if strategy not in STRATEGIES:
        raise ActionError(
            f"dispatch_strategy {strategy!r} of task {skill!r} is not supported.",
            remedy=f"Use {', '.join(STRATEGIES)}.",
        )
    result_timeout = task.get("result_timeout_seconds")
    return TaskOrder(
        skill,
        dict(params or {}),
        priority,
        seconds("dispatch_timeout_seconds", task.get("dispatch_timeout_seconds")),
        seconds("result_timeout_seconds", task.get("timeout_seconds") if result_timeout is None else result_timeout),
        retries,
        _requirements(skill, task),
    )


def seconds(name: str, value: Any) -> float | None:
    """A time-out. Raises :class:`ActionError` unless it is None or a positive number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ActionError(f"{name} must be a positive number of seconds, not {value!r}.")
    return float(value)


def _requirements(skill: str, task: Mapping[str, Any]) -> dict[str, Any]:
    if _REQUIRING.isdisjoint(task):
        return {}
    wanted = {name: task[name] for name in ("skill_version", "skill_type", "max_cost") if task.get(name) is not None}
    cost = wanted.get("max_cost", 0)
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        raise ActionError(f"max_cost of task {skill!r} must be a number, not {cost!r}.")
    resources = task.get("resource_requirements") or {}
    if not isinstance(resources, Mapping) or set(resources) - set(_RESOURCES):
        raise ActionError(
            f"resource_requirements of task {skill!r} must be a mapping with some of {', '.join(_RESOURCES)}, "
            f"not {resources!r}."
        )
    for name, kind in zip(_RESOURCES, (Mapping, Mapping, list, list), strict=True):
        if name in resources and not isinstance(resources[name], kind):
            shape = "a mapping" if kind is Mapping else "a list"
            raise ActionError(f"{name} in resource_requirements of task {skill!r} must be {shape}.")
    found = wanted | dict(resources)
    if task.get("resource_hint") is not None:
        found["hint"] = task["resource_hint"]
    return {name: found[name] for name in REQUIREMENTS if name in found}


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
