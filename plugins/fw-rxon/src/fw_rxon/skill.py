"""What a worker can do."""

from typing import Any

from msgspec import field

from fw_rxon.record import Record


class Skill(Record, frozen=True, kw_only=True):
    """One entry of a worker's catalogue. Schemas are JSON Schema objects unless `schema_dialect` says otherwise."""

    name: str
    type: str | None = None
    description: str | None = None
    version: str | None = None
    input_schema: dict[str, Any] | None = None
    output_schema: dict[str, Any] | None = None
    events_schema: dict[str, dict[str, Any]] | None = None
    output_statuses: tuple[str, ...] = ()
    schema_dialect: str = "json-schema"
    properties: dict[str, Any] = field(default_factory=dict)
