"""`Progress`: how far a worker says it is with a task. Kept in memory only: it is news, not state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """``percent`` is 0 to 100."""

    task_id: str
    percent: int
    message: str

    @classmethod
    def reported(cls, task_id: str, payload: Mapping[str, Any]) -> Progress:
        """From a ``progress`` event. A number up to 1 is a fraction, one above it a percentage."""
        number, message = payload.get("progress", 0), payload.get("message", "")
        if not isinstance(number, int | float) or isinstance(number, bool):
            number = 0
        percent = number * 100 if number <= 1 else number
        return cls(task_id, round(min(max(percent, 0), 100)), message if isinstance(message, str) else "")
