"""Reads the text of a failed validation: which member, what is wrong, what would be right."""

import re
from dataclasses import dataclass
from typing import Any

import msgspec

_PLACE = re.compile(r" - at `(?P<path>[^`]*)`$")
_REQUIRED = re.compile(r"^Object missing required field `(?P<name>[^`]*)`")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>[^`]*)`")
_EXPECTED = re.compile(r"^Expected `(?P<expected>.+?)`, got `")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+)\]")


@dataclass(frozen=True)
class Complaint:
    """One fault found by validation. `path` starts with `$`; `kind` is `missing`, `unknown` or `wrong`."""

    path: str
    problem: str
    remedy: str
    kind: str

    @property
    def member(self) -> str:
        """The top-level member the fault lies in, or an empty string for the object itself."""
        first = _STEP.match(self.path, 1)
        return (first["name"] or "") if first else ""


def complaint_of(error: msgspec.ValidationError, document: Any) -> Complaint:
    """Explain `error`, raised while `document` (plain JSON values) was validated."""
    text = str(error)
    place = _PLACE.search(text)
    path = place["path"] if place else "$"
    problem = _PLACE.sub("", text)
    if found := _REQUIRED.match(problem):
        name = found["name"]
        return Complaint(f"{path}.{name}", "the member is missing", f"send {name!r}, it is required", "missing")
    if found := _UNKNOWN.match(problem):
        name = found["name"]
        return Complaint(f"{path}.{name}", "the member is not known here", f"leave {name!r} out", "unknown")
    expected = _EXPECTED.match(problem)
    remedy = f"send {expected['expected'].replace('int', 'an integer', 1)}" if expected else "send a value that fits"
    return Complaint(path, problem + _shown(document, path), remedy, "wrong")


def _shown(document: Any, path: str) -> str:
    """The offending value as ` (value 1.5)`, empty where the path cannot be followed or the value is large."""
    value = document
    position = 1
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            return ""
        try:
            value = value[step["name"]] if step["name"] is not None else value[int(step["index"])]
        except (KeyError, IndexError, TypeError):
            return ""
        position = step.end()
    if isinstance(value, dict | list):
        return ""
    text = repr(value)
    return f" (value {text if len(text) <= 60 else text[:60] + '...'})"
