"""One tick of a tree from outside: the time it is, the way back to a leaf that is running, and what a node raises."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol, cast

from fw_behavior import codegen
from fw_behavior.errors import BehaviorError, NodeFailed
from fw_behavior.machine import Machine
from fw_behavior.objects import Tick
from fw_behavior.status import RUNNING, Status


class TickAt(Protocol):
    """A tick at the time ``now``; None: the clock's."""

    def __call__(self, now: float | None = None) -> Status:
        """What the root gives."""


def ticking(full: Tick, machine: Machine) -> TickAt:
    """``full``; where the compiled engine knows the leaf that runs, only that leaf as long as it still does.

    A waiting tree is ticked often and does little, so that is the tick of which every step counts.
    """
    return _resuming(full, machine) if machine.resumes else _plain(full, machine)


def _plain(full: Tick, machine: Machine) -> TickAt:
    board = machine.board

    def tick(now: float | None = None) -> Status:
        board.moment = now
        try:
            return full()
        except Exception as error:
            raise _failed(machine, error, 0) from error

    return tick


def _resuming(full: Tick, machine: Machine) -> TickAt:
    # Each question and each free variable costs every tick. So `first` is the whole tree where no leaf is known, and
    # what is to be done where it is not running any more is elsewhere.
    board = machine.board
    whole = cast("Callable[[Any], Status]", full)  # it takes the blackboard, as it resumes
    first: Callable[[Any], Any] = whole
    from_root = True

    def begin(board: Any) -> Status:
        nonlocal first, from_root
        first, from_root = whole, True
        return whole(board)

    def begin_with(leaf: Callable[[Any], Any] | None) -> None:
        # A leaf may halt its own tree. That changes how the next tick begins, not how this one did.
        nonlocal first, from_root
        first, from_root = (begin, from_root) if leaf is None else (leaf, False)

    def ended(given: Any, raised: Exception | None) -> Status:
        """What the tree gives where that with which the tick began gave anything but RUNNING, or raised."""
        if from_root and raised is None:
            return cast("Status", given)
        try:
            if raised is not None:
                raise raised
            _give(machine, given)
            return whole(board)
        except Exception as error:
            raise _failed(machine, error, 0 if from_root else machine.resumed) from error

    def tick(now: float | None = None) -> Status:
        board.moment = now
        try:
            given = first(board)
        except Exception as error:  # noqa: BLE001 - `ended` raises it
            return ended(None, error)
        return given if given is RUNNING else ended(given, None)

    machine.begin_with = begin_with
    return tick


def _give(machine: Machine, given: Any) -> None:
    """Let the leaf with which the tick began give, once, what it just gave, without being asked again."""
    calls, i = machine.calls, machine.resumed
    leaf = calls[i]

    def gave(_: Any) -> Any:
        calls[i] = leaf
        return given

    machine.begin_with(None)
    calls[i] = gave


def _failed(machine: Machine, error: Exception, first: int) -> BehaviorError:
    i = _where(error.__traceback__, first, machine)
    failed = NodeFailed(machine.plan.paths[i], machine.plan.nodes[i].kind, error)
    try:
        # A node that raised may not be marked as running, but those above it must not stay so.
        machine.halt(0)
    except Exception as halted:  # noqa: BLE001 - told with the first error, not in its place
        failed.add_note(f"While the tree was halted: {halted!r}")
    return failed


def _where(trace: TracebackType | None, found: int, machine: Machine) -> int:
    """The id of the innermost node in a traceback; ``found`` where it has none."""
    while trace is not None:
        code, names = trace.tb_frame.f_code, trace.tb_frame.f_locals
        if code.co_filename.startswith(codegen.FILE):
            found = codegen.node_at(trace.tb_frame, trace.tb_lineno, found)
            codegen.noted(trace.tb_frame, trace.tb_lineno, machine)
        elif (
            "self" in names
            and type(names["self"]).__module__.startswith("fw_behavior.")
            and hasattr(names["self"], "i")
        ):
            found = names.get("child", names["self"].i)
        trace = trace.tb_next
    return found
