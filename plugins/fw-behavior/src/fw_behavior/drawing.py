"""Trees as text and as dot, with what each node gave last where a running tree is drawn."""

from __future__ import annotations

from fw_behavior.leaves import ConditionNode, Leaf
from fw_behavior.node import Node
from fw_behavior.plan import Plan
from fw_behavior.status import Status
from fw_behavior.tree import BehaviorTree

SIGNS = {Status.SUCCESS: "✓", Status.FAILURE: "✗", Status.RUNNING: "▶", Status.SKIPPED: "-", Status.IDLE: "·"}
COLORS = {
    Status.SUCCESS: "#c8e6c9",
    Status.FAILURE: "#ffcdd2",
    Status.RUNNING: "#fff59d",
    Status.SKIPPED: "#e0e0e0",
    Status.IDLE: "#ffffff",
}


def plan_of(tree: BehaviorTree | Node) -> tuple[Plan, list[Status] | None]:
    """The layout of a tree or definition, and the statuses of a tree."""
    return (tree.plan, tree.machine.status) if isinstance(tree, BehaviorTree) else (Plan(tree), None)


def title(node: Node) -> str:
    """What is written of a node: its name and, where that says something else, its kind and arguments."""
    args = ", ".join(str(value) for key, value in node.args.items() if key in {"seconds", "times", "key"})
    kind = f"{node.kind}({args})" if args else node.kind
    reactive = " (reactive)" if node.args.get("memory") is False else ""
    return f"{kind}{reactive}" if node.label == node.kind else f"{node.label} [{kind}{reactive}]"


def outline(tree: BehaviorTree | Node) -> str:
    """One line for each node, indented; of a running tree with a sign for its status (✓ ✗ ▶ - ·)."""
    plan, statuses = plan_of(tree)
    lines = []
    for i, node in enumerate(plan.nodes):
        sign = f"{SIGNS[statuses[i]]} " if statuses else ""
        lines.append(f"{'  ' * plan.depths[i]}{sign}{title(node)}")
    return "\n".join(lines) + "\n"


def dot(tree: BehaviorTree | Node) -> str:
    """For Graphviz."""
    plan, statuses = plan_of(tree)
    lines = ["digraph tree {", '  node [fontname="sans-serif", style=filled];']
    for i, node in enumerate(plan.nodes):
        shape = "ellipse" if isinstance(node, ConditionNode) else "box" if isinstance(node, Leaf) else "hexagon"
        color = COLORS[statuses[i] if statuses else Status.IDLE]
        text = title(node).replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'  n{i} [label="{text}", shape={shape}, fillcolor="{color}"];')
    lines += [f"  n{parent} -> n{i};" for i, parent in enumerate(plan.parents) if parent >= 0]
    return "\n".join([*lines, "}"]) + "\n"
