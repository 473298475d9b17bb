"""`ClockJumps`: the system's clock has been set, or the machine has slept."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import timedelta

from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.model import Job, JobStatus
from fw_orchestrator.store import JobStore
from fw_orchestrator.surroundings import Surroundings

log = logging.getLogger("fw_orchestrator")

PAGE = 1000

_WITH_WORKERS = (JobStatus.WAITING_FOR_WORKER, JobStatus.WAITING_FOR_PARALLEL_TASKS)


class ClockJumps:
    """Compares the clock with the event loop's time, which runs evenly, and sees to it that leases survive a jump.

    After one forwards all leases have ended, also those of workers that are well: ``is_patient`` until they have had
    time to say so. After one backwards leases last too long: those of tasks are made to end as if given now.
    """

    def __init__(self, store: JobStore, settings: OrchestratorSettings, surroundings: Surroundings) -> None:
        self._store = store
        self._lease = settings.task_lease
        self._least = min(settings.job_lease, settings.task_lease) / 2
        self._surroundings = surroundings
        self._offset: float | None = None
        self._patient_until = float("-inf")

    @property
    def is_patient(self) -> bool:
        """Whether nobody should be held to be silent."""
        return self._surroundings.steady() < self._patient_until

    async def look(self) -> None:
        """Say whether the clock has jumped since the last look, and do what follows."""
        now, even = self._surroundings.clock(), self._surroundings.steady()
        jumped = now - even - (now - even if self._offset is None else self._offset)
        if jumped >= self._least:
            self._offset = now - even
            self._patient_until = even + self._lease
            log.warning(
                "the clock went forwards by %s, or the machine slept: workers have %g s to renew their leases; "
                "time-outs that were to end meanwhile have ended",
                _shown(jumped),
                self._lease,
            )
        elif jumped <= -self._least:
            log.warning(
                "the clock went back by %s: time-outs and retries that were set before wait for it to get there again",
                _shown(-jumped),
            )
            await self._shorten(now)
            self._offset = now - even
        elif self._offset is None:
            self._offset = now - even

    async def _shorten(self, now: float) -> None:
        async for job in self._waiting():
            for task in await self._store.tasks(job.id, step=job.version):
                if task.worker_id and task.lease_until is not None and task.lease_until > now + self._lease:
                    await self._store.renew_tasks(task.worker_id, [task.id], now=now, lease=self._lease)

    async def _waiting(self) -> AsyncIterator[Job]:
        offset = 0
        while found := await self._store.jobs(statuses=_WITH_WORKERS, limit=PAGE, offset=offset):
            for job in found:
                yield job
            offset += len(found)


def _shown(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
