"""A leaf may wait for whatever an application has: an answer to a Command, a job of the orchestrator, a message."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from framework import App, Command
from fw_behavior import BehaviorTree, Guard, ScriptNode, Sequence, Status
from fw_behavior.waking import run
from fw_orchestrator import ActionFactory, StateMachineBlueprint
from fw_testing.harness import app_with

TOKENS = {"client_token": "client-secret-of-this-test", "worker_token": "worker-secret-of-this-test"}


@dataclass(frozen=True)
class Weigh(Command[int]):
    animal: str


async def test_a_leaf_waits_for_a_command() -> None:
    app, go_on = app_with("behavior"), asyncio.Event()

    @app.handles(Weigh)
    async def weigh(command: Weigh) -> int:
        await go_on.wait()
        return len(command.animal)

    async def ask(bb: Any) -> None:
        bb["weight"] = await app.dispatch(Weigh("bear"))

    async with app:
        tree = BehaviorTree(Sequence(ask, ScriptNode("known := weight")))
        running = asyncio.create_task(run(tree))
        await asyncio.sleep(0)
        assert not running.done()
        go_on.set()
        assert await running is Status.SUCCESS
        assert tree.blackboard["known"] == 4


async def test_a_halt_cancels_the_command_that_a_leaf_waits_for() -> None:
    app, begun, ended = app_with("behavior"), asyncio.Event(), []

    @app.handles(Weigh)
    async def weigh(command: Weigh) -> int:
        begun.set()
        try:
            return await asyncio.Future()
        finally:
            ended.append(command.animal)

    async def ask(bb: Any) -> None:
        bb["weight"] = await app.dispatch(Weigh("bear"))

    async with app:
        tree = BehaviorTree(Guard(ask, "!alarm"))
        tree.blackboard["alarm"] = False
        running = asyncio.create_task(run(tree))
        await begun.wait()
        tree.blackboard["alarm"] = True
        assert await running is Status.FAILURE
        assert ended == ["bear"]


def healing() -> StateMachineBlueprint:
    blueprint = StateMachineBlueprint("healing")

    @blueprint.handler_for("start", is_start=True)
    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.transition_to("well" if initial_data["animal"] == "bear" else "ill")

    @blueprint.handler_for("well", is_end=True)
    def well() -> None:
        """The end."""

    @blueprint.handler_for("ill", is_end=True, is_failure=True)
    def ill() -> None:
        """The other end."""

    return blueprint


async def test_a_leaf_waits_for_a_job_of_the_orchestrator() -> None:
    app: App = app_with("behavior", "orchestrator", defaults={"http": {"port": 0}, "orchestrator": TOKENS})
    app.orchestrator.register_blueprint(healing())

    async def heal(bb: Any) -> Status:
        job_id = await app.orchestrator.create_job("healing", {"animal": bb["animal"]})
        while (status := (await app.orchestrator.job(job_id)).status.value) not in {"finished", "failed"}:  # noqa: ASYNC110 - the engine announces the end of a job to other programs only
            await asyncio.sleep(0.005)
        bb["job"] = status
        return Status.SUCCESS if status == "finished" else Status.FAILURE

    async with app, asyncio.timeout(20):
        for animal, status, ended in (("bear", Status.SUCCESS, "finished"), ("wolf", Status.FAILURE, "failed")):
            tree = BehaviorTree(Sequence(heal))
            tree.blackboard["animal"] = animal
            assert await run(tree) is status
            assert tree.blackboard["job"] == ended


async def test_a_leaf_waits_for_a_message() -> None:
    box: asyncio.Queue[str] = asyncio.Queue()

    async def next_message(bb: Any) -> None:
        bb["message"] = await box.get()

    tree = BehaviorTree(Sequence(next_message, ScriptNode("heard := message")))
    running = asyncio.create_task(run(tree))
    await asyncio.sleep(0)
    box.put_nowait("honey")
    assert await running is Status.SUCCESS
    assert tree.blackboard["heard"] == "honey"
