"""What became of a task, before it is put into a result."""

import dataclasses
import math
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import msgspec

from fw_rxon import ErrorCode, TaskError, TaskStatus
from fw_worker.answer import Answer
from fw_worker.errors import TaskFailed


class StopReason(Enum):
    """Who wanted a task to stop before its end."""

    ORCHESTRATOR = "the orchestrator cancelled the task"
    DRAIN = "the worker had to stop before the task ended"
    TIMEOUT = "the task took longer than its skill allows"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Status, data and error of a result. `data` is plain JSON."""

    status: str = TaskStatus.SUCCESS
    data: dict[str, Any] = dataclasses.field(default_factory=dict)
    error: TaskError | None = None


def returned(value: Any) -> Outcome:
    """Outcome of a skill that returned `value`; a contract violation if it is not a JSON object."""
    if value is None:
        return Outcome()
    if isinstance(value, Answer):
        return dataclasses.replace(found, status=value.status) if not (found := returned(value.data)).error else found
    if not (isinstance(value, Mapping | msgspec.Struct) or _is_dataclass(value)):
        return failed(
            ErrorCode.CONTRACT_VIOLATION_ERROR,
            f"the skill returned {_kind(value)}; it must return a mapping, a dataclass, a msgspec Struct or None",
        )
    try:
        data = plain(value, "data")
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        return failed(ErrorCode.CONTRACT_VIOLATION_ERROR, f"what the skill returned is not JSON: {error}")
    if not isinstance(data, dict):
        return failed(ErrorCode.CONTRACT_VIOLATION_ERROR, f"{_kind(value)} does not make a JSON object")
    return Outcome(data=data)


def plain(value: Any, place: str) -> Any:
    """The value as JSON has it. Raises `TypeError`, `ValueError`, `OverflowError`, `RecursionError`."""
    data = msgspec.to_builtins(value, str_keys=True, enc_hook=_plain)
    _check_numbers(data, place)
    # Whatever still cannot be text (lone surrogates) shows itself only when it is written.
    msgspec.json.encode(data)
    return data


def raised(error: BaseException) -> Outcome:
    """Outcome of a skill that raised: what it says with `TaskFailed`, otherwise a transient failure."""
    if isinstance(error, TaskFailed):
        return _told(error)
    return failed(ErrorCode.TRANSIENT_ERROR, f"{type(error).__name__}: {error}")


def stopped(reason: StopReason) -> Outcome:
    """Outcome of a task that was stopped: cancelled if that was wanted, otherwise to be tried again elsewhere."""
    if reason is StopReason.ORCHESTRATOR:
        return Outcome(status=TaskStatus.CANCELLED)
    code = ErrorCode.TIMEOUT_ERROR if reason is StopReason.TIMEOUT else ErrorCode.TRANSIENT_ERROR
    return failed(code, reason.value)


def failed(code: str, message: str, details: dict[str, Any] | None = None) -> Outcome:
    """A failure."""
    error = TaskError(code=_readable(code), message=_readable(message), details=details)
    return Outcome(TaskStatus.FAILURE, {}, error)


def _told(error: TaskFailed) -> Outcome:
    outcome = returned(dict(error.details) if error.details is not None else None)
    if outcome.error is not None:
        return failed(error.code, f"{error.message} (its details are left out: {outcome.error.message})")
    return failed(error.code, error.message, outcome.data or None)


def _readable(text: str) -> str:
    # Exceptions quote file names, which may hold bytes that are no text.
    return text.encode("utf-8", "backslashreplace").decode()


def _is_dataclass(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _kind(value: Any) -> str:
    return f"a value of type {type(value).__name__}"


def _plain(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{_kind(value)} has no JSON form")


def _check_numbers(value: Any, place: str) -> None:
    """JSON has no infinity and no NaN; the encoder would write `null` and say nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{place} is {value}, which JSON does not know")
    if isinstance(value, dict):
        for key, member in value.items():
            _check_numbers(member, f"{place}.{key}")
    elif isinstance(value, list):
        for index, element in enumerate(value):
            _check_numbers(element, f"{place}[{index}]")
