"""`Claims`: the jobs that an engine has in hand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine
from typing import Any

from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.model import Claim, Job
from fw_orchestrator.setbacks import setback
from fw_orchestrator.store import JobStore
from fw_orchestrator.surroundings import Surroundings


class Claims:
    """What an engine steps, or writes in order to step it: each job once, and no more at a time than the settings say.

    ``wake`` tells that there may be jobs to claim; ``spawn`` does something aside, under a name.
    """

    def __init__(
        self,
        store: JobStore,
        settings: OrchestratorSettings,
        surroundings: Surroundings,
        *,
        owner: str,
        wake: Callable[[], None],
        spawn: Callable[[Coroutine[Any, Any, None], str], None],
    ) -> None:
        self._store = store
        self._settings = settings
        self._surroundings = surroundings
        self._owner = owner
        self._wake = wake
        self._spawn = spawn
        self._is_behind = False
        # By id: whether there may be a claim that whoever has the job in hand does not know of.
        self._unsure: dict[str, bool] = {}
        self.in_hand: Collection[str] = self._unsure.keys()

    def beforehand(self, job: Job) -> Claim | None:
        """The claim with which a job is written; None if others, which have waited, come first.

        With a claim the job is in hand, until :meth:`let_go`.
        """
        if self._is_behind or job.id in self._unsure:
            return None
        self._unsure[job.id] = False
        self._is_behind = len(self._unsure) >= self._settings.max_concurrent_jobs
        return Claim(self._owner, self._surroundings.clock() + self._settings.job_lease)

    async def ready(self, definitions: Collection[str]) -> list[Job]:
        """Claim jobs that are ready: those that are in hand from now on, until :meth:`let_go`."""
        free = self._settings.max_concurrent_jobs - len(self._unsure)
        if free < 1:
            self._is_behind = True
            return []
        now, lease = self._surroundings.clock(), self._settings.job_lease
        jobs = await self._store.claim_jobs(self._owner, now=now, lease=lease, limit=free, definitions=definitions)
        self._is_behind = len(jobs) >= free
        return [job for job in jobs if self._is_new(job.id)]

    def _is_new(self, job_id: str) -> bool:
        """Whether a claimed job was not in hand.

        One that was has been written by somebody else since, or its lease has ended: whoever has it in hand ends first.
        """
        is_new = job_id not in self._unsure
        self._unsure[job_id] = not is_new
        return is_new

    def let_go(self, job_id: str, *, unsure: bool = False) -> None:
        """A job is not in hand any more. If there may be a claim, as when ``unsure``, it is given back first."""
        if unsure or self._unsure[job_id]:
            self._unsure[job_id] = True
            self._spawn(self._give_back(job_id), f"job {job_id} is given back")
            return
        del self._unsure[job_id]
        if self._is_behind:
            self._wake()

    async def _give_back(self, job_id: str) -> None:
        try:
            while self._unsure[job_id]:  # it may be claimed again as soon as it has been given back
                self._unsure[job_id] = False
                await self._store.release_jobs(self._owner, [job_id])
        except Exception as error:  # noqa: BLE001 - it is logged
            setback(error, "job %s could not be given back; it is taken up when its lease ends", job_id)
        finally:
            del self._unsure[job_id]
            self._wake()
