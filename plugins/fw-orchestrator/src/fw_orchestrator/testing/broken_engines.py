"""Engines that are broken on purpose, each in one way: whatever looks for faults must notice every one of them.

Each stands between a sound engine and its store, which is sound too, and does there what that engine would do wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import Any, Final, cast

from msgspec.structs import replace

from fw_orchestrator.model import TERMINAL, FinishAnswer, HistoryEntry, Job, Sweep, Task, TaskFinish, Transition
from fw_orchestrator.store import JobStore

FOR_EVER: Final = 1e9
"""Seconds."""

NEVER: Final = 1e12
"""A time that no clock will show."""

DELAY: Final = 0.2
HOUR: Final = 3600.0

EngineFault = Callable[[JobStore], JobStore]
"""What is put between an engine and its store."""


def sound(store: JobStore) -> JobStore:
    """Nothing is wrong with this one."""
    return store


class BrokenEngine:
    """Passes on to the store what is not done wrong."""

    def __init__(self, store: JobStore) -> None:
        self.store = store
        self._behind: set[asyncio.Task[Any]] = set()

    def __getattr__(self, method: str) -> Any:
        return getattr(self.store, method)

    def later(self, call: Coroutine[Any, Any, Any]) -> None:
        """Do something after whoever waits for it has been answered; what comes of it concerns nobody."""
        task = asyncio.create_task(self._unheard(call))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _unheard(self, call: Coroutine[Any, Any, Any]) -> None:
        await asyncio.sleep(DELAY)
        await asyncio.gather(call, return_exceptions=True)


class Overwriting(BrokenEngine):
    """Takes claim and version of a job when it writes, not when it reads: the fence has nothing to compare."""

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Try until it is written or the job has ended."""
        return [await self._force(transition) for transition in transitions]

    async def _force(self, transition: Transition) -> bool:
        accepted = False
        while not accepted:
            job = await self.store.job(transition.job_id)
            if job is None or job.status in TERMINAL:
                return False
            # In its eyes all claims of others have ended, and its own do so at once.
            await self.store.claim_jobs(transition.owner, now=transition.at + HOUR, lease=-HOUR, limit=1000)
            tasks = tuple(replace(task, step=job.version + 1) for task in transition.tasks)
            [accepted] = await self.store.commit([replace(transition, expected_version=job.version, tasks=tasks)])
        return accepted


class Premature(BrokenEngine):
    """Tells the client that its job is kept, and keeps it a little later."""

    async def create(self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), **options: Any) -> list[str]:
        """Answer first."""
        self.later(self.store.create(jobs, history, **options))
        return [job.id for job in jobs]


class Hasty(BrokenEngine):
    """Tells the worker that its result is kept, and keeps it a little later."""

    async def finish_tasks(self, finishes: Sequence[TaskFinish], **_options: Any) -> list[FinishAnswer]:
        """Answer first."""
        self.later(self.store.finish_tasks(finishes))
        return [FinishAnswer.JOB_READY] * len(finishes)


class Resigned(BrokenEngine):
    """Never tries a task again."""

    async def finish_tasks(self, finishes: Sequence[TaskFinish], **options: Any) -> list[FinishAnswer]:
        """Without retries."""
        return await self.store.finish_tasks([replace(finish, retry=None) for finish in finishes], **options)


class Forgetful(BrokenEngine):
    """Does not know that a request is the same again."""

    async def create(self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), **options: Any) -> list[str]:
        """Without keys."""
        return await self.store.create([replace(job, key=None) for job in jobs], history, **options)


class Clinging(BrokenEngine):
    """Claims jobs for ever, also after its death."""

    async def create(self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), **options: Any) -> list[str]:
        """Hold for ever, should jobs be claimed as they are created."""
        return await self.store.create(jobs, history, **claimed_until(NEVER, options))

    async def finish_tasks(self, finishes: Sequence[TaskFinish], **options: Any) -> list[FinishAnswer]:
        """Hold for ever, should jobs be claimed as they become ready."""
        return await self.store.finish_tasks(finishes, **claimed_until(NEVER, options))

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        """Hold for ever."""
        return await self.store.claim_jobs(owner, **(options | {"lease": FOR_EVER}))

    async def renew_jobs(self, owner: str, job_ids: Collection[str], *, now: float, lease: float) -> list[str]:
        """Hold for ever."""
        return await self.store.renew_jobs(owner, job_ids, now=now, lease=FOR_EVER)


def claimed_until(end: float, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a call, a claim among them ending otherwise."""
    claim = options.get("claim")
    return options if claim is None else options | {"claim": replace(claim, until=end)}


class Trusting(BrokenEngine):
    """Gives tasks away for ever, also to workers that fall silent."""

    async def claim_tasks(self, worker_id: str, skills: Collection[str], **options: Any) -> list[Task]:
        """Lease for ever."""
        return await self.store.claim_tasks(worker_id, skills, **(options | {"lease": FOR_EVER}))

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Lease for ever what comes with its worker, too."""
        return await self.store.commit([_leased_for_ever(transition) for transition in transitions])


def _leased_for_ever(transition: Transition) -> Transition:
    tasks = [task if task.lease_until is None else replace(task, lease_until=NEVER) for task in transition.tasks]
    return replace(transition, tasks=tuple(tasks))


class AbsentMinded(BrokenEngine):
    """Claims a job, and does not remember that it has."""

    def __init__(self, store: JobStore) -> None:
        super().__init__(store)
        self._forgotten: set[str] = set()

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        """Without those that are claimed for the first time."""
        found = await self.store.claim_jobs(owner, **options)
        known, self._forgotten = self._forgotten, self._forgotten | {job.id for job in found}
        return [job for job in found if job.id in known]


class Timeless(BrokenEngine):
    """Does not do what time demands."""

    async def sweep(self, *, now: float, max_attempts: int, limit: int = 1000) -> Sweep:
        """Find nothing."""
        return Sweep()


BROKEN_ENGINES: Final[dict[str, EngineFault]] = {
    kind.__name__.lower(): cast("EngineFault", kind)
    for kind in (Overwriting, Premature, Hasty, Resigned, Forgetful, Clinging, Trusting, AbsentMinded, Timeless)
}
"""By name."""
