"""Why a task failed, in the result."""

from typing import Any

from fw_rxon.record import Record


class TaskError(Record, frozen=True, kw_only=True):
    """`code` is one of `ErrorCode`, or a word of the skill's own (treated as transient)."""

    code: str
    message: str = ""
    details: dict[str, Any] | None = None
