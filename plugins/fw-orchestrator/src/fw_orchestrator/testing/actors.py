"""Who talks to the engines of a simulation: clients that repeat themselves, and workers that cannot be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fw_orchestrator.store import StoreError
from fw_orchestrator.testing.chance import Chance
from fw_orchestrator.testing.node import Node
from fw_orchestrator.testing.wire import Gone
from fw_rxon import AnswerStatus, TaskError, TaskMessage, TaskResult

T = TypeVar("T")

AGAIN = 0.5
"""Seconds after which one who got no answer asks again."""

Nodes = Callable[[], list[Node]]
"""The engines that run now."""


class Actor:
    """Asks any engine that runs until it has an answer."""

    def __init__(self, name: str, nodes: Nodes, chance: Chance) -> None:
        self.name = name
        self._nodes = nodes
        self.chance = chance

    async def ask(self, question: Callable[[Node], Awaitable[T]]) -> T:
        """The answer of some engine."""
        while True:
            nodes = self._nodes()
            if nodes:
                node = self.chance.draw.choice(nodes)
                try:
                    return await node.serve(question(node))
                except (Gone, StoreError) as error:
                    self.chance.note(self.name, f"no answer from {node.name}: {error!r}")
            await asyncio.sleep(AGAIN)


class Client(Actor):
    """Creates one job, once, however often it has to say so."""

    async def create(self, number: int, data: dict[str, Any]) -> str:
        """The id of its job."""

        async def question(node: Node) -> str:
            return await node.engine.intake.create("flow", data, key=str(number))

        job_id = await self.ask(question)
        self.chance.note(self.name, f"job {number} is {job_id}")
        return job_id


class Worker(Actor):
    """Takes tasks for ever: drops polls, falls silent, fails, is late, sends results twice.

    ``accepted``: the tasks whose result it was told to be kept.
    """

    def __init__(self, name: str, nodes: Nodes, chance: Chance) -> None:
        super().__init__(name, nodes, chance)
        self.accepted: set[str] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            task = await self._poll()
            if task is not None:
                await self._do(task)

    async def _poll(self) -> TaskMessage | None:
        nodes = self._nodes()
        if not nodes:
            await asyncio.sleep(AGAIN)
            return None
        node = self.chance.draw.choice(nodes)
        gone = False

        async def ask() -> TaskMessage | None:
            return await node.serve(node.desk.next_task(self.name, ["echo"], 10.0, lambda: gone))

        asked = asyncio.create_task(ask())
        patience = self.chance.draw.random() * 5 if self.chance.strikes(self.chance.rates.dropped_poll) else None
        await asyncio.wait([asked], timeout=patience)
        if not asked.done():
            # The connection breaks; the engine finds out when it is about to answer.
            gone = True
            self.chance.note(self.name, "drops a poll")
        try:
            task = await asked
        except (Gone, StoreError) as error:
            self.chance.note(self.name, f"poll at {node.name}: {error!r}")
            await asyncio.sleep(AGAIN)
            return None
        return None if gone else task

    async def _do(self, task: TaskMessage) -> None:
        rates = self.chance.rates
        await self.chance.pause(40.0 if self.chance.strikes(rates.slow) else 0.5)
        if self.chance.strikes(rates.silent):
            self.chance.note(self.name, f"forgets {task.task_id}")
            return
        failed = self.chance.strikes(rates.failure)
        result = TaskResult(
            job_id=task.job_id,
            task_id=task.task_id,
            worker_id=self.name,
            status="failure" if failed else "success",
            data={} if failed else dict(task.params or {}),
            error=TaskError(code="TRANSIENT_ERROR", message="no luck") if failed else None,
        )
        for _ in range(2 if self.chance.strikes(rates.duplicate) else 1):
            answer = await self.ask(lambda node: node.desk.take_result(self.name, result))
            if answer.status is AnswerStatus.ACCEPTED:
                self.accepted.add(task.task_id)
            self.chance.note(self.name, f"{result.status} of {task.task_id}: {answer.status} {answer.reason or ''}")
