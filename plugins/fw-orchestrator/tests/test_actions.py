"""What a handler may ask for, and with which words it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fw_orchestrator.actions import ActionFactory, AwaitApproval, DispatchParallel, DispatchTask, TransitionTo
from fw_orchestrator.errors import ActionError
from fw_orchestrator.orders import MEMBERS, TaskOrder

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


def test_what_is_waited_for_is_recorded() -> None:
    one = [{"task_type": "echo"}]
    assert [asked(parallel(one, **more)).wait_for_all for more in ({}, {"require": 0}, {"wait_for_all": True})] == [
        False,
        True,
        True,
    ]
    moves = asked(task("echo", event_transitions={"enough": "done"}))
    assert moves.event_transitions == {"enough": "done"}
    numbers: Any = (5, 7)
    asks = asked(lambda actions: actions.await_human_approval(*numbers, transitions={"approved": "done"}))
    assert asks == AwaitApproval("5", "7", {"approved": "done"})


OPTIONS: dict[str, tuple[Any, str, Any]] = {
    "priority": (7, "priority", 7),
    "max_retries": (0, "retries", 0),
    "dispatch_timeout_seconds": (3, "dispatch_timeout", 3.0),
    "result_timeout_seconds": (4.5, "result_timeout", 4.5),
    "timeout_seconds": (6, "result_timeout", 6.0),
    "skill_version": ("2", "requirements", {"skill_version": "2"}),
    "skill_type": ("audio", "requirements", {"skill_type": "audio"}),
    "max_cost": (0.5, "requirements", {"max_cost": 0.5}),
    "resource_hint": ("gpu", "requirements", {"hint": "gpu"}),
    "resource_requirements": ({"software": {"ffmpeg": "*"}}, "requirements", {"software": {"ffmpeg": "*"}}),
    "dispatch_strategy": ("round_robin", "requirements", {}),
}
"""Of each option a value, and where it is found in the order."""


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_of_a_task_is_in_its_order(name: str) -> None:
    value, where, wanted = OPTIONS[name]
    assert getattr(asked(task("echo", **{name: value})).order, where) == wanted
    [order] = asked(parallel([{"task_type": "echo", name: value}])).orders
    assert getattr(order, where) == wanted


def test_only_what_costs_nothing_may_be_asked_for() -> None:
    assert asked(task("echo", max_cost=0)).order.requirements == {"max_cost": 0}


def test_the_longer_name_of_a_timeout_counts() -> None:
    assert asked(task("echo", timeout_seconds=6, result_timeout_seconds=4)).order.result_timeout == 4.0


def test_every_option_is_tried_here() -> None:
    assert set(OPTIONS) | {"task_type", "type", "params"} == MEMBERS


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("max_retries", -1, "whole number, 0 or more, not -1"),
        ("max_retries", 2**63, "whole number, 0 or more, not 9223372036854775808"),
        ("dispatch_timeout_seconds", 0, "dispatch_timeout_seconds must be a positive number of seconds, not 0"),
        ("dispatch_timeout_seconds", True, "positive number of seconds, not True"),
        ("result_timeout_seconds", float("inf"), "positive number of seconds, not inf"),
        ("result_timeout_seconds", float("nan"), "positive number of seconds, not nan"),
        ("timeout_seconds", "5", "positive number of seconds, not '5'"),
        ("max_cost", "cheap", "max_cost of task 'echo' must be a number, not 'cheap'"),
        ("max_cost", True, "max_cost of task 'echo' must be a number, not True"),
        ("resource_requirements", {"gpus": 2}, "must be a mapping with some of resources, software"),
        ("resource_requirements", {"devices": "gpu"}, "devices in resource_requirements of task 'echo' must be a list"),
        ("dispatch_strategy", "cheapest", "'cheapest' of task 'echo' is not supported.*default, round_robin"),
        ("skil_version", "2", "no member 'skil_version'"),
    ],
)
def test_a_wrong_option_is_refused_naming_it(name: str, value: Any, words: str) -> None:
    with pytest.raises(ActionError, match="(?s)" + words):
        asked(task("echo", **{name: value}))


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
        (task("echo", []), r"params of task 'echo' must be a mapping, not \[\]"),
        (task("echo", priority=True), "whole number, not True"),
        (task("echo", priority=2**63), "whole number, not 9223372036854775808"),
        (parallel([{"task_type": "echo", "parms": {}}]), "no member 'parms'.*task_type and params"),
        (lambda actions: actions.run_blueprint("flow", [], transitions={}), r"must be a mapping, not \[\]"),
        (lambda actions: actions.run_blueprint("flow", transitions={}, timeout_seconds=0), "positive number.*not 0"),
        (
            lambda actions: actions.await_human_approval(transitions={"a": "b"}, timeout_seconds=-1),
            "timeout_seconds must be a positive number of seconds, not -1",
        ),
        (lambda actions: actions.await_human_approval(transitions={}), "without transitions could never end"),
        (lambda actions: actions.dispatch_task("echo", transitions=["done"]), "must map words to states"),
        (lambda actions: actions.dispatch_task("echo", transitions={5: "done"}), "must map words to states"),
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
