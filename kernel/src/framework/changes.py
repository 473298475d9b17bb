"""`Change`: a setting that another reading of the configuration found different."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, dataclass, fields
from typing import TYPE_CHECKING, Any

from framework.secrecy import is_secret, masked

if TYPE_CHECKING:
    from framework.config import Config


@dataclass(frozen=True)
class Change:
    """A setting that changed: values and sources before and after, secrets masked.

    ``needs_restart``: its schema does not say that it may change while the application runs, so the old value stays.
    """

    section: str
    key: str
    old: Any
    new: Any
    old_source: str
    new_source: str
    needs_restart: bool

    def __str__(self) -> str:
        words = f"[{self.section}] {self.key}: {self.old!r} ({self.old_source}) → {self.new!r} ({self.new_source})"
        return f"{words}; needs a restart" if self.needs_restart else words


def is_live(definition: Field[Any]) -> bool:
    """Whether a setting may change while the application runs: ``field(metadata={"reload": True})``."""
    return bool(definition.metadata.get("reload", False))


def changes(section: str, schema: type[Any], before: Config, after: Config) -> Iterator[Change]:
    """What differs between the settings of a section in two configurations."""
    old, new = before.get(schema), after.get(schema)
    for definition in fields(schema):
        name = definition.name
        values = getattr(old, name), getattr(new, name)
        if values[0] == values[1]:
            continue
        found = before.value(section, name), after.value(section, name)
        secret = is_secret(definition) or any(value is not None and value.is_secret for value in found)
        shown = ("***", "***") if secret else [masked(value) for value in values]
        sources = before.source(section, name), after.source(section, name)
        yield Change(section, name, shown[0], shown[1], *sources, not is_live(definition))
