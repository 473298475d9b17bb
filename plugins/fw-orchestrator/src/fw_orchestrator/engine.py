"""`Engine`: claims ready jobs, steps them, commits, and looks after what was abandoned."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections import Counter
from functools import partial
from typing import Any
from uuid import uuid4

from framework import Component
from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.errors import InvalidJobData, UnknownBlueprint
from fw_orchestrator.facade import BLUEPRINT, Orchestrator
from fw_orchestrator.model import HistoryEntry, Job
from fw_orchestrator.plain import NotPlain, plain
from fw_orchestrator.pollers import Pollers
from fw_orchestrator.progress import Progress
from fw_orchestrator.stepping import Step
from fw_orchestrator.store import JobStore

log = logging.getLogger("fw_orchestrator")

SAFETY_NET = 1.0
"""Seconds after which an idle engine looks for work that nobody told it of."""


class Engine(Component):
    """One of any number of engines on a store. Idle, its store unopened, as long as no blueprint is registered.

    ``is_leaving`` says that workers should ask elsewhere.
    """

    def __init__(self, facade: Orchestrator, store: JobStore, settings: OrchestratorSettings) -> None:
        self.store = store
        self.settings = settings
        self.clock = time.time
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
        self.pollers = Pollers()
        self.is_leaving = False
        self.progress: dict[str, Progress] = {}
        self._facade = facade
        self._blueprints: dict[str, StateMachineBlueprint] = {}
        self._active: set[str] = set()
        self._explained: set[str] = set()
        self._wake = asyncio.Event()
        self._stopping = False
        self._work: asyncio.Task[None] | None = None

    @property
    def blueprints(self) -> dict[str, StateMachineBlueprint]:
        """The registered blueprints by name."""
        return {declaration.item.name: declaration.item for declaration in self._facade.declared(BLUEPRINT)}

    async def start(self) -> None:
        """Open the store and begin to work."""
        self._blueprints = self.blueprints
        if self._blueprints:
            await self.store.open()
            self._facade.serve(self)
            self._work = asyncio.create_task(self._run(), name="fw orchestrator engine")

    async def stop(self) -> None:
        """Claim nothing more, let steps in progress end with their commit, close the store."""
        if self._work is None:
            return
        self._facade.serve(None)
        self._stopping = True
        self._wake.set()
        work, self._work = self._work, None
        try:
            await work
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self.store.close()

    async def create_job(self, blueprint: str, initial_data: dict[str, Any]) -> str:
        """Create a job durably; its id. Raises :class:`UnknownBlueprint` or :class:`InvalidJobData`, creating none."""
        found = self._blueprints.get(blueprint)
        if found is None:
            raise UnknownBlueprint(
                f"No blueprint is named {blueprint!r}.",
                remedy=f"Registered: {', '.join(sorted(self._blueprints)) or 'none'}.",
            )
        try:
            data = plain(initial_data)
        except NotPlain as error:
            raise InvalidJobData(f"initial_data cannot be stored as JSON: {error}.") from error
        now = self.clock()
        job = Job(
            id=str(uuid4()),
            blueprint=found.name,
            definition=found.definition,
            state=found.start,
            created_at=now,
            updated_at=now,
            initial_data=data,
        )
        detail = {"blueprint": job.blueprint}
        entry = HistoryEntry(job_id=job.id, at=now, event="job_created", state=job.state, detail=detail)
        await self.store.create([job], [entry])
        self.job_ready()
        return job.id

    def job_ready(self) -> None:
        """Tell the engine that a job may be ready."""
        self._wake.set()

    def leave(self) -> None:
        """Hand out no more tasks, and send those who wait for one away."""
        self.is_leaving = True
        self.pollers.ring_all()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            sweeping = group.create_task(self._sweep(), name="fw orchestrator sweep")
            while not self._stopping:
                self._wake.clear()
                claimed = await self._claim()
                for job in claimed:
                    self._active.add(job.id)
                    group.create_task(self._advance(job), name=f"job {job.id}")
                if not claimed:
                    await self._wait_for_work()
            sweeping.cancel()

    async def _claim(self) -> list[Job]:
        free = self.settings.max_concurrent_jobs - len(self._active)
        if free < 1:
            return []
        try:
            jobs = await self.store.claim_jobs(self.owner, now=self.clock(), lease=self.settings.job_lease, limit=free)
        except Exception:
            log.exception("jobs could not be claimed; trying again in %g s", SAFETY_NET)
            return []
        return [job for job in jobs if job.id not in self._active]

    async def _wait_for_work(self) -> None:
        try:
            async with asyncio.timeout(SAFETY_NET):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _advance(self, job: Job) -> None:
        try:
            blueprint = self._blueprints.get(job.blueprint)
            if blueprint is None or blueprint.definition != job.definition:
                self._explain_waiting(job)
            else:
                await self._step(blueprint, job)
        except Exception:
            log.exception("job %s could not be stepped; it is tried again when its lease ends", job.id)
        finally:
            self._active.discard(job.id)
            self._wake.set()

    async def _step(self, blueprint: StateMachineBlueprint, job: Job) -> None:
        tasks = await self.store.tasks(job.id, step=job.version) if job.awaited else []
        last_attempts = {task.number: task for task in tasks}
        step = Step(
            blueprint,
            job,
            list(last_attempts.values()),
            owner=self.owner,
            now=self.clock(),
            open_scope=partial(self._facade.app.scope, "job step"),
        )
        transition = await step.run()
        [accepted] = await self.store.commit([transition])
        self.progress.pop(job.id, None)
        if not accepted:
            log.warning("job %s was taken over by another engine; this step changed nothing", job.id)
            return
        for skill, count in Counter(task.skill for task in transition.tasks).items():
            self.pollers.ring(skill, count)

    def _explain_waiting(self, job: Job) -> None:
        if job.id not in self._explained:
            self._explained.add(job.id)
            log.warning(
                "job %s waits: blueprint %r with definition %s is not registered here",
                job.id,
                job.blueprint,
                job.definition,
            )

    async def _sweep(self) -> None:
        """Keep own claims alive, and put tasks of silent workers back into their queues."""
        interval = min(self.settings.job_lease, self.settings.task_lease) / 3
        while True:
            try:
                now, lease = self.clock(), self.settings.job_lease
                await self.store.renew_jobs(self.owner, list(self._active), now=now, lease=lease)
                for task in await self.store.release_expired(now=now):
                    log.warning("task %s went back to its queue: its worker fell silent", task.id)
                    self.pollers.ring(task.skill)
            except Exception:
                log.exception("the sweep failed; trying again in %g s", interval)
            await asyncio.sleep(interval)
