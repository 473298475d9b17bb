"""`Operations`: what people do with jobs: cancel, decide, look after what is stuck."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from fw_orchestrator.dispatching import HUMAN
from fw_orchestrator.errors import InvalidJobData, NotResumable
from fw_orchestrator.model import (
    TERMINAL,
    FinishAnswer,
    HistoryEntry,
    Job,
    JobCount,
    JobStatus,
    TaskFinish,
    TaskOutcome,
    Transition,
)
from fw_orchestrator.plain import NotPlain, plain
from fw_orchestrator.setbacks import setback

if TYPE_CHECKING:
    from fw_orchestrator.engine import Engine

log = logging.getLogger("fw_orchestrator")

REVIEW = 60.0
"""Seconds between two looks for jobs whose definition nobody here knows."""


class Operations:
    """For clients, approvers and operators of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._explained: set[str] = set()

    async def cancel(self, job_id: str, reason: str = "asked for") -> bool:
        """End a job, its tasks and sub-jobs as ``cancelled``. False if there is none or it has ended."""
        engine = self._engine
        gone = await engine.store.cancel_jobs([job_id], at=engine.surroundings.clock(), reason=reason)
        for ended in gone.jobs:
            engine.progress.pop(ended, None)
        engine.counted["jobs_cancelled"] += len(gone.jobs)
        engine.revoke(list(gone.tasks))
        engine.job_ready()
        return bool(gone.jobs)

    async def decide(self, job: Job, decision: str, data: dict[str, Any] | None = None) -> bool:
        """Take a person's decision, which must be one of the job's; False if it came too late."""
        engine = self._engine
        [task] = await engine.store.tasks(job.id, step=job.version)
        now = engine.surroundings.clock()
        entry = HistoryEntry(
            job_id=job.id, at=now, event="approval_received", state=job.state, detail={"decision": decision}
        )
        finish = TaskFinish(
            job_id=job.id,
            task_id=task.id,
            worker_id=HUMAN,
            at=now,
            outcome=TaskOutcome(decision, data or {}),
            history=(entry,),
        )
        [answer] = await engine.store.finish_tasks([finish])
        if answer is FinishAnswer.JOB_READY:
            engine.job_ready()
        return answer is FinishAnswer.JOB_READY

    async def resume(
        self,
        job_id: str,
        *,
        state: str | None = None,
        state_history: dict[str, Any] | None = None,
        expected_version: int | None = None,
    ) -> None:
        """Take a quarantined job up again: run the handler of its state, or of ``state``, with repaired data.

        Raises :class:`NotResumable` unless it is quarantined and has the version expected, if one is given, and
        :class:`InvalidJobData` for data that cannot be stored.
        """
        engine = self._engine
        job = await engine.store.job(job_id)
        if job is None or job.status is not JobStatus.QUARANTINED:
            raise NotResumable(
                f"Job {job_id!r} is {job.status.value if job else 'not there'}.",
                remedy="Only quarantined jobs can be resumed.",
            )
        blueprint = engine.blueprints.get(job.blueprint)
        wanted = state or job.state
        if blueprint is None or wanted not in blueprint.states:
            raise NotResumable(
                f"Job {job_id!r} cannot go on in state {wanted!r}, which is not declared.",
                remedy=f"There are: {', '.join(sorted(blueprint.states)) if blueprint else 'none'}.",
            )
        try:
            history = job.state_history if state_history is None else plain(state_history)
        except NotPlain as error:
            raise InvalidJobData(f"The state_history cannot be stored as JSON: {error}.") from error
        now = engine.surroundings.clock()
        detail = {"state": wanted, "repaired": state_history is not None}
        entry = HistoryEntry(job_id=job.id, at=now, event="job_resumed", state=wanted, detail=detail)
        transition = Transition(
            job_id=job.id,
            owner=engine.owner,
            expected_version=job.version if expected_version is None else expected_version,
            at=now,
            state=wanted,
            status=JobStatus.RUNNING,
            ready=True,
            state_history=history,
            history=(entry,),
            resumes=True,
        )
        [accepted] = await engine.store.commit([transition])
        if not accepted:
            raise NotResumable(f"Job {job_id!r} was changed meanwhile.", remedy="Look at it again.")
        engine.job_ready()

    async def waiting_for_definition(self) -> list[JobCount]:
        """How many open jobs have a definition that is not registered here, by where they stand."""
        known = self._engine.definitions
        counts = await self._engine.store.counts()
        return [count for count in counts if count.status not in TERMINAL and count.definition not in known]

    async def explain_waiting(self) -> None:
        """Say of each unknown definition, once, that jobs wait for it; look again now and then."""
        while True:
            try:
                await self._explain()
            except Exception as error:  # noqa: BLE001 - it is logged
                setback(error, "jobs without a definition could not be looked for; trying again in %g s", REVIEW)
            await asyncio.sleep(REVIEW)

    async def _explain(self) -> None:
        for count in await self.waiting_for_definition():
            if count.definition not in self._explained:
                self._explained.add(count.definition)
                log.warning(
                    "%d jobs of blueprint %r in state %r wait: their definition %s is not registered here",
                    count.number,
                    count.blueprint,
                    count.state,
                    count.definition,
                )
