"""What is wrong with a blueprint is said when it is registered; its picture shows what is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from framework import App, Depends
from fw_orchestrator import ActionFactory, StateMachineBlueprint
from fw_orchestrator.errors import BlueprintError
from fw_orchestrator.model import JobStatus

from .orchestration import flow, nothing, site


def order() -> StateMachineBlueprint:
    """One of everything."""
    blueprint = StateMachineBlueprint("order", api_endpoint="/jobs/order")

    @blueprint.handler_for(is_start=True)
    async def received(actions: ActionFactory) -> None:
        actions.dispatch_parallel([{"task_type": "check"}], aggregate_into="checked")

    @blueprint.aggregator_for()
    async def checked(context: Any) -> None:
        context.actions.await_human_approval(transitions={"approved": "ship", "rejected": "refused"})

    @blueprint.handler_for("ship").when("context.initial_data.heavy")
    async def heavy(actions: ActionFactory) -> None:
        actions.dispatch_task("truck", transitions={"success": "shipped", "failure": "ship"})

    @blueprint.handler_for
    async def ship(actions: ActionFactory) -> None:
        actions.run_blueprint("parcel", transitions={"success": "shipped"})

    blueprint.handler_for("shipped", is_end=True)(nothing)
    blueprint.handler_for("refused", is_failure=True)(nothing)
    return blueprint


def test_names_come_from_the_functions() -> None:
    blueprint = order()
    assert sorted(blueprint.states) == ["received", "refused", "ship", "shipped"]
    assert list(blueprint.aggregators) == ["checked"]
    assert len(blueprint.states["ship"].handlers) == 2
    assert blueprint.check() == []


async def test_a_failure_state_fails_the_job() -> None:
    blueprint = StateMachineBlueprint("flow", api_endpoint="/jobs/flow")

    @blueprint.handler_for(is_start=True)
    def start(actions: ActionFactory) -> None:
        actions.transition_to("refused")

    blueprint.handler_for("refused", is_failure=True)(nothing)
    async with site(blueprint) as running:
        job = await running.ended(await running.create())
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert "ended in state 'refused'" in job.error.message


def wrong(handler: Callable[..., Any], *more: str, **options: Any) -> StateMachineBlueprint:
    blueprint = StateMachineBlueprint("flow")
    blueprint.handler_for("start", is_start=True, **options)(handler)
    for state in ("done", *more):
        blueprint.handler_for(state, is_end=True)(nothing)
    return blueprint


def to_nowhere(actions: ActionFactory) -> None:
    actions.transition_to("nowhere")


def task_to_nowhere(actions: ActionFactory) -> None:
    actions.dispatch_task("x", transitions={"success": "done", "failure": "nowhere"})


def into_no_aggregator(actions: ActionFactory) -> None:
    actions.dispatch_parallel([], aggregate_into="done")


def to_done(actions: ActionFactory) -> None:
    actions.transition_to("done")


def anywhere(actions: ActionFactory, initial_data: dict[str, Any]) -> None:
    actions.transition_to(initial_data["next"])


def handed_on(actions: ActionFactory) -> None:
    to_done(actions)


def without_success(actions: ActionFactory) -> None:
    actions.dispatch_task("x", transitions={"odd": "done"})


def circle(actions: ActionFactory, initial_data: dict[str, Any]) -> None:
    actions.transition_to("done" if initial_data else "start")


@pytest.mark.parametrize(
    "blueprint, words",
    [
        (wrong(to_nowhere), r"state 'start' leads to 'nowhere', which is not declared.*handler_for\(\"nowhere\"\)"),
        (wrong(task_to_nowhere), "leads to 'nowhere'"),
        (wrong(into_no_aggregator), r"leads to 'done', which is not declared.*aggregator_for\(\"done\"\)"),
        (wrong(to_done, to=["nowhere"]), "leads to 'nowhere'"),
        (wrong(to_done, "lonely"), "nothing leads to state 'lonely'"),
    ],
)
def test_what_is_wrong_is_refused_at_registration(blueprint: StateMachineBlueprint, words: str) -> None:
    with pytest.raises(BlueprintError, match="(?s)" + words):
        App("t", plugins=["orchestrator"]).orchestrator.register_blueprint(blueprint)


@pytest.mark.parametrize(
    "blueprint, words",
    [
        (wrong(anywhere, "lonely"), "where state 'start' leads cannot be read from its source"),
        (wrong(handed_on), "where state 'start' leads cannot be read"),
        (wrong(without_success), "state 'start' dispatches 'x' without a transition for \"success\""),
        (wrong(circle), "state 'start' leads back to itself without waiting"),
    ],
)
def test_what_is_doubtful_is_told_and_allowed(
    blueprint: StateMachineBlueprint, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    App("t", plugins=["orchestrator"]).orchestrator.register_blueprint(blueprint)
    [line] = caplog.messages
    assert line.startswith("blueprint 'flow': ")
    assert words in line


def test_states_named_by_to_need_no_guess() -> None:
    assert wrong(anywhere, "lonely", to=["done", "lonely"]).check() == []


def test_the_graph_for_graphviz() -> None:
    text = order().graph()
    assert text.startswith('digraph "order" {')
    for line in (
        '"received" -> "checked";',
        '"checked" -> "ship" [label="approved"];',
        '"ship" -> "shipped" [label="context.initial_data.heavy: success"];',
        '"refused" [shape=box, style=rounded, peripheries=2, color=red];',
    ):
        assert line in text


def test_the_graph_for_mermaid() -> None:
    lines = order().graph("mermaid").splitlines()
    assert lines[0] == "flowchart TD"
    names = {name: key for key, name in re.findall(r'^  (s\d+)\W+"(\w+)"', "\n".join(lines), re.MULTILINE)}
    assert f'  {names["checked"]} -->|"rejected"| {names["refused"]}' in lines


def test_the_graph_to_look_at_is_svg_with_every_state_in_a_place_of_its_own() -> None:
    root = ET.fromstring(order().graph("svg"))  # noqa: S314 - our own text
    space = "{http://www.w3.org/2000/svg}"
    boxes = {
        group.get("data-state"): tuple(float(group[0].get(name) or 0) for name in ("x", "y", "width", "height"))
        for group in root.iter(f"{space}g")
    }
    assert sorted(filter(None, boxes)) == ["checked", "received", "refused", "ship", "shipped"]
    width, height = float(root.get("width") or 0), float(root.get("height") or 0)
    for x, y, wide, high in boxes.values():
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + high <= height
    for one, (x, y, wide, high) in boxes.items():
        for other, (x2, y2, *_) in boxes.items():
            assert one == other or not (x <= x2 < x + wide and y <= y2 < y + high)
    assert len(list(root.iter(f"{space}path"))) == 1 + 5
    assert "approved" in "".join(root.itertext())


def test_what_is_not_known_is_drawn_as_a_question() -> None:
    for kind, mark in (("dot", '"start" -> "?"'), ("mermaid", '"?"'), ("svg", ">?</text>")):
        assert mark in wrong(anywhere).graph(kind)
    with pytest.raises(ValueError, match="dot, mermaid, svg, not as 'png'"):
        order().graph("png")


async def test_graphs_are_served() -> None:
    async with site(order()) as running:
        for query, kind in (
            ("", "text/vnd.graphviz"),
            ("?format=svg", "image/svg+xml"),
            ("?format=mermaid", "text/plain"),
        ):
            url = f"{running.app.http.url}/api/blueprints/order/graph{query}"
            async with running.session.get(url, headers={"X-Client-Token": "client-secret"}) as answer:
                assert (answer.status, answer.content_type) == (200, kind)
        assert (await running.get("/api/blueprints/order/graph?format=png")).status == 400
        assert (await running.get("/api/blueprints/nobody/graph")).status == 404


class Prices:
    """What an application provides."""

    spoon = 3


async def test_handlers_get_what_the_application_provides_by_type() -> None:
    def start(prices: Prices, actions: ActionFactory, state_history: dict[str, Any], more: Prices = Depends()) -> None:
        state_history["done"] = prices.spoon + more.spoon
        actions.transition_to("done")

    async with site(wrong_endpoint(start), prepare=lambda app: app.provide(Prices, Prices)) as running:
        assert (await running.ended(await running.create())).result == 6


async def test_aggregators_and_what_is_only_marked_by_its_default_get_it_too() -> None:
    def start(actions: ActionFactory, state_history: dict[str, Any], prices: Prices = Depends()) -> None:
        state_history["first"] = prices.spoon
        actions.dispatch_parallel([], aggregate_into="sum")

    def aggregate(prices: Prices, state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["done"] = state_history["first"] + prices.spoon
        actions.transition_to("done")

    blueprint = flow(start)
    blueprint.aggregator_for("sum")(aggregate)
    async with site(blueprint, prepare=lambda app: app.provide(Prices, Prices)) as running:
        assert (await running.ended(await running.create())).result == 6


def wrong_endpoint(start: Callable[..., Any]) -> StateMachineBlueprint:
    blueprint = wrong(start)
    blueprint.api_endpoint = "/jobs/flow"
    return blueprint


async def test_data_stores_are_attributes() -> None:
    blueprint = StateMachineBlueprint("flow", api_endpoint="/jobs/flow", data_stores={"cache": {"user": "Ada"}})

    @blueprint.handler_for(is_start=True, is_end=True)
    def start(data_stores: Any, state_history: dict[str, Any]) -> None:
        state_history["start"] = data_stores.cache["user"]

    async with site(blueprint) as running:
        assert (await running.ended(await running.create())).result == "Ada"
