"""Tasks that fail: what the orchestrator is told."""

from collections.abc import Callable
from typing import Any

import pytest

from framework import App
from fw_worker import TaskFailed
from fw_worker.facade import WorkerFacade

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]


@pytest.mark.parametrize(
    "params,named",
    [
        ({}, "'count' is missing"),
        ({"count": "many"}, "'count'"),
        ({"count": 1, "colour": "red"}, "'colour' is not known"),
        ({"count": 1, "sizes": [1, "two"]}, "'sizes'"),
    ],
)
async def test_params_that_do_not_fit_are_invalid_input_naming_the_parameter(
    orchestrator: FakeOrchestrator, make_app: MakeApp, params: dict[str, Any], named: str
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("paint")
    def paint(count: int, sizes: tuple[int, ...] = ()) -> None:
        raise AssertionError("must not be called")

    async with app:
        await orchestrator.give("task-1", "paint", params)
        result = await orchestrator.result("task-1")
    assert (result["status"], result["error"]["code"]) == ("failure", "INVALID_INPUT_ERROR")
    assert named in result["error"]["message"]


ENDLESS: dict[str, Any] = {}
ENDLESS["a"] = ENDLESS


@pytest.mark.parametrize(
    "value",
    [5, "text", [1], {"a": object()}, {"a": float("nan")}, {"a": "\ud800"}, dict, ENDLESS],
    ids=["number", "text", "list", "object", "nan", "surrogate", "class", "endless"],
)
async def test_return_value_that_is_no_json_object_is_a_contract_violation(
    orchestrator: FakeOrchestrator, make_app: MakeApp, value: Any
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("give")
    def give() -> Any:
        return value

    async with app:
        await orchestrator.give("task-1", "give")
        result = await orchestrator.result("task-1")
    assert (result["status"], result["error"]["code"]) == ("failure", "CONTRACT_VIOLATION_ERROR")
    assert "the skill returned" in result["error"]["message"]


async def test_failure_carries_code_message_and_details(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("fail")
    async def fail() -> None:
        raise TaskFailed("PERMANENT_ERROR", "no such film", {"film": 7})

    async with app:
        await orchestrator.give("task-1", "fail")
        result = await orchestrator.result("task-1")
    assert result["status"] == "failure"
    assert result["error"] == {"code": "PERMANENT_ERROR", "message": "no such film", "details": {"film": 7}}


@pytest.mark.parametrize("error", [ZeroDivisionError("by nothing"), SystemExit(3)])
@pytest.mark.parametrize("in_thread", [True, False])
async def test_any_other_exception_is_transient_and_the_worker_lives_on(
    orchestrator: FakeOrchestrator,
    make_app: MakeApp,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
    in_thread: bool,
) -> None:
    app = make_app()

    def blow() -> None:
        raise error

    async def blow_on_the_loop() -> None:
        blow()

    app.worker.skill("blow")(blow if in_thread else blow_on_the_loop)
    async with app:
        await orchestrator.give("task-1", "blow")
        await orchestrator.result("task-1")
        await orchestrator.give("task-2", "blow")
        result = await orchestrator.result("task-2")
    assert (result["status"], result["error"]["code"]) == ("failure", "TRANSIENT_ERROR")
    assert ("by nothing" if isinstance(error, Exception) else "sys.exit(3)") in result["error"]["message"]
    assert "Traceback" in caplog.text


async def test_unknown_skill_is_a_permanent_error(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    app = make_app()
    app.worker.skill("known")(lambda: None)
    async with app:
        await orchestrator.give("task-1", "unknown")
        result = await orchestrator.result("task-1")
    assert result["error"]["code"] == "PERMANENT_ERROR"
    assert "Unsupported skill: 'unknown'; this worker has: known" in result["error"]["message"]


async def test_a_failure_may_quote_what_is_no_text(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    """File names are bytes."""
    app = make_app()

    @app.facade(WorkerFacade).skill("read")
    def read() -> None:
        raise FileNotFoundError("no file \udcff")

    async with app:
        await orchestrator.give("task-1", "read")
        result = await orchestrator.result("task-1")
    assert result["error"] == {"code": "TRANSIENT_ERROR", "message": "FileNotFoundError: no file \\udcff"}
