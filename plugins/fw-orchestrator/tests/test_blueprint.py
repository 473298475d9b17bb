"""What a blueprint accepts, what it refuses and with which words, and how its handlers get their parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framework import App
from fw_orchestrator import ActionFactory, JobContext, StateMachineBlueprint
from fw_orchestrator.errors import BlueprintError
from fw_orchestrator.states import parameters

from .orchestration import flow, nothing


def complete(name: str = "flow") -> StateMachineBlueprint:
    return flow(lambda actions: actions.transition_to("done"), name=name)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: StateMachineBlueprint("a b"), ["'a b' is no name", "letters, digits"]),
        (lambda: StateMachineBlueprint(""), ["'' is no name"]),
        (lambda: StateMachineBlueprint("x" * 129), ["is no name", "1 to 128"]),
        (lambda: StateMachineBlueprint("flow\n"), ["is no name"]),
        (lambda: StateMachineBlueprint("flow", api_endpoint="jobs"), ["'flow'", "'jobs'", "Write '/jobs'"]),
        (lambda: StateMachineBlueprint("flow", api_version="v 1"), ["'flow'", "'v 1'", 'Write "v1"']),
    ],
)
def test_a_wrong_name_is_refused_with_the_value_and_the_remedy(
    make: Callable[[], StateMachineBlueprint], words: list[str]
) -> None:
    with pytest.raises(BlueprintError) as caught:
        make()
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize("second", ["handler_for", "aggregator_for"])
def test_a_state_has_one_handler(second: str) -> None:
    blueprint = complete()
    with pytest.raises(BlueprintError, match=r"'flow': state 'done' has a handler already, nothing\.") as caught:
        getattr(blueprint, second)("done")(nothing)
    assert "a state of its own" in str(caught.value)


def test_a_parameter_that_nothing_can_fill_is_refused() -> None:
    def handler(actions: ActionFactory, database: str) -> None: ...

    with pytest.raises(BlueprintError) as caught:
        StateMachineBlueprint("flow").handler_for("work")(handler)
    for word in ("'flow'", "state 'work'", "'database'", "handler", "Known names: actions,", "state_history"):
        assert word in str(caught.value)


def test_a_parameter_that_is_to_come_is_refused_with_the_reason() -> None:
    def process_data(task_files: Any, actions: ActionFactory) -> None: ...
    def process_folder(task_files: Path, actions: ActionFactory) -> None: ...

    for handler in (process_data, process_folder):
        with pytest.raises(BlueprintError, match=r"parameter 'task_files' of .*: payload files are not supported yet"):
            StateMachineBlueprint("b").handler_for("process_data")(handler)


def test_a_known_name_is_filled_though_it_has_a_default() -> None:
    def handler(actions: ActionFactory, initial_data: dict[str, Any] | None = None) -> None: ...

    takes, injected = parameters("b", "s", handler)
    assert (takes, injected) == ({"actions": "actions", "initial_data": "initial_data"}, ())


def test_a_parameter_with_a_default_keeps_it() -> None:
    def handler(actions: ActionFactory, limit: int = 5) -> None: ...

    blueprint = StateMachineBlueprint("flow")
    blueprint.handler_for("work")(handler)
    assert blueprint.states["work"].handlers[0].takes == {"actions": "actions"}


def test_exactly_one_start_is_wanted() -> None:
    without = StateMachineBlueprint("flow")
    without.handler_for("done", is_end=True)(nothing)
    with pytest.raises(BlueprintError, match=r"(?s)'flow' needs exactly one start state and has none.*is_start=True"):
        without.check()
    double = complete()
    double.handler_for("again", is_start=True)(nothing)
    with pytest.raises(BlueprintError, match="has again, start"):
        double.check()


def test_an_end_is_wanted() -> None:
    endless = StateMachineBlueprint("flow")
    endless.handler_for("start", is_start=True)(nothing)
    with pytest.raises(BlueprintError, match=r"(?s)'flow' has no end state.*is_end=True"):
        endless.check()


def test_an_incomplete_blueprint_cannot_be_registered() -> None:
    app = App("t", plugins=["orchestrator"])
    with pytest.raises(BlueprintError, match=r"exactly one start state"):
        app.orchestrator.register_blueprint(StateMachineBlueprint("flow"))


def test_two_blueprints_of_one_name_are_refused_with_the_place_of_the_first() -> None:
    app = App("t", plugins=["orchestrator"])
    app.orchestrator.register_blueprint(complete())
    with pytest.raises(
        BlueprintError, match=r"(?s)'flow' is registered already, at .*test_blueprint\.py:\d+.*another name"
    ):
        app.orchestrator.register_blueprint(complete())


async def test_parameters_are_filled_by_name_and_by_type() -> None:
    got: dict[str, Any] = {}

    def by_name(job_id: str, current_state: str, initial_data: Any, state_history: Any, actions: Any) -> None:
        got.update(locals())

    async def by_type(what: JobContext, do: ActionFactory, context: Any) -> None:
        got.update(what=what, do=do, context=context)

    blueprint = StateMachineBlueprint("flow")
    blueprint.handler_for("a")(by_name)
    blueprint.handler_for("b")(by_type)
    context = JobContext("j", "a", {"n": 1}, {"seen": True})
    blueprint.states["a"].handlers[0](context)
    assert (got["job_id"], got["current_state"], got["initial_data"]) == ("j", "a", {"n": 1})
    assert got["state_history"] is context.state_history
    assert got["actions"] is context.actions
    await blueprint.states["b"].handlers[0](context)
    assert got["what"] is got["context"] is context
    assert got["do"] is context.actions


def test_the_definition_is_a_hash_of_the_structure_and_not_of_the_code() -> None:
    def one(start: Callable[..., Any]) -> StateMachineBlueprint:
        return flow(start)

    first, second = one(lambda actions: actions.transition_to("done")), one(lambda context: None)
    assert first.definition == second.definition
    assert len(first.definition) == 16
    changed = {first.definition, complete("other").definition}
    second.aggregator_for("sum")(nothing)
    changed.add(second.definition)
    first.handler_for("more")(nothing)
    changed.add(first.definition)
    assert len(changed) == 4
