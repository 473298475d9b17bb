"""What a skill promises to return is told to the orchestrator, and kept."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import msgspec
import pytest

from framework import App, StartupError
from fw_rxon import is_signed
from fw_worker.outcome import returned
from fw_worker.results import Results

from .fake_orchestrator import TOKEN, FakeOrchestrator

MakeApp = Callable[..., App]


@dataclass
class Found:
    path: Path
    size: int


class Size(TypedDict):
    size: int


class Sizes(msgspec.Struct):
    sizes: list[int]


def as_dataclass(size: Any) -> Found:
    return Found(Path("a"), size)


def as_dict(size: Any) -> dict[str, int]:
    return {"size": size}


def as_typed_dict(size: Any) -> Size:
    return {"size": size}


def as_struct(size: Any) -> Sizes:
    return Sizes([size])


async def as_coroutine(size: Any) -> dict[str, int]:
    return {"size": size}


@pytest.mark.parametrize("skill", [as_dataclass, as_dict, as_typed_dict, as_struct, as_coroutine])
async def test_a_result_that_is_not_what_was_promised_is_a_contract_violation(
    make_app: MakeApp, orchestrator: FakeOrchestrator, skill: Callable[..., Any]
) -> None:
    app = make_app()
    app.worker.skill("look")(skill)
    async with app:
        await orchestrator.give("right", "look", {"size": 3})
        await orchestrator.give("wrong", "look", {"size": "large"})
        assert "error" not in await orchestrator.result("right")
        result = await orchestrator.result("wrong")
    assert (result["status"], result["error"]["code"]) == ("failure", "CONTRACT_VIOLATION_ERROR")
    assert "Expected `int`, got `str`" in result["error"]["message"]
    [registration] = orchestrator.heard["register"]
    schema = registration["supported_skills"][0]["output_schema"]
    assert schema["type"] == "object"


@pytest.mark.parametrize("optional, status", [(True, "success"), (False, "failure")])
async def test_nothing_is_returned_only_where_that_was_promised(
    make_app: MakeApp, orchestrator: FakeOrchestrator, optional: bool, status: str
) -> None:
    def perhaps() -> Found | None:
        return None

    def surely() -> Found:
        return None  # type: ignore[return-value]

    app = make_app()
    app.worker.skill("look")(perhaps if optional else surely)
    async with app:
        await orchestrator.give("task-1", "look")
        assert (await orchestrator.result("task-1")).get("status", "success") == status


def undeclared(): ...  # type: ignore[no-untyped-def]


def nothing() -> None: ...


def anything() -> Any: ...


@pytest.mark.parametrize("skill", [undeclared, nothing, anything])
async def test_a_skill_may_promise_nothing(
    make_app: MakeApp, orchestrator: FakeOrchestrator, skill: Callable[..., Any]
) -> None:
    app = make_app()
    app.worker.skill("look")(skill)
    async with app:
        [registration] = await orchestrator.count("register", 1)
    assert "output_schema" not in registration["supported_skills"][0]


async def test_a_promise_that_json_cannot_carry_is_refused(make_app: MakeApp) -> None:
    class Opaque: ...

    def look() -> dict[str, Opaque]: ...  # type: ignore[empty-body]

    look.__annotations__["return"] = dict[str, Opaque]
    app = make_app()
    app.worker.skill("look")(look)
    with pytest.raises(StartupError, match="its result cannot be JSON"):
        await app.start()


async def test_all_that_is_sent_is_signed(make_app: MakeApp, orchestrator: FakeOrchestrator) -> None:
    app = make_app()
    app.worker.skill("look")(as_dict)
    async with app:
        await orchestrator.give("task-1", "look", {"size": 3})
        await orchestrator.result("task-1")
    for endpoint in ("register", "heartbeat", "result"):
        for message in orchestrator.heard[endpoint]:
            security = message["security"]
            assert security["signer_id"] == "w-1"
            assert is_signed(msgspec.json.encode(message), security["signature"], [TOKEN])


def test_nothing_is_no_empty_object() -> None:
    def give() -> dict[str, int]:
        return {}

    promised = Results(give)
    assert promised.checked({}, returned({})).error is None
    outcome = promised.checked(None, returned(None))
    assert outcome.error is not None
    assert "returned nothing" in outcome.error.message


def test_what_is_no_json_is_said_to_be_none_whatever_was_promised() -> None:
    def give() -> Found:
        raise NotImplementedError

    value = {"n": float("nan")}
    outcome = Results(give).checked(value, returned(value))
    assert outcome.error is not None
    assert "is not JSON" in outcome.error.message
