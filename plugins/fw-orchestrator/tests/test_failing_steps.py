"""One step of a job: every way in which it fails, and with which words."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable
from typing import Any

import pytest

from fw_orchestrator import ActionFactory
from fw_orchestrator.model import AwaitedFanOut, AwaitedTask, TaskOutcome

from .orchestration import flow, nothing, site
from .steps import ended, failed, step, words


async def test_an_unforeseen_status_fails_the_job_naming_it_and_what_is_foreseen() -> None:
    got = await step(flow(nothing), [ended(TaskOutcome("odd"))], awaited=AwaitedTask({"success": "done", "b": "done"}))
    assert "The answer was 'odd'" in words(got)
    assert "state 'start'" in words(got)
    assert "it names b, success" in words(got)


async def test_the_job_fails_if_too_few_succeeded() -> None:
    blueprint = flow(nothing)
    blueprint.aggregator_for("sum")(nothing)
    tasks = [ended(TaskOutcome("success"), 0), ended(TaskOutcome("odd"), 1), failed("E", 2)]
    message = words(await step(blueprint, tasks, awaited=AwaitedFanOut("sum", 2)))
    assert message == "2 of 3 tasks failed; 2 had to succeed. The first: no luck"


@pytest.mark.parametrize(
    "ask, named",
    [
        (lambda actions: actions.transition_to("gone"), "@blueprint.handler_for"),
        (lambda actions: actions.dispatch_task("echo", transitions={"success": "gone"}), "@blueprint.handler_for"),
        (lambda actions: actions.dispatch_parallel([], aggregate_into="gone"), "@blueprint.aggregator_for"),
        (lambda actions: actions.dispatch_parallel([], aggregate_into="done"), "@blueprint.aggregator_for"),
    ],
)
async def test_an_unknown_state_fails_the_job_naming_blueprint_state_and_remedy(
    ask: Callable[[ActionFactory], None], named: str
) -> None:
    got = await step(flow(ask))
    assert "'flow' has no such state: '" in words(got)
    assert named in words(got)
    assert got.tasks == ()


async def test_the_current_state_may_be_unknown_too() -> None:
    assert "no such state: 'lost'. It has done, start." in words(await step(flow(nothing), state="lost"))


async def test_no_action_outside_an_end_fails_the_job() -> None:
    message = words(await step(flow(nothing)))
    assert "'start' returned without an action" in message
    assert "declare the state an end" in message


async def test_a_wrong_call_of_actions_fails_the_job_with_its_message() -> None:
    assert "'a b' is no task type" in words(
        await step(flow(lambda actions: actions.dispatch_task("a b", transitions={})))
    )


async def test_a_handler_that_raises_fails_the_job_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def start(state_history: dict[str, Any]) -> None:
        state_history["half"] = True
        raise KeyError("customer")

    got = await step(flow(start), state_history={"before": 1})
    assert words(got) == "The handler of state 'start' raised KeyError: 'customer'"
    assert got.error is not None
    assert got.error.code == "INTERNAL_ERROR"
    assert got.state_history == {"before": 1}
    assert "job j: the handler of state 'start' failed" in caplog.text
    assert "Traceback" in caplog.text


CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    "value", [object(), CIRCLE, "\ud800", math.nan, math.inf, {"\udfff": 1}], ids=["object", "circle", *"snik"]
)
async def test_what_is_not_json_fails_the_job_and_is_not_kept(value: Any) -> None:
    def keep(state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["bad"] = value
        actions.transition_to("done")

    got = await step(flow(keep), state_history={"before": 1})
    assert "cannot be stored as JSON" in words(got)
    assert got.state_history == {"before": 1}
    send = flow(lambda actions: actions.dispatch_task("echo", {"bad": value}, transitions={}))
    assert "cannot be stored as JSON" in words(await step(send))


async def test_a_raising_handler_leaves_no_value_behind_that_is_not_json() -> None:
    def start(state_history: dict[str, Any]) -> None:
        state_history["bad"] = object()
        raise ValueError("too late")

    assert (await step(flow(start))).state_history == {}


@pytest.mark.parametrize("error", [SystemExit(3), asyncio.CancelledError("of its own")])
async def test_a_handler_that_would_end_the_engine_fails_its_job(error: BaseException) -> None:
    def start() -> None:
        raise error

    got = await step(flow(start))
    assert words(got) == f"The handler of state 'start' raised {type(error).__name__}: {error}"


async def test_an_engine_survives_a_handler_that_ends_the_program() -> None:
    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        if not initial_data:
            sys.exit("this was meant for a script")
        actions.transition_to("done")

    async with site(flow(start)) as running:
        for _ in range(2):
            job = await running.ended(await running.create())
            assert job.error is not None
            assert job.error.message == "The handler of state 'start' raised SystemExit: this was meant for a script"


async def test_a_handler_that_is_cancelled_from_outside_fails_nothing() -> None:
    began = asyncio.Event()

    async def start() -> None:
        began.set()
        await asyncio.Event().wait()

    stepping = asyncio.create_task(step(flow(start)))
    await began.wait()
    stepping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stepping
