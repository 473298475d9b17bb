"""What a handler may ask for, and with which words it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fw_orchestrator.actions import ActionFactory, DispatchParallel, DispatchTask, TransitionTo
from fw_orchestrator.errors import ActionError
from fw_orchestrator.orders import TaskOrder

Ask = Callable[[ActionFactory], None]


def parallel(tasks: Any, **options: Any) -> Ask:
    return lambda actions: actions.dispatch_parallel(tasks, aggregate_into="sum", **options)


def task(skill: Any, params: Any = None, **options: Any) -> Ask:
    return lambda actions: actions.dispatch_task(skill, params, transitions={}, **options)


def asked(ask: Ask) -> Any:
    actions = ActionFactory()
    ask(actions)
    return actions.chosen


def test_each_action_is_recorded() -> None:
    assert asked(lambda actions: actions.transition_to("next")) == TransitionTo("next")
    order = TaskOrder("echo", {"a": 1}, 3)
    assert asked(task("echo", {"a": 1}, priority=3)) == DispatchTask(order, {})
    assert asked(parallel([{"task_type": "echo"}, {"type": "other", "params": None, "priority": -1}])) == (
        DispatchParallel((TaskOrder("echo", {}), TaskOrder("other", {}, -1)), "sum", 2)
    )


@pytest.mark.parametrize(
    "require, count, wanted", [("all", 3, 3), ("any", 3, 1), (2, 3, 2), (0, 3, 0), ("all", 0, 0), ("any", 0, 0)]
)
def test_require_becomes_a_number(require: Any, count: int, wanted: int) -> None:
    assert asked(parallel([{"task_type": "echo"}] * count, require=require)).require == wanted


@pytest.mark.parametrize(
    "ask, words",
    [
        (task("no skill"), "'no skill' is no task type.*letters"),
        (task(5), "5 is no task type"),
        (parallel([{}]), "None is no task type"),
        (task("echo", [1]), r"params of task 'echo' must be a mapping, not \[1\]"),
        (task("echo", priority=1.5), r"priority of task 'echo' must be a whole number, not 1\.5"),
        (task("echo", priority=True), "whole number, not True"),
        (parallel([{"task_type": "echo", "parms": {}}]), "no member 'parms'.*task_type and params"),
        (parallel([], require=1), r'require must be "all", "any" or 0 to 0, not 1'),
        (parallel([{"task_type": "echo"}], require=-1), "0 to 1, not -1"),
        (parallel([{"task_type": "echo"}], require=True), "not True"),
        (parallel([{"task_type": "echo"}], require="most"), "not 'most'"),
    ],
)
def test_what_is_wrong_is_refused_naming_it(ask: Ask, words: str) -> None:
    with pytest.raises(ActionError, match="(?s)" + words):
        asked(ask)


@pytest.mark.parametrize(
    "first, words",
    [
        (lambda actions: actions.transition_to("next"), r"after it had asked for transition_to\('next'\)"),
        (task("echo"), r"after it had asked for dispatch_task\('echo'\)"),
        (parallel([{"task_type": "echo"}]), r"after it had asked for dispatch_parallel\(1 tasks\)"),
    ],
)
def test_a_second_action_is_refused_naming_both(first: Ask, words: str) -> None:
    actions = ActionFactory()
    first(actions)
    before = actions.chosen
    with pytest.raises(ActionError, match=r"(?s)asked for transition_to\('other'\) " + words + ".*one action"):
        actions.transition_to("other")
    assert actions.chosen == before
