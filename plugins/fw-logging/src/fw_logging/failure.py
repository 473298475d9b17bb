"""Exceptions as data: type, message, stack, causes, groups. Never the values of local variables."""

from __future__ import annotations

from linecache import getline
from types import TracebackType
from typing import Any

from fw_logging.words import cut, worded

MOST_FRAMES = 50
MOST_CHAIN = 10
MOST_GROUP = 20
MOST_TEXT = 8000


class Failure(dict[str, Any]):
    """An exception as data; a class of its own so that a field which only looks like it is not taken for one."""


def failure(error: BaseException) -> Failure:
    """``{"type", "message", "stack": [{"file", "line", "function", "code"}]}``, the oldest frame first.

    Where there are any, also ``notes``, ``cause`` (or ``context``, what was being handled), ``exceptions`` of a group.
    """
    return _failure(error, set(), 0)


def _failure(error: BaseException, seen: set[int], depth: int) -> Failure:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    found = Failure(type=f"{module}{kind.__qualname__}", message=worded(error, MOST_TEXT))
    if id(error) in seen or depth >= MOST_CHAIN:
        return found
    seen.add(id(error))
    found["stack"] = stack(error.__traceback__)
    notes = getattr(error, "__notes__", None)
    if isinstance(notes, list) and notes:
        found["notes"] = [worded(note, MOST_TEXT) for note in notes[:MOST_GROUP]]
    if isinstance(error, BaseExceptionGroup):
        found["exceptions"] = [_failure(one, seen, depth + 1) for one in error.exceptions[:MOST_GROUP]]
        if len(error.exceptions) > MOST_GROUP:
            found["more"] = len(error.exceptions) - MOST_GROUP
    if error.__cause__ is not None:
        found["cause"] = _failure(error.__cause__, seen, depth + 1)
    elif error.__context__ is not None and not error.__suppress_context__:
        found["context"] = _failure(error.__context__, seen, depth + 1)
    return found


def stack(traceback: TracebackType | None) -> list[dict[str, Any]]:
    """The frames, the innermost fifty of them."""
    frames = []
    while traceback is not None:
        frames.append((traceback.tb_frame.f_code, traceback.tb_lineno))
        traceback = traceback.tb_next
    return [
        {
            "file": code.co_filename,
            "line": line,
            "function": code.co_qualname,
            "code": cut(getline(code.co_filename, line).strip(), 200),
        }
        for code, line in frames[-MOST_FRAMES:]
    ]
