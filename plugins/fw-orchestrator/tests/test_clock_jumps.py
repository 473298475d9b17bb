"""The clock is set, or the machine sleeps: nothing hangs for hours, and nobody is held to be silent for that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from framework import App
from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.facade import Orchestrator
from fw_orchestrator.model import JobStatus
from fw_orchestrator.testing.broken_engines import sound
from fw_orchestrator.testing.chance import NONE, Chance
from fw_orchestrator.testing.loop import SimulatedLoop
from fw_orchestrator.testing.node import Node
from fw_rxon import Heartbeat, Registration, TaskResult

LEASE = 10.0
HOURS = 3 * 3600.0


@asynccontextmanager
async def engine_with_a_task() -> AsyncIterator[tuple[Node, str]]:
    """An engine, and the job whose only task waits for a worker."""
    blueprint = StateMachineBlueprint("flow")

    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", transitions={"success": "done"})

    blueprint.handler_for("start", is_start=True)(start)
    blueprint.handler_for("done", is_end=True)(lambda: None)
    app = App("t", plugins=[])
    app.bootstrap()
    facade = Orchestrator(app)
    facade.register_blueprint(blueprint)
    chance = Chance(1)
    chance.rates = NONE
    settings = OrchestratorSettings(job_lease=LEASE, task_lease=LEASE)
    node = Node("only", app, facade, MemoryStorage(), settings, chance, sound)
    await node.engine.start()
    try:
        yield node, await node.engine.intake.create("flow", {})
    finally:
        await node.bury()


async def lives(node: Node, task_id: str) -> None:
    """The worker `well` says so, as workers do: one that is not known registers."""
    beat = Heartbeat(worker_id="well", current_tasks=(task_id,))
    if await node.desk.heartbeat("well", beat) is None:
        await node.desk.register(Registration(worker_id="well"))
        await node.desk.heartbeat("well", beat)


def run(main: Coroutine[Any, Any, None]) -> None:
    """A program in virtual time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        runner.run(main)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line for line in caplog.messages if line.startswith("the clock")]


@pytest.mark.parametrize("jump", [HOURS, -HOURS])
def test_a_worker_that_is_well_keeps_its_task(jump: float, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with engine_with_a_task() as (node, job_id):
            task = await node.desk.next_task("well", ["echo"], 1.0, lambda: False)
            assert task is not None
            node.jump = jump
            for _ in range(10):
                assert await node.desk.next_task("other", ["echo"], LEASE / 2, lambda: False) is None
                await lives(node, task.task_id)
            kept = await node.engine.store.task(task.task_id)
            assert kept is not None
            assert (kept.worker_id, kept.attempt) == ("well", 1)
            await node.desk.take_result("well", TaskResult(job_id=job_id, task_id=task.task_id, worker_id="well"))
            await asyncio.sleep(1.0)
            job = await node.engine.store.job(job_id)
            assert job is not None
            assert job.status is JobStatus.FINISHED

    run(main())
    assert len(told(caplog)) == 1
    assert "3:00:00" in told(caplog)[0]


@pytest.mark.parametrize("jump", [HOURS, -HOURS])
def test_the_task_of_a_worker_that_is_dead_is_handed_out_again_all_the_same(jump: float) -> None:
    async def main() -> None:
        async with engine_with_a_task() as (node, _):
            first = await node.desk.next_task("dead", ["echo"], 1.0, lambda: False)
            node.jump = jump
            again = await node.desk.next_task("other", ["echo"], 3 * LEASE, lambda: False)
            assert first is not None
            assert again is not None
            assert again.task_id == first.task_id

    run(main())


@pytest.mark.parametrize("jump", [HOURS, -HOURS])
def test_a_poll_lasts_as_long_as_was_asked_for(jump: float) -> None:
    async def main() -> None:
        async with engine_with_a_task() as (node, _):
            began = asyncio.get_running_loop().time()
            polling = asyncio.create_task(node.desk.next_task("w", ["other"], LEASE, lambda: False))
            await asyncio.sleep(1.0)
            node.jump = jump
            assert await polling is None
            assert LEASE <= asyncio.get_running_loop().time() - began < LEASE + 1.0

    run(main())
