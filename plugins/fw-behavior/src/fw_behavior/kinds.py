"""Every kind of node by name, and how it is made of plain arguments: what all formats share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from fw_behavior import composites, decorators, leaves
from fw_behavior.errors import BadText, BehaviorError, nearest
from fw_behavior.leaves import ActionNode, ConditionNode, UserLeaf, mark_of
from fw_behavior.node import Node
from fw_behavior.script import Script

Leaves = Mapping[str, Callable[..., Any]] | Collection[str]
"""Functions by id; or ids only, for a tree that is read to be seen, checked or written again, not to run."""

KINDS: dict[str, type[Node]] = {
    found.kind: found
    for module in (composites, decorators, leaves)
    for found in vars(module).values()
    if isinstance(found, type) and issubclass(found, Node) and found.kind
}


class Catalog:
    """What a text may name: functions by id, and constants of scripts."""

    def __init__(self, leaves: Leaves = (), constants: Mapping[str, Any] | None = None) -> None:
        self.leaves = leaves
        self.constants = dict(constants or {})

    def function(self, id: str, line: int) -> Callable[..., Any] | None:
        """The function with this id; None where only ids are known."""
        if id not in self.leaves:
            raise BadText(
                f"There is no node or function {id!r}.{nearest(id, [*KINDS, *self.leaves])}",
                line,
                "Name it in `leaves=`.",
            )
        return self.leaves[id] if isinstance(self.leaves, Mapping) else None

    def leaf(self, id: str, kind: str, args: dict[str, Any], line: int) -> UserLeaf:
        """A user's leaf; ``kind`` is Action, Condition, or '' for what its function says."""
        call = self.function(id, line)
        condition = (kind or mark_of(call).kind) == "Condition"
        return (ConditionNode if condition else ActionNode)(call, id=id, **args)

    def script(self, text: str, line: int) -> Script:
        """A script; a fault in it is told with its line."""
        try:
            return Script(text, self.constants)
        except BehaviorError as error:
            raise BadText(str(error), line, "Correct the script.") from error


def made(
    kind: str, children: list[Node], args: Mapping[str, Any], name: str, when: Mapping[str, Any], line: int
) -> Node:
    """A node of a kind of this package. BadText where it cannot be."""
    if kind not in KINDS or kind in {"Action", "Condition"}:
        raise BadText(f"There is no kind of node {kind!r}.{nearest(kind, KINDS)}", line, "Correct it.")
    call: Any = KINDS[kind]
    named = {**args, "name": name, **when}
    try:
        if kind == "Switch":
            cases = named.pop("cases")
            return composites.Switch(named.pop("key"), dict(zip(cases, children, strict=False)), children[-1], **named)
        if kind == "Service":
            named["service"] = named.pop("condition")
        found: Node = call(*children, **named)
    except (TypeError, ValueError, IndexError) as error:
        raise BadText(f"{kind}: {error}", line, "Correct it.") from error
    return found
