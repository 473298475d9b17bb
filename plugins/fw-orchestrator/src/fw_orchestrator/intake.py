"""`Intake`: new jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fw_orchestrator.errors import IdempotencyConflict, InvalidJobData, UnknownBlueprint
from fw_orchestrator.model import NO_OPTIONS, HistoryEntry, Job, JobOptions
from fw_orchestrator.plain import NotPlain, plain

if TYPE_CHECKING:
    from fw_orchestrator.engine import Engine


class Intake:
    """Creates jobs in the store of an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(
        self,
        blueprint: str,
        initial_data: dict[str, Any],
        options: JobOptions = NO_OPTIONS,
        *,
        key: str | None = None,
    ) -> str:
        """Create a job durably; its id, or that of the job created earlier with the same ``key``.

        Raises :class:`UnknownBlueprint`, :class:`InvalidJobData`, or :class:`IdempotencyConflict` if that job has other
        data; then none is created.
        """
        engine = self._engine
        found = engine.blueprint(blueprint)
        if found is None:
            raise UnknownBlueprint(
                f"No blueprint is named {blueprint!r}.",
                remedy=f"Registered: {', '.join(sorted(engine.blueprints)) or 'none'}.",
            )
        try:
            data = plain(initial_data)
        except NotPlain as error:
            raise InvalidJobData(f"initial_data cannot be stored as JSON: {error}.") from error
        now = engine.surroundings.clock()
        job = Job(
            id=engine.surroundings.new_id(),
            blueprint=found.name,
            definition=found.definition,
            state=found.start,
            created_at=now,
            updated_at=now,
            initial_data=data,
            options=options,
            key=None if key is None else f"{found.name}/{key}",
        )
        detail = {"blueprint": job.blueprint}
        entry = HistoryEntry(job_id=job.id, at=now, event="job_created", state=job.state, detail=detail)
        job_id = await self._created(job, entry)
        if job_id == job.id:
            engine.counted["jobs_created"] += 1
        else:
            await self._check_same(job_id, job)
        return job_id

    async def _created(self, job: Job, entry: HistoryEntry) -> str:
        """Add a job and, if this engine can, go on with it at once; the id of it or of an earlier one."""
        engine = self._engine
        claim = engine.claim_for(job)
        if claim is None:
            [job_id] = await engine.store.create([job], [entry])
            engine.job_ready()
            return job_id
        try:
            [job_id] = await engine.store.create([job], [entry], claim=claim)
        except BaseException:
            engine.let_go(job, unsure=True)
            raise
        if job_id == job.id:
            engine.take_up(job)
        else:
            engine.let_go(job, unsure=False)
        return job_id

    async def _check_same(self, job_id: str, job: Job) -> None:
        earlier = await self._engine.store.job(job_id)
        if earlier is not None and (earlier.initial_data, earlier.options) != (job.initial_data, job.options):
            raise IdempotencyConflict(
                f"The key was used before, for job {job_id!r} with other data.",
                remedy="Use a key of its own for every job; repeat a request with the same data only.",
            )
