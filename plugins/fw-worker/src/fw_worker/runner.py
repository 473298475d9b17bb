"""The worker's dealings with one orchestrator, from registration to farewell."""

import asyncio
from concurrent.futures import Executor

from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.delivery import Delivery
from fw_worker.heartbeats import Heartbeats
from fw_worker.membership import Membership
from fw_worker.polling import Polling
from fw_worker.skill import Catalogue
from fw_worker.slots import Slots
from fw_worker.transport import Transport
from fw_worker.workload import Workload


class Runner:
    """One per orchestrator; `slots` and `pool` are shared between them."""

    def __init__(
        self, settings: WorkerSettings, catalogue: Catalogue, transport: Transport, slots: Slots, pool: Executor
    ) -> None:
        self._transport = transport
        self._closing = closing = Closing()
        self._membership = Membership(transport, settings, catalogue, closing)
        delivery = Delivery(transport, settings, self._membership, closing)
        self._workload = Workload(settings, catalogue, transport, delivery, slots, pool)
        self._heartbeats = Heartbeats(transport, settings, catalogue, self._membership, self._workload, slots, closing)
        self._polling = Polling(
            transport, settings, catalogue, self._membership, delivery, self._workload, slots, closing
        )

    async def run(self) -> None:
        """Work until `finish`, then until everything taken on is done and handed in."""
        await self._transport.open()
        try:
            async with asyncio.TaskGroup() as upkeep:
                background = [
                    upkeep.create_task(self._membership.run(), name="registration"),
                    upkeep.create_task(self._heartbeats.run(), name="heartbeats"),
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
