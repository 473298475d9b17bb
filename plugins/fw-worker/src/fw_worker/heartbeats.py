"""Signs of life."""

import logging
import time
from collections.abc import Sequence

from fw_rxon import Heartbeat, HeartbeatAnswer, WireError, WorkerStatus, decode_answer, encode
from fw_worker.capacity import Capacity
from fw_worker.catalogue import ANY, Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.membership import Membership
from fw_worker.transport import Refused, Transport, TransportError
from fw_worker.trouble import Trouble
from fw_worker.workload import Workload

_log = logging.getLogger("fw.worker")


class Heartbeats:
    """One at registration and then every `heartbeat_interval`; they renew the leases of the tasks in work."""

    def __init__(
        self,
        *,
        transport: Transport,
        settings: WorkerSettings,
        catalogue: Catalogue,
        membership: Membership,
        workload: Workload,
        capacity: Capacity,
        closing: Closing,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._catalogue = catalogue
        self._membership = membership
        self._workload = workload
        self._capacity = capacity
        self._closing = closing
        self._trouble = Trouble(_log, f"the heartbeat to {settings.url}")
        self._full_sync = False

    async def run(self) -> None:
        """Beat; until cancelled."""
        while True:
            await self._membership.joined.wait()
            await self._closing.pause(await self._beat() if self._is_news() else self._settings.heartbeat_interval)

    def _is_news(self) -> bool:
        """Not when leaving with nothing left to do: the farewell comes any moment, and must come last."""
        return bool(self._workload.held) or not self._closing.asked.is_set()

    async def farewell(self) -> None:
        """Say that this worker leaves and offers nothing any more; tried once."""
        leaving = Heartbeat(
            worker_id=self._settings.worker_id,
            status=WorkerStatus.OFFLINE,
            supported_skills=(),
            skills_hash=self._catalogue.hash,
            timestamp=int(time.time()),
        )
        try:
            await self._transport.heartbeat(encode(leaving))
        except TransportError as error:
            _log.warning("the farewell to %s failed: %s", self._settings.url, error)

    async def _beat(self) -> float:
        """Send one; the pause (seconds) before the next."""
        try:
            answer = decode_answer(await self._transport.heartbeat(encode(self._heartbeat())), HeartbeatAnswer)
        except TransportError as error:
            if isinstance(error, Refused) and error.unknown_worker:
                self._membership.lost(str(error))
            else:
                self._trouble.report(str(error), error.level)
            return max(self._settings.heartbeat_interval, error.retry_after or 0)
        except WireError as error:
            self._trouble.report(str(error))
            return self._settings.heartbeat_interval
        self._trouble.over()
        self._full_sync = answer.require_full_sync
        for task_id in answer.cancel_task_ids:
            self._workload.stop(task_id)
        return self._settings.heartbeat_interval + max(0.0, answer.next_heartbeat_jitter_ms / 1000)

    def _heartbeat(self) -> Heartbeat:
        available = () if self._closing.asked.is_set() else self._catalogue.available(self._capacity)
        status = self._status(available)
        return Heartbeat(
            worker_id=self._settings.worker_id,
            status=status,
            current_tasks=self._workload.held,
            supported_skills=self._catalogue.wire if self._full_sync else None,
            available_skills=available,
            skills_hash=self._catalogue.hash,
            timestamp=int(time.time()),
        )

    def _status(self, available: Sequence[str]) -> WorkerStatus:
        if self._closing.asked.is_set():
            return WorkerStatus.DRAINING
        if available:
            return WorkerStatus.IDLE
        return WorkerStatus.BUSY if self._capacity.suffices(ANY) else WorkerStatus.FULL
