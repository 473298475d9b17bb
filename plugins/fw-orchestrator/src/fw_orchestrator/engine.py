"""`Engine`: claims ready jobs, steps them, commits, and tells those who wait."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from msgspec.structs import replace

from framework import App, Component
from fw_orchestrator.beginnings import begin
from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.claims import Claims
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.dispatching import Rules
from fw_orchestrator.facade import BLUEPRINT, Orchestrator
from fw_orchestrator.following import after
from fw_orchestrator.handing import committed
from fw_orchestrator.intake import Intake
from fw_orchestrator.model import AwaitedTask, Claim, Job, JobStatus, Task, TaskKind, TaskStatus, Transition
from fw_orchestrator.operations import Operations
from fw_orchestrator.progress import Progress
from fw_orchestrator.returns import Returns
from fw_orchestrator.setbacks import setback
from fw_orchestrator.states import bound_handlers
from fw_orchestrator.stepping import Step
from fw_orchestrator.store import JobStore, is_prompt
from fw_orchestrator.surroundings import Surroundings
from fw_orchestrator.sweeper import Sweeper
from fw_orchestrator.underway import Underway
from fw_orchestrator.worker_links import WorkerLinks

log = logging.getLogger("fw_orchestrator")

SAFETY_NET = 1.0
"""Seconds after which an idle engine looks for work that nobody told it of."""

_COUNTED = {status: f"jobs_{status.value}" for status in JobStatus}


class Engine(Component):
    """One of any number of engines on a store. Idle, its store unopened, as long as no blueprint is registered.

    ``is_leaving`` says that workers should ask elsewhere.
    """

    def __init__(
        self,
        app: App,
        facade: Orchestrator,
        store: JobStore,
        settings: OrchestratorSettings,
        surroundings: Surroundings,
    ) -> None:
        self.store = store
        self.settings = settings
        self.surroundings = surroundings
        self.owner = f"{socket.gethostname()}-{os.getpid()}-{surroundings.new_id()[:8]}"
        self.returns = Returns(store, self._spawn)
        self.pollers = self.returns.pollers
        self.underway = Underway(settings.max_concurrent_jobs)
        self.is_leaving = False
        self.progress: dict[str, Progress] = {}
        self.links = WorkerLinks()
        self.counted: Counter[str] = Counter()
        self.intake = Intake(self)
        self.operations = Operations(self)
        self._app = app
        self._facade = facade
        self._blueprints: dict[str, StateMachineBlueprint] = {}
        self._definitions: frozenset[str] = frozenset()
        self._is_prompt = is_prompt(store)
        self._group: asyncio.TaskGroup | None = None
        self._wake = asyncio.Event()
        self._stopping = False
        self._work: asyncio.Task[None] | None = None
        self._claims = Claims(store, settings, surroundings, owner=self.owner, wake=self.job_ready, spawn=self._spawn)
        self.sweeper = Sweeper(
            store,
            settings,
            surroundings,
            self.pollers,
            owner=self.owner,
            active=self._claims.in_hand,
            job_ready=self.job_ready,
        )
        self._rules = Rules(settings, surroundings)

    @property
    def blueprints(self) -> dict[str, StateMachineBlueprint]:
        """The registered blueprints by name."""
        return {declaration.item.name: declaration.item for declaration in self._facade.declared(BLUEPRINT)}

    def blueprint(self, name: str) -> StateMachineBlueprint | None:
        """The blueprint of that name whose jobs are run."""
        return self._blueprints.get(name)

    @property
    def definitions(self) -> frozenset[str]:
        """The definitions whose jobs this engine can step."""
        return self._definitions

    @property
    def active(self) -> int:
        """How many jobs' handlers run now."""
        return len(self._claims.in_hand)

    async def start(self) -> None:
        """Open the store and begin to work."""
        self._blueprints = self.blueprints
        self._definitions = frozenset(blueprint.definition for blueprint in self._blueprints.values())
        if not self._blueprints:
            return
        bound = bound_handlers(self._app, self._blueprints.values())
        self._rules = Rules(
            self.settings,
            self.surroundings,
            self._blueprints.get,
            partial(self._facade.app.scope, "job step"),
            bound.get,
            self._is_prompt,
        )
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
            await asyncio.shield(work)
        finally:
            if self._claims.in_hand and not work.done():
                jobs = ", ".join(self._claims.in_hand)
                log.error("handlers that have not ended are cut off; when the leases end they run again: job %s", jobs)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self.store.close()

    def job_ready(self) -> None:
        """Tell the engine that a job may be ready."""
        self._wake.set()

    def claim_for(self, job: Job) -> Claim | None:
        """The claim with which a job is created or made ready; None if others, which have waited, come first.

        After it comes :meth:`take_up` or :meth:`let_go`.
        """
        return None if self._stopping or self._group is None else self._claims.beforehand(job)

    def take_up(self, job: Job, tasks: list[Task] | None = None) -> None:
        """Go on with a job that has been claimed; ``tasks`` are the last attempts of its step, if they are known."""
        if self._group is None or self._stopping:
            self.let_go(job, unsure=True)
        else:
            begin(self._advance(job, tasks), self._group, f"job {job.id}", at_once=self._is_prompt)

    def let_go(self, job: Job, *, unsure: bool) -> None:
        """Do not: it is not claimed, or, if that is ``unsure``, may be; then its claim is given back."""
        self._claims.let_go(job.id, unsure=unsure)

    def _spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Do it aside; not at all while the engine does not work."""
        if self._group is None:
            work.close()
        else:
            self._group.create_task(work, name=name)

    def leave(self) -> None:
        """Hand out no more tasks, and send those who wait for one away."""
        self.is_leaving = True
        self.pollers.ring_all()

    def revoke(self, tasks: list[Task]) -> None:
        """Tell the workers that can be reached at once that these tasks are not wanted any more."""
        for task in tasks:
            self.links.cancel(task)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            self._group = group
            aside = [
                group.create_task(self.sweeper.run(), name="fw orchestrator sweep"),
                group.create_task(self.operations.explain_waiting(), name="fw orchestrator review"),
                group.create_task(self._listen(), name="fw orchestrator news"),
            ]
            while not self._stopping:
                self._wake.clear()
                claimed = await self._claim()
                for job in claimed:
                    group.create_task(self._advance(job), name=f"job {job.id}")
                if not claimed:
                    await self._wait_for_work()
            for task in aside:
                task.cancel()
        self._group = None

    async def _listen(self) -> None:
        """Hear of what other processes write to the store."""
        while True:
            try:
                await self.store.news()
            except Exception as error:  # noqa: BLE001 - it is logged
                setback(error, "other engines cannot be heard; trying again in %g s", SAFETY_NET)
                await asyncio.sleep(SAFETY_NET)
            self._wake.set()
            self.pollers.spread_news()

    async def _claim(self) -> list[Job]:
        try:
            return await self._claims.ready(self._definitions)
        except Exception as error:  # noqa: BLE001 - it is logged
            setback(error, "jobs could not be claimed; trying again in %g s", SAFETY_NET)
            return []

    async def _wait_for_work(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SAFETY_NET):
                await self._wake.wait()

    async def _advance(self, job: Job, tasks: list[Task] | None = None) -> None:
        """Step a job as long as it goes on by itself."""
        going_on: Job | None = job
        try:
            while going_on is not None:
                going_on, tasks = await self._step(self._blueprints[job.blueprint], going_on, tasks), None
        except Exception as error:  # noqa: BLE001 - it is logged
            setback(error, "job %s could not be stepped; it is tried again when its lease ends", job.id)
        finally:
            self._claims.let_go(job.id)

    async def _step(self, blueprint: StateMachineBlueprint, job: Job, tasks: list[Task] | None) -> Job | None:
        if tasks is None:
            tasks = await self.store.tasks(job.id, step=job.version) if job.awaited else []
        step = Step(
            blueprint,
            job,
            tasks,
            owner=self.owner,
            now=self.surroundings.clock(),
            rules=self._rules,
        )
        transition = await step.run()
        if transition.ready and not self._stopping:
            transition = replace(transition, keep_claim=True)
        accepted, transition = await committed(
            self.store, self.pollers, transition, now=self.surroundings.clock(), lease=self.settings.task_lease
        )
        if self.progress:
            self.progress.pop(job.id, None)
        if not accepted:
            log.warning("job %s was taken over or cancelled meanwhile; this step changed nothing", job.id)
            return None
        self._tell(job, tasks, transition)
        if transition.keep_claim:
            return after(job, transition)
        if len(transition.tasks) == 1 and isinstance(transition.awaited, AwaitedTask):
            self.underway.add(after(job, transition), transition.tasks[0])
        return None

    def _tell(self, job: Job, former: list[Task], transition: Transition) -> None:
        self.counted["transitions"] += 1
        self.counted[_COUNTED[transition.status]] += 1
        if transition.tasks:
            for task in transition.tasks:
                self.sweeper.expect(task.dispatch_deadline or task.result_deadline)
        if former:
            self.revoke([task for task in former if task.status is TaskStatus.RUNNING and task.kind is TaskKind.WORKER])
        if transition.jobs or job.parent_id:
            self.job_ready()
