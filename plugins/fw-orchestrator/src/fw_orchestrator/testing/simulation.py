"""Engines, workers and clients on one store, in virtual time, with faults drawn from a seed.

``python -m fw_orchestrator.testing.simulation --seeds 5000`` runs as many courses; ``--seed 17 --trace`` shows one.
Each has some engines that die, pause and come back, whose clocks jump, whose calls to the store are delayed or lost;
workers that drop polls, fall silent, fail and repeat themselves; and clients that repeat themselves. After a while the
faults end. Then every job must end as well, and each transition and each result must have counted once; and never must
an engine that lives have held a job for the length of a lease without doing anything about it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from framework import App
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.facade import Orchestrator
from fw_orchestrator.memory import MemoryStorage
from fw_orchestrator.model import TERMINAL
from fw_orchestrator.store import JobStore
from fw_orchestrator.testing.actors import Client, Worker
from fw_orchestrator.testing.broken_engines import EngineFault, sound
from fw_orchestrator.testing.chance import NONE, Chance
from fw_orchestrator.testing.flow import KINDS, faults_of, flow
from fw_orchestrator.testing.loop import SimulatedLoop
from fw_orchestrator.testing.node import Node

JOBS = 8
ENGINES = 2
WORKERS = 3
TROUBLE = 40.0
"""Seconds with faults; jobs are created in the first half of them."""

PATIENCE = 900.0
"""Seconds after which a job that has not ended is lost: time enough for leases by a clock that was wrong to end."""

SETTINGS = OrchestratorSettings(job_lease=3.0, task_lease=5.0, max_retries=1000, retry_max_delay=5.0)


@dataclass(frozen=True)
class Course:
    """How the run of a seed went: ``faults`` is empty if all is well."""

    seed: int
    faults: tuple[str, ...]
    trace: tuple[str, ...]


class Simulation:
    """One run."""

    def __init__(self, seed: int, store: JobStore, fault: EngineFault = sound) -> None:
        self._chance = Chance(seed)
        self._store = store
        self._fault = fault
        self._nodes: dict[str, Node] = {}
        self._made: dict[int, str] = {}
        self._neglected: list[str] = []
        self._app = App("simulation", plugins=[])
        self._app.bootstrap()
        self._facade = Orchestrator(self._app)
        self._facade.register_blueprint(flow())

    async def run(self) -> Course:
        """All of it."""
        chance = self._chance
        async with asyncio.TaskGroup() as group:
            lives = [group.create_task(self._live(f"engine{number}")) for number in range(ENGINES)]
            hands = [Worker(f"worker{number}", self._running, chance) for number in range(WORKERS)]
            workers = [group.create_task(hand.run()) for hand in hands]
            clients = [group.create_task(self._create(number)) for number in range(JOBS)]
            await asyncio.sleep(TROUBLE)
            chance.rates = NONE
            chance.note("-", "no more faults")
            await asyncio.gather(*clients)
            await self._until_ended()
            for task in (*lives, *workers):
                task.cancel()
        kept = {(task_id, hand.name) for hand in hands for task_id in hand.accepted}
        return Course(chance.seed, tuple(await self._count(kept)), tuple(chance.trace))

    def _running(self) -> list[Node]:
        return list(self._nodes.values())

    async def _live(self, name: str) -> None:
        """One life after the other."""
        while True:
            node = Node(name, self._app, self._facade, self._store, SETTINGS, self._chance, self._fault)
            await node.engine.start()
            self._nodes[name] = node
            self._chance.note(name, "runs")
            for one in self._nodes.values():
                one.wire.others = [other.wire for other in self._nodes.values() if other is not one]
            try:
                await self._age(node)
            finally:
                del self._nodes[name]
                node.die()
                await node.bury()
                node.wire.claims.end()
                self._neglected += node.wire.claims.neglected
            await self._chance.pause(10.0)

    async def _age(self, node: Node) -> None:
        """Let a clock jump now and then, until the engine dies."""
        while not node.died.is_set():
            try:
                async with asyncio.timeout(1.0 + self._chance.draw.random() * 10.0):
                    await node.died.wait()
            except TimeoutError:
                is_wrong = self._chance.strikes(self._chance.rates.slow * 5)
                node.jump = self._chance.draw.choice((-60.0, -4.0, 4.0, 60.0)) if is_wrong else 0.0
                self._chance.note(node.name, f"its clock is {node.jump:+g} s wrong")

    async def _create(self, number: int) -> None:
        await asyncio.sleep(self._chance.draw.random() * TROUBLE / 2)
        client = Client(f"client{number}", self._running, self._chance)
        self._made[number] = await client.create(number, {"kind": KINDS[number % len(KINDS)]})

    async def _until_ended(self) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while asyncio.get_running_loop().time() < deadline:
            if all(one.status in TERMINAL for one in await self._store.counts()):
                return
            await asyncio.sleep(1.0)

    async def _count(self, kept: set[tuple[str, str]]) -> list[str]:
        """All that is wrong; ``kept`` are the tasks with the workers that were told that their result is accepted."""
        jobs = {job.id: job for job in await self._store.jobs(limit=1_000_000)}
        faults = self._neglected + [
            f"job {number} is lost" for number, job_id in self._made.items() if job_id not in jobs
        ]
        parents = [job.parent_id for job in jobs.values() if job.parent_id]
        faults += [f"job {one} has {parents.count(one)} sub-jobs" for one in set(parents) if parents.count(one) > 1]
        made = set(self._made.values())
        faults += [f"job {job.id} is there twice" for job in jobs.values() if not job.parent_id and job.id not in made]
        for job in jobs.values():
            history = await self._store.history(job.id)
            faults += [f"job {job.id} {fault}" for fault in faults_of(job, history)]
            ends = [entry.detail for entry in history if entry.event == "task_finished"]
            kept -= {(end["task_id"], end["worker_id"]) for end in ends}
        return faults + [
            f"the result of {task_id} by {worker} was accepted and is lost" for task_id, worker in sorted(kept)
        ]


def simulate(seed: int, make_store: Callable[[], JobStore] = MemoryStorage, fault: EngineFault = sound) -> Course:
    """The course of a seed; always the same. ``fault`` is what its engines do wrong."""

    async def main() -> Course:
        return await Simulation(seed, make_store(), fault).run()

    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(main())


def first_fault(
    seeds: Iterable[int], make_store: Callable[[], JobStore] = MemoryStorage, fault: EngineFault = sound
) -> Course | None:
    """The first course in which something is wrong."""
    return next((course for seed in seeds if (course := simulate(seed, make_store, fault)).faults), None)


def main(arguments: list[str], make_store: Callable[[], JobStore] = MemoryStorage) -> int:
    """Run courses until one shows a fault; the exit code is 1 then."""
    parser = argparse.ArgumentParser(
        prog="python -m fw_orchestrator.testing.simulation", description="Engines, workers and faults in virtual time."
    )
    parser.add_argument("--seeds", type=int, default=200, help="how many courses")
    parser.add_argument("--seed", type=int, help="this one only")
    parser.add_argument("--trace", action="store_true", help="show the course even if nothing is wrong")
    asked = parser.parse_args(arguments)
    began = time.perf_counter()
    seeds = range(asked.seeds) if asked.seed is None else range(asked.seed, asked.seed + 1)
    found = first_fault(seeds, make_store)
    if found is not None:
        _say(*found.trace, *found.faults)
        _say(f"Seed {found.seed} shows it again: --seed {found.seed} --trace")
        return 1
    if asked.trace:
        _say(*(line for seed in seeds for line in simulate(seed, make_store).trace))
    _say(f"{len(seeds)} courses without a fault in {time.perf_counter() - began:.1f} s")
    return 0


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(main(sys.argv[1:]))
