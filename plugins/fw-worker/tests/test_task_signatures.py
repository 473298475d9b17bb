"""How a worker knows that a task is the orchestrator's, and that it may do it."""

from collections.abc import Callable
from typing import Any

import pytest

from framework import App
from fw_rxon import TaskMessage, encode, sign
from fw_worker.facade import WorkerFacade

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]
KEY = "what tasks are signed with"


def task(task_id: str, key: str | None, **more: Any) -> bytes:
    message = TaskMessage(job_id="j", task_id=task_id, type="echo", **more)
    if key is None:
        return encode(message)
    signature = sign(encode(message), key)
    return encode(TaskMessage(job_id="j", task_id=task_id, type="echo", sig=signature, **more))


async def test_only_tasks_that_are_signed_with_the_key_are_done(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are refused aloud: who waits for them must not wait for nothing."""
    app = make_app(task_key=KEY)
    done: list[Any] = []

    @app.facade(WorkerFacade).skill("echo")
    def echo(params: dict[str, Any]) -> None:
        done.append(params)

    good = task("good", KEY, params={"n": 2.0, "text": "ж", "none": None}, deadline=1_795_295_014)
    changed = good.replace(b'"good"', b'"changed"')
    async with app:
        await orchestrator.give_raw(good, changed, task("other", "other"), task("unsigned", None))
        await orchestrator.give_raw(task("signed twice", KEY)[:-1] + b',"orchestrator_signature":"x"}')
        for name in ("changed", "other", "unsigned"):
            assert (await orchestrator.result(name))["error"]["code"] == "SECURITY_ERROR"
        for name in ("good", "signed twice"):
            assert (await orchestrator.result(name)).get("error") is None
    assert len(done) == 2
    assert "worker.task_key" in caplog.text
    assert KEY not in caplog.text


async def test_a_skill_that_the_jobs_policy_forbids_is_not_called(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()
    done: list[Any] = []
    app.worker.skill("echo")(lambda: done.append(1))
    async with app:
        await orchestrator.give("task-1", "echo", policy={"allowed_skills": ["other"]})
        await orchestrator.give("task-2", "echo", policy={"allowed_skills": ["echo"]})
        assert (await orchestrator.result("task-1"))["error"]["code"] == "SECURITY_ERROR"
        await orchestrator.result("task-2")
    assert done == [1]
