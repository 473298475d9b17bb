"""What goes wrong in worlds, as classes with data."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class EnvironmentFault(Exception):
    """Base class of everything that this package raises."""


def nearest(name: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?``, or nothing."""
    close = get_close_matches(name, list(known), 1)
    return f" Did you mean {close[0]!r}?" if close else ""


class BadDeclaration(EnvironmentFault, TypeError):
    """A class declares its state in a way that cannot be kept."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place = place
        super().__init__(f"{place}: {problem} {remedy}")


class UnknownField(EnvironmentFault, AttributeError):
    """A value was given for a field that the class does not declare."""

    def __init__(self, kind: str, field: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.field = field
        known = list(known)
        hint = nearest(field, known) or f" It has {', '.join(known)}."
        super().__init__(f"{kind} declares no field {field!r}.{hint} Declare it in the class body, with a type.")


class NotPlain(EnvironmentFault, TypeError):
    """A value that is part of the state is not plain data, so it cannot be saved, compared and sent."""

    def __init__(self, place: str, value: object) -> None:
        self.place = place
        self.value = value
        super().__init__(
            f"{place} holds {value!r} ({type(value).__name__}). State is None, bool, int, float, str, bytes, "
            "and tuples of them: convert it, refer to an entity by its id, or keep it in an attribute whose name "
            "begins with an underscore."
        )


class UnknownName(EnvironmentFault, LookupError):
    """Something was asked for by a name that nothing has."""

    def __init__(self, what: str, name: object, known: Iterable[str], remedy: str) -> None:
        self.what = what
        self.name = name
        super().__init__(f"There is no {what} {name!r}.{nearest(str(name), known)} {remedy}")


class OutOfSpace(EnvironmentFault, ValueError):
    """A value does not lie in the space that was declared for it."""

    def __init__(self, place: str, value: object, space: object) -> None:
        self.place = place
        self.value = value
        self.space = space
        super().__init__(f"{place} takes {space}, not {value!r}.")


class NoAction(EnvironmentFault, TypeError):
    """A controller decided something that no pawn can do."""

    def __init__(self, place: str, value: object) -> None:
        self.place = place
        self.value = value
        super().__init__(f"{place} decided {value!r}. A decision is an Action, several of them, or None.")


class NotNow(EnvironmentFault, RuntimeError):
    """Something was asked for at a moment when it cannot be done."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what} {remedy}")


class StepFailed(EnvironmentFault):
    """Code of the world raised in a step; the cause is attached. The world stands in the middle of that step."""

    def __init__(self, tick: int, phase: str, place: str, cause: BaseException) -> None:
        self.tick = tick
        self.phase = phase
        self.place = place
        self.cause = cause
        super().__init__(
            f"Step {tick}, phase {phase}: {place} raised {type(cause).__name__}: {str(cause).rstrip('.')}. "
            "Restore a snapshot before the next step."
        )


class NotDeterministic(EnvironmentFault):
    """A deterministic world was given something whose outcome depends on real time."""

    def __init__(self, place: str, what: str, remedy: str) -> None:
        self.place = place
        super().__init__(f"{place}: {what} does not give the same in every run. {remedy}")


class CannotRestore(EnvironmentFault):
    """A state does not fit the world it is put into."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place = place
        super().__init__(f"{place}: {problem} {remedy}")


class BadFile(EnvironmentFault, ValueError):
    """A file or its bytes cannot be read as what they should be."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place = place
        self.problem = problem
        super().__init__(f"{place}: {problem} {remedy}")
