"""What goes wrong in trees and blackboards, as classes with data."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class BehaviorError(Exception):
    """Base class of everything that this package raises."""


def nearest(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?``, or nothing."""
    close = get_close_matches(name, list(known), 1)
    return f" Did you mean {close[0]!r}?" if close else ""


class MissingKey(BehaviorError, KeyError):
    """A key was read that nobody has written."""

    def __init__(self, key: str, known: Iterable[str]) -> None:
        self.key = key
        self.text = f"The blackboard has no {key!r}.{nearest(key, known)} Write it first, or use get(key, default)."
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


class AccessDenied(BehaviorError):
    """A view of a blackboard was used for what it does not permit."""

    def __init__(self, key: str, right: str, owner: str = "") -> None:
        self.key = key
        self.right = right
        held = f" It belongs to {owner!r}." if owner else ""
        super().__init__(
            f"This view may not {right} {key!r}.{held} Name the key in `{right}=` of its Restricted view; a port that "
            "was given a constant cannot be written."
        )


class WrongType(BehaviorError, TypeError):
    """A value does not suit the declared type of a key or port."""

    def __init__(self, key: str, value: object, wanted: type) -> None:
        self.key = key
        self.value = value
        self.wanted = wanted
        super().__init__(f"{key!r} takes {wanted.__name__}, not {value!r} ({type(value).__name__}).")


class BadTree(BehaviorError, ValueError):
    """A definition that cannot be a tree: wrong number of children, unknown kind, argument or leaf."""

    def __init__(self, path: str, problem: str, remedy: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path}: {problem} {remedy}")


class BadText(BehaviorError, ValueError):
    """Text in one of the formats that cannot be read; ``line`` counts from 1, 0 where the format knows none."""

    def __init__(self, problem: str, line: int, remedy: str) -> None:
        self.problem = problem
        self.line = line
        place = f"Line {line}: " if line else ""
        super().__init__(f"{place}{problem} {remedy}")


class BadScript(BehaviorError, ValueError):
    """A script that cannot be read."""

    def __init__(self, text: str, column: int, problem: str) -> None:
        self.text = text
        self.column = column
        super().__init__(f"{text!r}, column {column + 1}: {problem}")


class Unsupported(BehaviorError):
    """An engine, a mode or a format cannot do what a node needs."""

    def __init__(self, path: str, kind: str, by: str, remedy: str) -> None:
        self.path = path
        self.kind = kind
        self.by = by
        super().__init__(f"{path}: {by} has no {kind}. {remedy}")


class NodeFailed(BehaviorError):
    """A node raised. The tree was halted; the cause is attached."""

    def __init__(self, path: str, kind: str, cause: BaseException) -> None:
        self.path = path
        self.kind = kind
        self.cause = cause
        super().__init__(f"{path} ({kind}) raised {type(cause).__name__}: {cause}")


class NotAStatus(BehaviorError, TypeError):
    """A leaf gave something that is no status."""

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(f"A leaf gave {value!r}; it gives SUCCESS, FAILURE, RUNNING, SKIPPED, True, False or None.")
