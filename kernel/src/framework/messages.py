"""Messages: commands, which have exactly one handler and a result, and events, which have any number and none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from framework.errors import FailureReport

R = TypeVar("R")


class Command(Generic[R]):
    """Base class of commands; ``R`` is the type of the result: ``class CreateItem(Command[Item])``."""

    __slots__ = ()


class Event:
    """Base class of events."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AppStarting(Event):
    """Everything is registered; units start when all handlers of this event are done."""


@dataclass(frozen=True, slots=True)
class AppReady(Event):
    """Every unit is up. Doors open on this event."""


@dataclass(frozen=True, slots=True)
class AppStopping(Event):
    """The application is about to stop. Doors close and drain on this event, before any unit stops.

    Unlike other events it reaches the plugins in reverse order: what requires a door winds up before the door closes.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class AppFailed(Event):
    """The application did not start; what had started was stopped."""

    error: BaseException


@dataclass(frozen=True, slots=True)
class AppRolledBack(Event):
    """A start was undone: whatever had come up is stopped. ``reports`` says what failed, the first cause first.

    Followed by :class:`AppFailed`.
    """

    reports: Sequence[FailureReport]


@dataclass(frozen=True, slots=True)
class PluginQuarantined(Event):
    """A plugin kept raising in a hot hook and is left out of it from now on; ``error`` is the last one."""

    plugin: str
    hook: str
    error: Exception
