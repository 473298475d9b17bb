"""What an engine or a worker leaves behind is taken over in less than two leases, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from framework import App
from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.facade import Orchestrator
from fw_orchestrator.model import JobStatus
from fw_orchestrator.testing.broken_engines import BROKEN_ENGINES, EngineFault, sound
from fw_orchestrator.testing.chance import NONE, Chance
from fw_orchestrator.testing.loop import SimulatedLoop
from fw_orchestrator.testing.node import Node

LEASE = 10.0
SETTINGS = OrchestratorSettings(job_lease=LEASE, task_lease=LEASE)
EVER = 20 * LEASE


@pytest.fixture(autouse=True)
def _no_safety_nets() -> None:
    """Here they are wanted: nobody tells an engine that another one has died."""


class World:
    """Engines on one store; nothing goes wrong but what a test does."""

    def __init__(self, blueprint: StateMachineBlueprint, fault: EngineFault) -> None:
        self.app = App("t", plugins=[])
        self.app.bootstrap()
        self.facade = Orchestrator(self.app)
        self.facade.register_blueprint(blueprint)
        self.store = MemoryStorage()
        self.chance = Chance(1)
        self.chance.rates = NONE
        self.fault = fault

    async def engine(self, name: str) -> Node:
        """One that runs."""
        node = Node(name, self.app, self.facade, self.store, SETTINGS, self.chance, self.fault)
        await node.engine.start()
        return node


def run(main: Coroutine[Any, Any, float]) -> float:
    """What a program gives in virtual time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(main)


async def until_the_job_is_handled_again(fault: EngineFault) -> float:
    """Seconds between the death of an engine in the middle of a step and the handler's next call, by another one."""
    calls: asyncio.Queue[float] = asyncio.Queue()
    never = asyncio.Event()

    async def start(actions: ActionFactory) -> None:
        calls.put_nowait(asyncio.get_running_loop().time())
        await never.wait()
        actions.transition_to("done")

    blueprint = StateMachineBlueprint("flow")
    blueprint.handler_for("start", is_start=True, to=["done"])(start)
    blueprint.handler_for("done", is_end=True)(lambda: None)
    world = World(blueprint, fault)
    nodes = [await world.engine(name) for name in ("one", "other")]
    await nodes[0].engine.intake.create("flow", {})
    await calls.get()
    # The lease is renewed: however long a handler takes, its job is nobody else's.
    await asyncio.sleep(5 * LEASE)
    assert calls.empty()
    death = asyncio.get_running_loop().time()
    next(node for node in nodes if node.engine.active).die()
    try:
        async with asyncio.timeout(EVER):
            return await calls.get() - death
    finally:
        never.set()
        for node in nodes:
            await node.bury()


async def until_the_task_is_handed_out_again(fault: EngineFault) -> float:
    """Seconds between the last heartbeat of a worker and the hand-out of its task to another one."""
    blueprint = StateMachineBlueprint("flow")

    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", transitions={"success": "done"})

    blueprint.handler_for("start", is_start=True)(start)
    blueprint.handler_for("done", is_end=True)(lambda: None)
    world = World(blueprint, fault)
    node = await world.engine("only")
    job_id = await node.engine.intake.create("flow", {})
    task = await node.desk.next_task("silent", ["echo"], EVER, lambda: False)
    assert task is not None
    began = asyncio.get_running_loop().time()
    again = await node.desk.next_task("other", ["echo"], 2 * LEASE, lambda: False)
    job = await world.store.job(job_id)
    await node.bury()
    assert job is not None
    assert job.status is JobStatus.WAITING_FOR_WORKER
    return asyncio.get_running_loop().time() - began if again is not None else EVER


def test_a_job_in_the_middle_of_a_step_is_taken_over_in_less_than_two_leases() -> None:
    assert 0 < run(until_the_job_is_handled_again(sound)) < 2 * LEASE


def test_an_engine_that_clings_to_its_jobs_is_noticed() -> None:
    with pytest.raises(TimeoutError):
        run(until_the_job_is_handled_again(BROKEN_ENGINES["clinging"]))


def test_a_task_of_a_silent_worker_is_handed_out_again_in_less_than_two_leases() -> None:
    assert LEASE <= run(until_the_task_is_handed_out_again(sound)) < 2 * LEASE


@pytest.mark.parametrize("fault", ["trusting", "timeless"])
def test_an_engine_that_forgets_about_silent_workers_is_noticed(fault: str) -> None:
    assert run(until_the_task_is_handed_out_again(BROKEN_ENGINES[fault])) == EVER
