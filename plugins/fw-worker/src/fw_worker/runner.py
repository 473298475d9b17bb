"""The worker's dealings with one orchestrator, from registration to farewell."""

import asyncio

from fw_worker.capacity import Capacity
from fw_worker.catalogue import Catalogue
from fw_worker.closing import Closing
from fw_worker.commands import Commands
from fw_worker.config import WorkerSettings
from fw_worker.delivery import Delivery
from fw_worker.heartbeats import Heartbeats
from fw_worker.membership import Membership
from fw_worker.observation import Observation
from fw_worker.orders import Orders
from fw_worker.polling import Polling
from fw_worker.precedence import Turn
from fw_worker.threads import SkillThreads
from fw_worker.transport import Transport
from fw_worker.workload import Workload


class Runner:
    """One per orchestrator; `capacity`, `threads` and `commands` are shared between them."""

    def __init__(
        self,
        *,
        settings: WorkerSettings,
        catalogue: Catalogue,
        transport: Transport,
        capacity: Capacity,
        threads: SkillThreads,
        turn: Turn,
        commands: Commands,
        observation: Observation,
    ) -> None:
        self._transport = transport
        self._closing = closing = Closing()
        self._membership = membership = Membership(transport, settings, catalogue, closing, turn)
        delivery = Delivery(transport, settings, membership, closing, observation)
        self._workload = workload = Workload(
            settings=settings,
            catalogue=catalogue,
            transport=transport,
            delivery=delivery,
            capacity=capacity,
            threads=threads,
            closing=closing,
            observation=observation,
        )
        self._heartbeats = Heartbeats(
            transport=transport,
            settings=settings,
            catalogue=catalogue,
            membership=membership,
            workload=workload,
            capacity=capacity,
            closing=closing,
        )
        self._orders = Orders(transport, settings, membership, workload, commands)
        self._polling = Polling(
            transport=transport,
            settings=settings,
            catalogue=catalogue,
            membership=membership,
            delivery=delivery,
            workload=workload,
            capacity=capacity,
            closing=closing,
            turn=turn,
        )

    async def run(self) -> None:
        """Work until `finish`, then until everything taken on is done and handed in."""
        await self._transport.open()
        try:
            async with asyncio.TaskGroup() as upkeep:
                background = [
                    upkeep.create_task(self._membership.run(), name="registration"),
                    upkeep.create_task(self._heartbeats.run(), name="heartbeats"),
                    upkeep.create_task(self._orders.run(), name="orders"),
                ]
                async with asyncio.TaskGroup() as work:
                    await self._polling.run(work)
                for task in background:
                    task.cancel()
            if self._membership.joined.is_set():
                await self._heartbeats.farewell()
        finally:
            await self._transport.close()

    def finish(self) -> None:
        """Take nothing new."""
        self._closing.asked.set()

    def hurry(self) -> None:
        """Time is up: stop what runs, try once more to hand in what is done."""
        self._closing.asked.set()
        self._closing.expired.set()
        self._workload.stop_all()
