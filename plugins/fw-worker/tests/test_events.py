"""What a task tells the orchestrator while it runs, besides its progress."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from framework import App, StartupError
from fw_worker import TaskContext
from fw_worker.facade import WorkerFacade
from fw_worker.reports import MOST

from .fake_orchestrator import FakeOrchestrator, error

MakeApp = Callable[..., App]


@dataclass
class Page:
    number: int


def told(orchestrator: FakeOrchestrator) -> list[tuple[str, Any]]:
    return [(event["event_type"], event["payload"]) for event in orchestrator.heard["event"]]


@pytest.mark.parametrize("kind", ["coroutine", "thread"])
async def test_events_come_in_order_and_before_the_result(
    orchestrator: FakeOrchestrator, make_app: MakeApp, kind: str
) -> None:
    app = make_app()

    def scan(context: TaskContext) -> None:
        for number in range(5):
            context.event("page", Page(number), priority=number)
        context.event("end")

    async def scan_on_the_loop(context: TaskContext) -> None:
        await context.event("page", {"number": -1})
        scan(context)

    app.worker.skill("scan")(scan if kind == "thread" else scan_on_the_loop)
    heard: list[int] = []
    async with app:
        await orchestrator.give("task-1", "scan", tracing_context={"traceparent": "00-1-2-01"})
        await orchestrator.result("task-1")
        heard.append(len(orchestrator.heard["event"]))
    pages = [payload["number"] for name, payload in told(orchestrator) if name == "page"]
    assert pages == ([-1] if kind == "coroutine" else []) + [0, 1, 2, 3, 4]
    assert told(orchestrator)[-1] == ("end", {})
    assert heard == [len(pages) + 1], "none comes after the result"
    event = orchestrator.heard["event"][-2]
    assert (event["target_job_id"], event["target_task_id"], event["priority"]) == ("job-of-task-1", "task-1", 4)
    assert event["trace_context"] == {"traceparent": "00-1-2-01"}


async def test_event_is_sent_again_with_the_same_id_until_it_is_taken(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("tell")
    async def tell(context: TaskContext) -> None:
        await context.event("first")
        await context.event("second")

    orchestrator.refuse("event", error(503), ConnectionResetError(), error(429, Retry_After="0"))
    async with app:
        await orchestrator.give("task-1", "tell")
        await orchestrator.result("task-1")
    assert [name for name, _ in told(orchestrator)] == ["first"] * 4 + ["second"]
    assert len({event["event_id"] for event in orchestrator.heard["event"]}) == 2


async def test_event_that_is_refused_for_good_is_named_and_the_task_goes_on(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("tell")
    async def tell(context: TaskContext) -> dict[str, int]:
        await context.event("unwanted")
        return {"n": 1}

    orchestrator.refuse("event", error(403, "not yours"))
    async with app:
        await orchestrator.give("task-1", "tell")
        assert (await orchestrator.result("task-1"))["data"] == {"n": 1}
    assert "event unwanted of task task-1 is dropped" in caplog.text


async def test_events_that_cannot_be_sent_do_not_hold_up_a_stop(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(drain_timeout=0.1)

    @app.facade(WorkerFacade).skill("tell")
    async def tell(context: TaskContext) -> None:
        await context.event("unheard")

    orchestrator.refuse("event", *(error(503) for _ in range(200)))
    async with app:
        await orchestrator.give("task-1", "tell")
        await orchestrator.count("event", 2)
    assert "event unheard of task task-1 is dropped" in caplog.text
    assert orchestrator.heard["result"][0]["task_id"] == "task-1"


async def test_declared_events_are_told_to_the_orchestrator_and_kept(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("scan", events={"page": Page})
    async def scan(context: TaskContext, name: str, payload: Any) -> dict[str, str]:
        try:
            await context.event(name, payload)
        except (ValueError, TypeError) as problem:
            return {"problem": str(problem)}
        return {}

    async with app:
        for number, (name, payload) in enumerate([("page", {"number": 1}), ("page", {"number": "x"}), ("pag", {})]):
            await orchestrator.give(f"task-{number}", "scan", {"name": name, "payload": payload})
        good, wrong, unknown = [(await orchestrator.result(f"task-{number}")).get("data") for number in range(3)]
    assert not good
    assert "not what skill 'scan' declared" in wrong["problem"]
    assert "has not declared the event 'pag'; it has: page" in unknown["problem"]
    assert told(orchestrator) == [("page", {"number": 1})]
    [skill] = orchestrator.heard["register"][0]["supported_skills"]
    assert skill["events_schema"]["page"]["properties"] == {"number": {"type": "integer"}}


@pytest.mark.parametrize(
    "name,payload",
    [("progress", {}), ("", {}), ("two words", {}), ("x", [1]), ("x", {"n": float("nan")}), ("x", {1, 2})],
)
async def test_event_that_cannot_travel_is_an_error_of_the_skill(
    orchestrator: FakeOrchestrator, make_app: MakeApp, name: str, payload: Any
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("tell")
    async def tell(context: TaskContext) -> dict[str, bool]:
        with pytest.raises((ValueError, TypeError)):
            await context.event(name, payload)
        return {"refused": True}

    async with app:
        await orchestrator.give("task-1", "tell")
        assert (await orchestrator.result("task-1"))["data"] == {"refused": True}
    assert orchestrator.heard["event"] == []


async def test_more_events_than_can_wait_are_refused(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("flood")
    async def flood(context: TaskContext) -> dict[str, int]:
        sent = 0
        try:
            while True:
                context.event("drop")
                sent += 1
                await asyncio.sleep(0)
        except ValueError:
            return {"sent": sent}

    orchestrator.refuse("event", *(error(503) for _ in range(3)))
    async with app:
        await orchestrator.give("task-1", "flood")
        sent = (await orchestrator.result("task-1"))["data"]["sent"]
    assert sent >= MOST
    assert len({event["event_id"] for event in orchestrator.heard["event"]}) == sent


async def test_events_whose_type_json_cannot_carry_keep_the_worker_from_starting(make_app: MakeApp) -> None:
    app = make_app()
    app.worker.skill("odd", events={"lock": threading.Thread})(lambda: None)
    with pytest.raises(StartupError, match="Skill 'odd'"):
        await app.start()


def test_a_context_made_by_a_test_tells_nobody() -> None:
    context = TaskContext(job_id="j", task_id="t")
    context.progress(0.5)
    context.event("page", {"number": 1})


async def test_progress_that_is_no_text_is_named_and_the_task_goes_on(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("tell")
    async def tell(context: TaskContext) -> None:
        await context.progress(0.5, "half a character: \ud800")

    async with app:
        await orchestrator.give("task-1", "tell")
        assert (await orchestrator.result("task-1")).get("status", "success") == "success"
    assert "progress of task task-1 cannot be sent" in caplog.text


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_progress_is_a_part_of_the_whole(fraction: float) -> None:
    with pytest.raises(ValueError, match="progress must lie between 0 and 1"):
        TaskContext(job_id="j", task_id="t").progress(fraction)
