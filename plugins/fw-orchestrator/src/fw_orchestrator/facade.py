"""`Orchestrator`: what users see as ``app.orchestrator``."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from framework import App, Facade, FrameworkError

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint
    from fw_orchestrator.intake import Intake
    from fw_orchestrator.model import Job
    from fw_orchestrator.operations import Operations
    from fw_orchestrator.store import JobStore

BLUEPRINT = "blueprint"

log = logging.getLogger("fw_orchestrator")


class Jobs(Protocol):
    """What a running engine offers to the code of its application."""

    @property
    def store(self) -> JobStore:
        """Where the jobs are."""

    @property
    def intake(self) -> Intake:
        """Creates jobs."""

    @property
    def operations(self) -> Operations:
        """What people do with jobs."""


class Orchestrator(Facade):
    """Registers blueprints, and creates and looks up jobs while the application runs."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self._jobs: Jobs | None = None

    def serve(self, jobs: Jobs | None) -> None:
        """Called by the engine: it runs, or (None) it does not any more."""
        self._jobs = jobs

    @property
    def _running(self) -> Jobs:
        if self._jobs is None:
            raise FrameworkError(
                "The orchestrator's engine is not running.",
                remedy="Register a blueprint, have the plugin on, and start the App first.",
            )
        return self._jobs

    def register_blueprint(self, blueprint: StateMachineBlueprint) -> None:
        """Make the engine run jobs of this kind.

        Raises :class:`BlueprintError` if it is incomplete or its name taken.
        """
        from fw_orchestrator.errors import BlueprintError

        doubts = blueprint.check()
        for other in self.declared(BLUEPRINT):
            if other.item.name == blueprint.name:
                raise BlueprintError(
                    f"A blueprint named {blueprint.name!r} is registered already, at {other.place}.",
                    remedy="Give one of the two another name.",
                )
        for doubt in doubts:
            log.warning("blueprint %r: %s", blueprint.name, doubt)
        self.declare(BLUEPRINT, blueprint)

    async def create_job(
        self, blueprint: str, initial_data: dict[str, Any] | None = None, *, key: str | None = None
    ) -> str:
        """Create a job; its id, or that of the job created earlier with the same ``key``.

        Raises :class:`UnknownBlueprint`, :class:`InvalidJobData` or :class:`IdempotencyConflict`, creating none.
        """
        return await self._running.intake.create(blueprint, initial_data or {}, key=key)

    async def cancel_job(self, job_id: str, reason: str = "asked for") -> bool:
        """End a job, its tasks and its sub-jobs as ``cancelled``. False if there is none or it has ended."""
        return await self._running.operations.cancel(job_id, reason)

    async def job(self, job_id: str) -> Job | None:
        """A job as it stands now."""
        return await self._running.store.job(job_id)
