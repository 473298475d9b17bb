"""Skills that end in a way of their own."""

from collections.abc import Callable
from typing import Any

import pytest

from framework import App
from fw_worker import Answer

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]


def promised(status: str) -> dict[str, int] | Answer:
    return Answer(status, {"n": 1}) if status != "success" else {"n": 1}


def silent(status: str) -> Answer:
    return Answer(status)


@pytest.mark.parametrize("skill,data", [(promised, {"n": 1}), (silent, None)])
async def test_a_declared_status_selects_the_transition(
    orchestrator: FakeOrchestrator, make_app: MakeApp, skill: Callable[..., Any], data: Any
) -> None:
    app = make_app()
    app.worker.skill("judge", statuses=("doubtful", "bad"))(skill)
    async with app:
        await orchestrator.give("task-1", "judge", {"status": "doubtful"})
        result = await orchestrator.result("task-1")
    assert (result["status"], result.get("data") or None) == ("doubtful", data)
    [offered] = orchestrator.heard["register"][0]["supported_skills"]
    assert offered["output_statuses"] == ["doubtful", "bad"]


async def test_a_status_that_is_not_declared_is_a_contract_violation(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()
    app.worker.skill("judge", statuses=("bad",))(silent)
    async with app:
        await orchestrator.give("task-1", "judge", {"status": "odd"})
        result = await orchestrator.result("task-1")
    assert result["error"]["code"] == "CONTRACT_VIOLATION_ERROR"
    assert "'odd', which it has not declared; it has: bad" in result["error"]["message"]


@pytest.mark.parametrize("data", [{"n": float("inf")}, 5], ids=["infinity", "no object"])
async def test_data_of_an_answer_that_json_cannot_carry_is_a_contract_violation(
    orchestrator: FakeOrchestrator, make_app: MakeApp, data: object
) -> None:
    app = make_app()
    app.worker.skill("judge", statuses=("bad",))(lambda: Answer("bad", data))
    async with app:
        await orchestrator.give("task-1", "judge")
        result = await orchestrator.result("task-1")
    assert (result["status"], result["error"]["code"]) == ("failure", "CONTRACT_VIOLATION_ERROR")
