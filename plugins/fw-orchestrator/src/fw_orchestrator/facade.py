"""`Orchestrator`: what users see as ``app.orchestrator``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from framework import Facade

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint
    from fw_orchestrator.model import Job

BLUEPRINT = "blueprint"


class Orchestrator(Facade):
    """Registers blueprints, and creates and looks up jobs while the application runs."""

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
        from fw_orchestrator.engine import Engine

        return await self.app.container.get(Engine).create_job(blueprint, initial_data or {})

    async def job(self, job_id: str) -> Job | None:
        """A job as it stands now."""
        from fw_orchestrator.engine import Engine

        return await self.app.container.get(Engine).store.job(job_id)
