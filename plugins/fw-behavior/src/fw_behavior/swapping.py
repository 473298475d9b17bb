"""Another subtree in a running tree: what stays the same keeps its state, by path."""

from __future__ import annotations

from fw_behavior.leaves import Leaf
from fw_behavior.machine import Machine
from fw_behavior.node import Node
from fw_behavior.plan import Plan, child_names
from fw_behavior.status import RUNNING


def replaced(plan: Plan, target: int, node: Node) -> Node:
    """The definition with ``node`` in the place of the one with id ``target``."""
    i = target
    while i > 0:
        parent = plan.parents[i]
        children = list(plan.nodes[parent].children)
        children[plan.children[parent].index(i)] = node
        node, i = plan.nodes[parent].with_children(tuple(children)), parent
    return node


def same(old: Node, new: Node) -> bool:
    """Whether the state of one makes sense for the other: a chain remembers places of its children, an action has begun
    with its ports.
    """
    before, after = child_names(old), child_names(new)
    if type(old) is not type(new) or len(before) != len(after):
        return False
    if any(one != other and (one in after or other in before) for one, other in zip(before, after, strict=True)):
        return False
    if any(old.args.get(key) != new.args.get(key) for key in ("memory", "keep", "ports", "autoremap")):
        return False
    return not isinstance(old, Leaf) or (isinstance(new, Leaf) and new.call == old.call)


def carry_over(old: Machine, new: Machine) -> None:
    """Move the state of what is the same, and halt what is not; a node above something that was halted starts anew."""
    before, after = old.plan, new.plan
    kept = {
        i: after.ids[path]
        for i, path in enumerate(before.paths)
        if path in after.ids and same(before.nodes[i], after.nodes[after.ids[path]])
    }
    for i in reversed(range(len(before))):
        if old.status[i] is RUNNING and i not in kept:
            old.halt(i)
    for i, j in kept.items():
        new.status[j], new.memory[j], new.kept[j] = old.status[i], old.memory[i], old.kept[i]
        if i in old.stateful:
            vars(new.stateful[j]).update(vars(old.stateful[i]))
        if i in old.tasks:
            new.tasks[j].take_over(old.tasks[i])
