"""Which lane is for which kind of node."""

from __future__ import annotations

from fw_behavior.batch_chains import ChainLane
from fw_behavior.batch_nodes import (
    BranchLane,
    CooldownLane,
    CountLane,
    GuardLane,
    MappedLane,
    RunOnceLane,
    SleepLane,
    SwitchLane,
    TimerLane,
    TryCatchLane,
)
from fw_behavior.batch_parallel import ParallelAllLane, ParallelLane
from fw_behavior.batch_rare import (
    AsyncLane,
    LoopLane,
    RandomLane,
    ServiceLane,
    SubTreeLane,
    UtilityLane,
    WritingLane,
)
from fw_behavior.lanes import ActionLane, ConditionLane, ConstantLane, Lane, PureLane
from fw_behavior.leaves import ActionNode, UserLeaf
from fw_behavior.node import POST, Node
from fw_behavior.script import Script

BATCHED: dict[str, type[Lane]] = {
    "Action": ActionLane,
    "AlwaysFailure": ConstantLane,
    "AlwaysSuccess": ConstantLane,
    "AsyncSelector": AsyncLane,
    "AsyncSequence": AsyncLane,
    "Condition": ConditionLane,
    "Convert": MappedLane,
    "Cooldown": CooldownLane,
    "Delay": TimerLane,
    "ForceFailure": MappedLane,
    "ForceSuccess": MappedLane,
    "Guard": GuardLane,
    "IfThenElse": BranchLane,
    "Inverter": MappedLane,
    "KeepRunningUntilFailure": MappedLane,
    "Loop": LoopLane,
    "Parallel": ParallelLane,
    "ParallelAll": ParallelAllLane,
    "RandomSelector": RandomLane,
    "RandomSequence": RandomLane,
    "Repeat": CountLane,
    "Retry": CountLane,
    "RunOnce": RunOnceLane,
    "Script": WritingLane,
    "ScriptCondition": ConditionLane,
    "Selector": ChainLane,
    "Sequence": ChainLane,
    "Service": ServiceLane,
    "SetBlackboard": WritingLane,
    "Sleep": SleepLane,
    "SubTree": SubTreeLane,
    "Switch": SwitchLane,
    "Timeout": TimerLane,
    "TryCatch": TryCatchLane,
    "UtilitySelector": UtilityLane,
    "WhileDoElse": BranchLane,
}


def lane_class(node: Node) -> type[Lane]:
    """What ticks a node."""
    return PureLane if isinstance(node, ActionNode) and node.mark.pure else BATCHED[node.kind]


def refused(node: Node) -> tuple[str, str] | None:
    """What of a node a batch has not, and what to do instead; None: it has all of it."""
    if node.kind not in BATCHED:
        return node.kind, f"It has: {', '.join(sorted(BATCHED))}."
    reactions = [node.when[key] for key in POST if key in node.when]
    if node.kind == "Service":
        reactions.append(node.args["condition"])
    for asked in node.expressions:
        if isinstance(asked, Script) and asked.writes and asked not in reactions:
            return f"condition that writes ({asked.text!r})", "Write in an action, a ScriptNode or a reaction."
    if isinstance(node, UserLeaf) and (
        node.call is None or isinstance(node.call, type) or getattr(node, "is_async", False)
    ):
        return f"{node.label} as action", "Give a function of columns."
    if node.kind == "Loop" and not _is_column(node.args["queue"]):
        return f"Loop through {node.args['queue']!r}", "Give a tuple of numbers, or one of texts."
    return None


def _is_column(queue: object) -> bool:
    """Whether the entries can be those of a column."""
    entries = queue if isinstance(queue, tuple) else (None,)
    return all(isinstance(entry, int | float) for entry in entries) or all(isinstance(entry, str) for entry in entries)
