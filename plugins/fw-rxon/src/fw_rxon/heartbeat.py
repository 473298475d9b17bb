"""W2, worker to orchestrator: I live, and this is what I am doing."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record
from fw_rxon.skill import Skill
from fw_rxon.usage import Usage


class Heartbeat(Record, frozen=True, kw_only=True):
    """A sign of life; absent members say nothing new.

    `supported_skills` is None when the catalogue has not changed and empty in a farewell.
    `current_tasks` are the ids of the tasks this worker is answerable for: running, or done and not yet handed in.
    """

    worker_id: str | None = None
    status: str | None = None
    usage: Usage | None = None
    current_tasks: tuple[str, ...] = ()
    supported_skills: tuple[Skill, ...] | None = None
    available_skills: tuple[str, ...] = ()
    hot_skills: tuple[str, ...] = ()
    skills_hash: str | None = None
    timestamp: int | None = None
    security: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
