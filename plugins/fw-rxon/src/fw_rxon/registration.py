"""W1, worker to orchestrator: here I am, and this is what I can do."""

from typing import Any

from msgspec import field

from fw_rxon.artifact import Artifact
from fw_rxon.capabilities import Capabilities
from fw_rxon.record import Record
from fw_rxon.resources import Resources
from fw_rxon.skill import Skill


class Registration(Record, frozen=True, kw_only=True):
    """The whole record of a worker; registering again replaces the former one. `timestamp`: Unix seconds."""

    worker_id: str
    worker_type: str = "generic"
    supported_skills: tuple[Skill, ...] = ()
    available_skills: tuple[str, ...] = ()
    hot_skills: tuple[str, ...] = ()
    resources: Resources = field(default_factory=Resources)
    installed_software: dict[str, str] = field(default_factory=dict)
    installed_artifacts: tuple[Artifact, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    skills_hash: str | None = None
    timestamp: int | None = None
    security: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
