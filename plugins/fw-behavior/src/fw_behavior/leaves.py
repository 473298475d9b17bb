"""Leaves: actions and conditions that users write, and the few that come with the package."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from typing import Any, ClassVar, Literal, TypeVar, Unpack

from fw_behavior.errors import BadTree
from fw_behavior.node import Expression, Node, When, expression
from fw_behavior.status import Status

F = TypeVar("F", bound=Callable[..., Any])
Resume = Literal["refuse", "restart"] | Callable[[Any], Any]
"""What becomes of an async action that was running when a snapshot was taken: the snapshot is refused, the action is
started
again, or this coroutine function takes its place."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What `action`, `condition` and `reads` say of a function."""

    kind: str = ""
    id: str = ""
    ports: Mapping[str, type] = field(default_factory=dict)
    reads: frozenset[str] | None = None
    resume: Resume = "refuse"
    halted: Callable[..., Any] | None = None
    pure: bool = False


def mark_of(call: object) -> Mark:
    """The mark of a function or class; an empty one where it has none."""
    found = getattr(call, "__behavior__", None)
    return found if isinstance(found, Mark) else Mark()


def action(
    *,
    id: str = "",
    ports: Mapping[str, type] | None = None,
    reads: Iterable[str] | None = None,
    resume: Resume = "refuse",
    halted: Callable[..., Any] | None = None,
    pure: bool = False,
) -> Callable[[F], F]:
    """Say more of an action.

    Its ``id`` in texts (else its name), the types of its ``ports``, the keys whose change may change what it gives
    while it runs, how it is resumed, and what is called when it is halted.

    A ``pure`` one is called with the blackboard and a namespace of the array API (numpy), writes nothing, and gives a
    status, or a status and a dict of what to write. It does the same for one agent and for arrays of them, with every
    engine and in an `ArrayTree`. Its ``halted`` is called alike and gives such a dict.
    """
    return _marks(Mark("Action", id, dict(ports or {}), _keys(reads), resume, halted, pure))


def condition(
    *, id: str = "", ports: Mapping[str, type] | None = None, reads: Iterable[str] | None = None
) -> Callable[[F], F]:
    """Mark a function as a condition, which gives something true or false, and does nothing.

    ``reads``: the keys it reads; ``id`` and ``ports`` as of an action.
    """
    return _marks(Mark("Condition", id, dict(ports or {}), _keys(reads)))


def reads(*keys: str) -> Callable[[F], F]:
    """Declare the keys that a function reads, so that it is asked again only when one of them changes."""

    def mark(call: F) -> F:
        return _marks(replace(mark_of(call), reads=frozenset(keys)))(call)

    return mark


def parted(given: Any) -> tuple[Any, Mapping[str, Any]]:
    """What a pure action gave, as statuses and what to write."""
    return given if isinstance(given, tuple) else (given, {})


def _keys(keys: Iterable[str] | None) -> frozenset[str] | None:
    return None if keys is None else frozenset(keys)


def _marks(mark: Mark) -> Callable[[F], F]:
    def put(call: F) -> F:
        call.__behavior__ = mark  # type: ignore[attr-defined]
        return call

    return put


class StatefulAction(ABC):
    """An action with a state of its own: one instance for each tree, whose attributes are part of snapshots."""

    @abstractmethod
    def on_start(self, bb: Any) -> Status | bool | None:
        """The first tick."""

    @abstractmethod
    def on_running(self, bb: Any) -> Status | bool | None:
        """Every further tick while it is running."""

    def on_halted(self, bb: Any) -> None:  # noqa: B027 - many actions have nothing to do then
        """It is stopped while it is running."""


