"""What is declared of skills and commands, and the mark that a function of a plain module carries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

Fn = TypeVar("Fn", bound=Callable[..., Any])

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MARK = "__fw_skills__"


@dataclass(frozen=True)
class SkillItem:
    """One declared skill, as its author wrote it."""

    name: str
    function: Callable[..., Any]
    type: str | None = None
    description: str | None = None
    version: str | None = None
    concurrency: int | None = None
    timeout: float | None = None
    uses: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    events: Mapping[str, Any] | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class CommandItem:
    """One declared command: what an orchestrator may order besides tasks."""

    name: str
    function: Callable[..., Any]


def skill(
    name: str,
    *,
    description: str | None = None,
    type: str | None = None,
    version: str | None = None,
    concurrency: int | None = None,
    timeout: float | None = None,
    uses: Mapping[str, float] = _NOTHING,
    events: Mapping[str, Any] | None = None,
    statuses: tuple[str, ...] = (),
) -> Callable[[Fn], Fn]:
    """Mark a function of a module that `[worker] skills` names, or of which no App is known; as `@app.worker.skill`.

    The mark alone does nothing: the worker that is told the module's name offers what is marked in it.
    """

    def mark(function: Fn) -> Fn:
        item = SkillItem(
            name, function, type, description, version, concurrency, timeout, uses, events, tuple(statuses)
        )
        setattr(function, _MARK, (*marks_of(function), item))
        return function

    return mark


def marks_of(function: Any) -> tuple[SkillItem, ...]:
    """The skills that a function is marked as."""
    return tuple(getattr(function, _MARK, ()))
