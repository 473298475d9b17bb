"""Which rule of an `ArrayTree` is for which kind of node."""

from __future__ import annotations

from fw_behavior import array_decorators, array_rules
from fw_behavior.leaves import ActionNode, Leaf, UserLeaf
from fw_behavior.node import POST, Node
from fw_behavior.script import Script
from fw_behavior.traced import Rule

RULES: dict[str, Rule] = {
    "Action": array_rules.act,
    "AlwaysFailure": array_rules.constant,
    "AlwaysSuccess": array_rules.constant,
    "Condition": array_rules.ask,
    "Convert": array_decorators.mapped,
    "Cooldown": array_decorators.cooldown,
    "Delay": array_decorators.timer,
    "ForceFailure": array_decorators.mapped,
    "ForceSuccess": array_decorators.mapped,
    "Guard": array_decorators.guard,
    "IfThenElse": array_decorators.branch,
    "Inverter": array_decorators.mapped,
    "KeepRunningUntilFailure": array_decorators.mapped,
    "Parallel": array_rules.parallel,
    "ParallelAll": array_rules.parallel_all,
    "Repeat": array_decorators.count,
    "Retry": array_decorators.count,
    "RunOnce": array_decorators.once,
    "Script": array_rules.write,
    "ScriptCondition": array_rules.ask,
    "Selector": array_rules.chain,
    "Sequence": array_rules.chain,
    "SetBlackboard": array_rules.write,
    "Sleep": array_rules.sleep,
    "SubTree": array_decorators.subtree,
    "Timeout": array_decorators.timer,
    "WhileDoElse": array_decorators.branch,
}


def refused(node: Node) -> tuple[str, str] | None:
    """What of a node the array engine has not, and what to do instead; None: it has all of it."""
    if node.kind not in RULES:
        return node.kind, f"It has: {', '.join(sorted(RULES))}."
    reactions = [node.when[key] for key in POST if key in node.when]
    if not all(isinstance(reaction, Script) for reaction in reactions):
        return f"reaction of a {node.kind} that is a function", "Use a script."
    for asked in node.expressions:
        if isinstance(asked, Script) and asked.writes and asked not in reactions:
            return f"condition that writes ({asked.text!r})", "Write in an action, a ScriptNode or a reaction."
    return _leaf(node) if isinstance(node, Leaf) else None


def _leaf(node: Leaf) -> tuple[str, str] | None:
    if isinstance(node, UserLeaf) and node.call is None:
        return f"{node.label} without a function", "Give it in `leaves=`."
    if isinstance(node, ActionNode) and not node.mark.pure:
        return f"{node.label} as action", "Mark it with @action(pure=True)."
    if node.kind == "Script" and not isinstance(node.args["code"], Script):
        return "Script that is a function", "Use text, or a pure action."
    return None