class Leaf(Node):
    """No children. ``call`` is what it does, ``id`` what texts call it; ``ports`` gives its names as `SubTree` does."""

    reads: frozenset[str] | None = frozenset()
    __slots__ = ("call",)

    def __init__(
        self, call: Callable[..., Any] | None, args: Mapping[str, Any], name: str, when: Mapping[str, Any] | None
    ) -> None:
        self.call = call
        super().__init__((), args, name, when)

    def with_children(self, children: tuple[Node, ...]) -> Node:
        """Itself."""
        return self

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and isinstance(other, Leaf) and other.call == self.call

    __hash__ = object.__hash__


class UserLeaf(Leaf):
    """A leaf that runs a function of the user. ``call=None`` stands for one that is known by its id only."""

    __slots__ = ()

    def __init__(
        self,
        call: Callable[..., Any] | None,
        *,
        id: str = "",
        ports: Mapping[str, Any] | None = None,
        name: str = "",
        **when: Unpack[When],
    ) -> None:
        found = id or mark_of(call).id or getattr(call, "__name__", type(call).__name__)
        super().__init__(call, {"id": found, "ports": dict(ports or {})}, name, when)

    @property
    def label(self) -> str:
        """Its name, or its id."""
        return self.name or str(self.args["id"])

    @property
    def mark(self) -> Mark:
        """What is said of its function."""
        return mark_of(self.call)


class ActionNode(UserLeaf):
    """Does something.

    A function of the blackboard that gives a Status (or True, False; None is success), an ``async def``, which is
    running until it returns and is cancelled when it is halted, or a class of `StatefulAction`.
    """

    kind = "Action"
    __slots__ = ()

    @property
    def is_async(self) -> bool:
        """Whether it runs as a task."""
        return iscoroutinefunction(self.call) or iscoroutinefunction(getattr(self.call, "__call__", None))  # noqa: B004 - an object may be async to call


class ConditionNode(UserLeaf):
    """Asks something: a function of the blackboard that gives something true or false. Never running."""

    kind = "Condition"
    __slots__ = ()


class ScriptNode(Leaf):
    """Runs a script and succeeds."""

    kind = "Script"
    __slots__ = ()

    def __init__(self, code: str | Expression, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(None, {"code": expression(code)}, name, when)


class ScriptCondition(Leaf):
    """Succeeds if the value of a script is true."""

    kind = "ScriptCondition"
    __slots__ = ()

    def __init__(self, code: str | Expression, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(None, {"code": expression(code)}, name, when)

    @property
    def expressions(self) -> Iterator[Expression]:
        """Its script as well."""
        yield from super().expressions
        yield self.args["code"]


class AlwaysSuccess(Leaf):
    """Succeeds."""

    kind = "AlwaysSuccess"
    __slots__ = ()

    def __init__(self, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(None, {}, name, when)


class AlwaysFailure(AlwaysSuccess):
    """Fails."""

    kind = "AlwaysFailure"
    __slots__ = ()


class Sleep(Leaf):
    """Is running for ``seconds``, then succeeds."""

    kind = "Sleep"
    timed: ClassVar[bool] = True
    __slots__ = ()

    def __init__(self, seconds: float, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(None, {"seconds": seconds}, name, when)


class SetBlackboard(Leaf):
    """Writes ``value`` to ``key``: ``"{other}"`` is the value of another key, anything else itself."""

    kind = "SetBlackboard"
    __slots__ = ()

    def __init__(self, key: str, value: Any, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(None, {"key": key, "value": value}, name, when)


class UnsetBlackboard(Leaf):
    """Removes ``key``, if it is there."""

    kind = "UnsetBlackboard"
    __slots__ = ()

    def __init__(self, key: str, name: str = "", **when: Unpack[When]) -> None:
        super().__init__(None, {"key": key}, name, when)


def leaf_of(call: Callable[..., Any]) -> Leaf:
    """A function as a node, by its mark. Raises :class:`BadTree` for what cannot be called."""
    if not callable(call):
        raise BadTree("leaf", f"{call!r} is neither a node nor a function.", "Give a node, or a function of the board.")
    return ConditionNode(call) if mark_of(call).kind == "Condition" else ActionNode(call)
