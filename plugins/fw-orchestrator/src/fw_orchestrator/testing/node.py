"""`Node`: an engine of a simulation that can die at any await and be born again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar, cast

from framework import App
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.desk import Desk
from fw_orchestrator.engine import Engine
from fw_orchestrator.facade import Orchestrator
from fw_orchestrator.store import JobStore
from fw_orchestrator.surroundings import Surroundings
from fw_orchestrator.testing.broken_engines import EngineFault
from fw_orchestrator.testing.chance import Chance
from fw_orchestrator.testing.wire import Gone, Wire

T = TypeVar("T")

EPOCH = 1_000_000.0
"""What the clocks say at the beginning."""


class Node:
    """One life of an engine. ``jump`` is by how much its clock is wrong, ``fault`` what it does wrong."""

    def __init__(
        self,
        name: str,
        app: App,
        facade: Orchestrator,
        store: JobStore,
        settings: OrchestratorSettings,
        chance: Chance,
        fault: EngineFault,
    ) -> None:
        self.name = name
        self.jump = 0.0
        self.died = asyncio.Event()
        self.wire = Wire(name, store, chance, self.die, patience=settings.job_lease)
        surroundings = Surroundings(self._clock, chance.draw)
        self.engine = Engine(app, facade, fault(cast("JobStore", self.wire)), settings, surroundings)
        self.desk = Desk(self.engine)
        self._requests: dict[asyncio.Task[object], None] = {}

    def _clock(self) -> float:
        return EPOCH + asyncio.get_running_loop().time() + self.jump

    async def serve(self, request: Awaitable[T]) -> T:
        """The answer to a request; :class:`Gone` if the engine dies meanwhile."""
        task = asyncio.ensure_future(request)
        self._requests[cast("asyncio.Task[object]", task)] = None
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()
            del self._requests[cast("asyncio.Task[object]", task)]
        if task.cancelled():
            raise Gone(self.name)
        return task.result()

    def die(self) -> None:
        """From now on it does nothing; nobody is told, nothing is tidied up."""
        self.wire.is_dead = True
        self.died.set()
        for task in self._requests:
            task.cancel()

    async def bury(self) -> None:
        """Let what it was doing end in the dark: nothing reaches the store any more."""
        await self.engine.stop()
