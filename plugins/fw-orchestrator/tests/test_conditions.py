"""Conditions choose handlers, and say so when they cannot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fw_orchestrator import ActionFactory, JobContext, StateMachineBlueprint
from fw_orchestrator.conditions import Condition
from fw_orchestrator.errors import BlueprintError, ConditionError
from fw_orchestrator.model import JobStatus

from .orchestration import nothing, site

DATA = {"type": "urgent", "n": 5, "area": {"field": [1, {"deep": True}]}, "none": None, "a-b": 1, "5": "five"}


def holds(text: str) -> bool:
    return Condition(text).holds(JobContext("j", "s", DATA, {"seen": False}))


@pytest.mark.parametrize(
    "text",
    [
        "context.initial_data.type == 'urgent'",
        'context.initial_data.type != "other"',
        "context.initial_data.n > 4 and context.initial_data.n <= 5",
        "1 < context.initial_data.n < 6",
        "context.initial_data.n >= 5",
        "context.initial_data.n is 5.0",
        "context.initial_data.n == 5.0",
        "context.initial_data.n > -1",
        "context.initial_data.area.field[1].deep == True",
        "context.initial_data.area.field[1].deep == true",
        "context.initial_data.area.field[1].deep",
        "context.initial_data.none == None",
        "context.initial_data.none is null",
        "context.initial_data.n is not None",
        "not context.state_history.seen",
        "NOT context.state_history.seen AND context.initial_data.n IN [4, 5]",
        "context.initial_data.n not in (1, 2) or context.nothing.at.all",
        "'n' in context.initial_data",
        "'gen' in context.initial_data.type",
        "context.initial_data['a-b'] == 1",
        "context.current_state == 's'",
        "context.initial_data.type == 'urgent' or context.initial_data.missing",
    ],
)
def test_what_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "context.initial_data.n < 5",
        "context.initial_data.n > 5",
        "context.initial_data.n != 5.0",
        "context.initial_data.n is not 5.0",
        "1 < context.initial_data.n < 5",
        "context.initial_data.n == -5",
        "9 > context.initial_data.n > 8",
        "'x' in context.initial_data",
        "context.initial_data.n not in [5]",
        "context.initial_data.n == 4 and context.nothing.at.all",
    ],
)
def test_what_does_not_hold(text: str) -> None:
    assert not holds(text)


def test_text_and_number_stay_different() -> None:
    assert not holds("context.initial_data['5'] == 5")
    assert not holds("context.initial_data.n == '5'")
    assert not holds("context.initial_data.n == 'AND'")


@pytest.mark.parametrize(
    "text, words",
    [
        ("context.initial_data.missing == 1", "context.initial_data.missing is not there"),
        ("context.initial_data.n.deeper == 1", "context.initial_data.n.deeper is not there"),
        ("context.initial_data.area.field[9] == 1", r"context.initial_data.area.field\[9\] is not there"),
        ("context.initial_data.n > 'x'", "not supported between instances of 'int' and 'str'"),
        ("context.initial_data.n in 5", "not iterable"),
        ("context.__class__ == 1", "context.__class__ is not there"),
        ("context.nothing == 1", "context.nothing is not there"),
        ("context.initial_data.type.upper", "context.initial_data.type.upper is not there"),
        ("context.initial_data.n.real", "context.initial_data.n.real is not there"),
        ("context.initial_data.area.field.append", "context.initial_data.area.field.append is not there"),
        ("context.initial_data.n[0] == 1", r"context.initial_data.n\[0\] is not there"),
        ("context.initial_data[[1]] == 1", r"context.initial_data\[\[1\]\] is not there"),
    ],
)
def test_what_cannot_be_decided_is_an_error_that_names_it(text: str, words: str) -> None:
    with pytest.raises(ConditionError, match=words) as caught:
        holds(text)
    assert caught.value.message.startswith(f"The condition {text!r} cannot be decided: ")


def test_values_too_deep_to_be_compared_cannot_be_decided() -> None:
    one: list[Any] = []
    other: list[Any] = []
    for _ in range(100_000):
        one, other = [one], [other]
    with pytest.raises(ConditionError, match="cannot be decided: maximum recursion depth exceeded"):
        Condition("context.one == context.other").holds(SimpleNamespace(one=one, other=other))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "context.initial_data.n ==",
        "open('/etc/passwd')",
        "context.initial_data.n + 1 == 2",
        "other.n == 1",
        "[x for x in context.initial_data]",
        "lambda: 1",
        "b'x' == context.initial_data.n",
        "context.initial_data.n = 5",
        "(" * 500,
        "context.initial_data.n == 1\0",
        "not " * 100_000 + "context.initial_data.n",
        "not " * 3000 + "context.initial_data.n",
    ],
)
def test_what_is_no_condition_is_refused_when_it_is_declared(text: str) -> None:
    with pytest.raises(BlueprintError, match="condition"):
        StateMachineBlueprint("flow").handler_for("a").when(text)


def test_what_a_condition_may_not_hold_is_named() -> None:
    with pytest.raises(BlueprintError, match=r"holds 'context.initial_data.n \+ 1', which is not supported"):
        Condition("context.initial_data.n + 1 == 6")


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(VALUES, VALUES)
def test_equality_is_that_of_the_values(one: Any, other: Any) -> None:
    context = SimpleNamespace(initial_data={"one": one, "other": other})
    assert Condition("context.initial_data.one == context.initial_data.other").holds(context) is (one == other)


@given(st.text())
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    try:
        Condition(text)
    except BlueprintError:
        return


def forked() -> StateMachineBlueprint:
    blueprint = StateMachineBlueprint("flow", api_endpoint="/jobs/flow")

    @blueprint.handler_for("start", is_start=True).when("context.initial_data.type == 'urgent'")
    def urgent(actions: ActionFactory) -> None:
        actions.transition_to("fast")

    @blueprint.handler_for("start").when(lambda context: context.initial_data.get("n", 0) > 5)
    def large(actions: ActionFactory) -> None:
        actions.transition_to("slow")

    @blueprint.handler_for("start")
    def normal(actions: ActionFactory) -> None:
        actions.transition_to("normal")

    for state in ("fast", "slow", "normal"):
        blueprint.handler_for(state, is_end=True)(nothing)
    return blueprint


@pytest.mark.parametrize(
    "data, state", [({"type": "urgent", "n": 9}, "fast"), ({"type": "x", "n": 9}, "slow"), ({"type": "x"}, "normal")]
)
async def test_the_first_condition_that_holds_chooses_the_handler(data: dict[str, Any], state: str) -> None:
    async with site(forked()) as running:
        assert (await running.ended(await running.create(data))).state == state


async def test_an_undecidable_condition_fails_the_job_with_a_message() -> None:
    async with site(forked()) as running:
        job = await running.ended(await running.create({}))
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert "context.initial_data.type is not there" in job.error.message


async def test_a_condition_that_raises_fails_the_job_with_a_message() -> None:
    async with site(forked()) as running:
        job = await running.ended(await running.create({"type": "x", "n": None}))
        assert job.error is not None
        assert "of state 'start' raised TypeError: '>' not supported" in job.error.message


async def test_no_condition_and_no_default_fails_the_job() -> None:
    blueprint = StateMachineBlueprint("flow", api_endpoint="/jobs/flow")

    @blueprint.handler_for("start", is_start=True).when("context.initial_data.n == 1")
    def only(actions: ActionFactory) -> None:
        actions.transition_to("done")

    blueprint.handler_for("done", is_end=True)(nothing)
    async with site(blueprint) as running:
        job = await running.ended(await running.create({"n": 2}))
        assert job.error is not None
        assert "No condition of state 'start' holds" in job.error.message
