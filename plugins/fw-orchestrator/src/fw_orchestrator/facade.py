"""`Orchestrator`: what users see as ``app.orchestrator``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from framework import App, Facade, FrameworkError

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint
    from fw_orchestrator.model import Job
    from fw_orchestrator.store import JobStore

BLUEPRINT = "blueprint"


class Jobs(Protocol):
    """What a running engine offers to the code of its application."""

    @property
    def store(self) -> JobStore:
        """Where the jobs are."""

    async def create_job(self, blueprint: str, initial_data: dict[str, Any]) -> str:
        """Create a job durably; its id."""


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

        blueprint.check()
        for other in self.declared(BLUEPRINT):
            if other.item.name == blueprint.name:
                raise BlueprintError(
                    f"A blueprint named {blueprint.name!r} is registered already, at {other.place}.",
                    remedy="Give one of the two another name.",
                )
        self.declare(BLUEPRINT, blueprint)

    async def create_job(self, blueprint: str, initial_data: dict[str, Any] | None = None) -> str:
        """Create a job; its id. Raises :class:`UnknownBlueprint` or :class:`InvalidJobData`, creating none."""
        return await self._running.create_job(blueprint, initial_data or {})

    async def job(self, job_id: str) -> Job | None:
        """A job as it stands now."""
        return await self._running.store.job(job_id)
