"""What is published when the configuration has been read again."""

from __future__ import annotations

from dataclasses import dataclass

from framework import Event
from framework.changes import Change


@dataclass(frozen=True, slots=True)
class ConfigChanged(Event):
    """The configuration was read again and is different; secrets are masked.

    ``changes`` are in force: `Config.get` gives the new settings. ``pending`` take effect when the application is put
    together anew, since their schema does not say that they may change while it runs.
    """

    changes: tuple[Change, ...]
    pending: tuple[Change, ...]

    def touches(self, section: str, *keys: str) -> bool:
        """Whether a setting of a section has changed; one of these keys, if any are named."""
        return any(change.section == section and (not keys or change.key in keys) for change in self.changes)
