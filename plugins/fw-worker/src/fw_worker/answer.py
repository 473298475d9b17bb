"""How a skill says that it ended in a way of its own."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """Returned by a skill that ended otherwise than with success: `status` selects the transition of the job.

    `status` is a word of its own that the skill has declared in `statuses`. `data` is what it would have returned.
    """

    status: str
    data: Any = None
