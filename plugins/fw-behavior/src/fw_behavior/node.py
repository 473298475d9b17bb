"""`Node`: a piece of a definition. Definitions are data: they are shared by any number of trees and never change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypedDict

from fw_behavior.errors import BadTree
from fw_behavior.script import Script

Expression = Script | Callable[[Any], Any]
"""Asked with a blackboard. A Script tells the keys it reads; of a function they are known if `reads` marked it."""


class When(TypedDict, total=False):
    """Conditions and reactions that every node may have; a string is a `Script`.

    Asked before the node is started, in this order: ``failure_if``, ``success_if``, ``skip_if``. ``while_`` is asked
    before every tick: the node is skipped, and halted if it is running, unless it holds. When the node is done
    ``on_failure`` or ``on_success``, then ``post``; when it is halted ``on_halted``.
    """

    failure_if: str | Expression
    success_if: str | Expression
    skip_if: str | Expression
    while_: str | Expression
    on_halted: str | Expression
    on_failure: str | Expression
    on_success: str | Expression
    post: str | Expression


PRE = ("failure_if", "success_if", "skip_if", "while_")
POST = ("on_halted", "on_failure", "on_success", "post")


def expression(value: str | Expression) -> Expression:
    """Text as a script, a function as it is."""
    return Script(value) if isinstance(value, str) else value


class Node:
    """Base class. ``kind`` is its name in every format, ``args`` what it was given, by name.

    ``timed``: it may be due without anything having changed. ``polled``: it may want another tick at any time.
    """

    kind: ClassVar[str] = ""
    fewest: ClassVar[int] = 0
    most: ClassVar[int | None] = 0
    timed: ClassVar[bool] = False

    __slots__ = ("args", "children", "name", "when")

    def __init__(
        self,
        children: tuple[Node, ...],
        args: Mapping[str, Any],
        name: str = "",
        when: Mapping[str, Any] | None = None,
    ) -> None:
        self.children = children
        self.args = dict(args)
        self.name = name
        self.when: dict[str, Expression] = {key: expression(value) for key, value in (when or {}).items()}
        for key in self.when.keys() - {*PRE, *POST}:
            raise BadTree(self.label, f"{key!r} is no condition.", f"There are: {', '.join((*PRE, *POST))}.")
        count = len(self.children)
        if count < self.fewest or (self.most is not None and count > self.most):
            wanted = f"{self.fewest}" if self.most == self.fewest else f"{self.fewest} to {self.most or 'any number'}"
            raise BadTree(self.label, f"{self.kind} takes {wanted} children, not {count}.", "Add or remove some.")

    @property
    def label(self) -> str:
        """Its name, or what it is."""
        return self.name or self.kind

    @property
    def expressions(self) -> Iterator[Expression]:
        """Everything that is asked with the blackboard, beside the leaf's own function."""
        yield from self.when.values()

    def with_children(self, children: tuple[Node, ...]) -> Node:
        """The same with other children."""
        other = object.__new__(type(self))
        Node.__init__(other, children, self.args, self.name, self.when)
        return other

    def walk(self) -> Iterator[Node]:
        """This node and all below, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        mine = (type(self), self.name, self.args, self.when, self.children)
        return mine == (type(other), other.name, other.args, other.when, other.children)

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        parts = [repr(self.name)] if self.name else []
        parts += [f"{key}={value!r}" for key, value in self.args.items()]
        parts += [f"{len(self.children)} children"] if self.children else []
        return f"<{self.kind} {', '.join(parts)}>"
