"""Which object runs which node, and the objects engine's way to put them together."""

from __future__ import annotations

from fw_behavior import chains, objects, rare, timers
from fw_behavior.errors import Unsupported
from fw_behavior.machine import Machine
from fw_behavior.node import Node
from fw_behavior.objects import Conditioned, Run, Tick

RUNS: dict[str, type[Run]] = {
    "Action": objects.ActionRun,
    "AlwaysFailure": objects.ActionRun,
    "AlwaysSuccess": objects.ActionRun,
    "AsyncSelector": chains.AsyncSelectorRun,
    "AsyncSequence": chains.AsyncRun,
    "Condition": objects.ConditionRun,
    "Convert": objects.MappedRun,
    "Cooldown": timers.CooldownRun,
    "Delay": timers.DelayRun,
    "ForceFailure": objects.MappedRun,
    "ForceSuccess": objects.MappedRun,
    "Guard": objects.GuardRun,
    "IfThenElse": rare.IfThenElseRun,
    "Inverter": objects.MappedRun,
    "KeepRunningUntilFailure": objects.MappedRun,
    "Loop": rare.LoopRun,
    "Parallel": rare.ParallelRun,
    "ParallelAll": rare.ParallelAllRun,
    "RandomSelector": rare.OrderedRun,
    "RandomSequence": rare.RandomSequenceRun,
    "Repeat": objects.CountRun,
    "Retry": objects.RetryRun,
    "RunOnce": timers.RunOnceRun,
    "Script": objects.ActionRun,
    "ScriptCondition": objects.ConditionRun,
    "Selector": objects.SelectorRun,
    "Sequence": objects.ChainRun,
    "Service": timers.ServiceRun,
    "SetBlackboard": objects.ActionRun,
    "Sleep": objects.SleepRun,
    "SubTree": objects.SubTreeRun,
    "Switch": rare.SwitchRun,
    "Timeout": timers.TimeoutRun,
    "TryCatch": chains.TryCatchRun,
    "UnsetBlackboard": objects.ActionRun,
    "Updated": rare.UpdatedRun,
    "UtilitySelector": rare.UtilityRun,
    "WhileDoElse": rare.WhileDoElseRun,
}
REACTIVE: dict[str, type[Run]] = {
    "Selector": objects.ReactiveSelectorRun,
    "Sequence": objects.ReactiveRun,
    "UtilitySelector": rare.ReactiveUtilityRun,
}


def run_class(node: Node, path: str) -> type[Run]:
    """What runs ``node``."""
    if node.kind not in RUNS:
        raise Unsupported(
            path, node.kind or type(node).__name__, "the engine", "Build it from the kinds of fw_behavior."
        )
    reactive = node.args.get("memory") is False
    return REACTIVE[node.kind] if reactive else RUNS[node.kind]


def run_of(machine: Machine, i: int, ticks: tuple[Tick, ...]) -> Tick:
    """The tick of one node above ``ticks``."""
    node = machine.plan.nodes[i]
    tick = run_class(node, machine.plan.paths[i])(machine, i, ticks).tick
    return Conditioned(machine, i, tick).tick if node.when else tick


def build(machine: Machine) -> Tick:
    """The tick of the whole tree."""
    ticks: dict[int, Tick] = {}
    for i in reversed(range(len(machine.plan))):
        ticks[i] = run_of(machine, i, tuple(ticks[child] for child in machine.plan.children[i]))
    return ticks[0]
