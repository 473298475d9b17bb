"""Blackboard and behaviour trees: one definition, three engines that do the same."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_behavior.blackboard import Blackboard as Blackboard
    from fw_behavior.blackboard import Change as Change
    from fw_behavior.blackboard import Key as Key
    from fw_behavior.composites import Composite as Composite
    from fw_behavior.composites import Fallback as Fallback
    from fw_behavior.composites import IfThenElse as IfThenElse
    from fw_behavior.composites import Parallel as Parallel
    from fw_behavior.composites import ParallelAll as ParallelAll
    from fw_behavior.composites import RandomSelector as RandomSelector
    from fw_behavior.composites import RandomSequence as RandomSequence
    from fw_behavior.composites import Selector as Selector
    from fw_behavior.composites import Sequence as Sequence
    from fw_behavior.composites import Switch as Switch
    from fw_behavior.composites import TryCatch as TryCatch
    from fw_behavior.composites import UtilitySelector as UtilitySelector
    from fw_behavior.composites import WhileDoElse as WhileDoElse
    from fw_behavior.composites import reactive_selector as reactive_selector
    from fw_behavior.composites import reactive_sequence as reactive_sequence
    from fw_behavior.composites import sequence_with_memory as sequence_with_memory
    from fw_behavior.decorators import Convert as Convert
    from fw_behavior.decorators import Cooldown as Cooldown
    from fw_behavior.decorators import Delay as Delay
    from fw_behavior.decorators import ForceFailure as ForceFailure
    from fw_behavior.decorators import ForceSuccess as ForceSuccess
    from fw_behavior.decorators import Guard as Guard
    from fw_behavior.decorators import Inverter as Inverter
    from fw_behavior.decorators import KeepRunningUntilFailure as KeepRunningUntilFailure
    from fw_behavior.decorators import Loop as Loop
    from fw_behavior.decorators import Repeat as Repeat
    from fw_behavior.decorators import Retry as Retry
    from fw_behavior.decorators import RunOnce as RunOnce
    from fw_behavior.decorators import Service as Service
    from fw_behavior.decorators import SubTree as SubTree
    from fw_behavior.decorators import Timeout as Timeout
    from fw_behavior.decorators import Updated as Updated
    from fw_behavior.leaves import ActionNode as ActionNode
    from fw_behavior.leaves import AlwaysFailure as AlwaysFailure
    from fw_behavior.leaves import AlwaysSuccess as AlwaysSuccess
    from fw_behavior.leaves import ConditionNode as ConditionNode
    from fw_behavior.leaves import ScriptCondition as ScriptCondition
    from fw_behavior.leaves import ScriptNode as ScriptNode
    from fw_behavior.leaves import SetBlackboard as SetBlackboard
    from fw_behavior.leaves import Sleep as Sleep
    from fw_behavior.leaves import StatefulAction as StatefulAction
    from fw_behavior.leaves import UnsetBlackboard as UnsetBlackboard
    from fw_behavior.leaves import action as action
    from fw_behavior.leaves import condition as condition
    from fw_behavior.leaves import reads as reads
    from fw_behavior.node import Node as Node
    from fw_behavior.scope import Restricted as Restricted
    from fw_behavior.script import Script as Script
    from fw_behavior.snapshot import Snapshot as Snapshot
    from fw_behavior.status import FAILURE as FAILURE
    from fw_behavior.status import IDLE as IDLE
    from fw_behavior.status import RUNNING as RUNNING
    from fw_behavior.status import SKIPPED as SKIPPED
    from fw_behavior.status import SUCCESS as SUCCESS
    from fw_behavior.status import Status as Status
    from fw_behavior.tree import BehaviorTree as BehaviorTree

_PLACES = {
    "blackboard": ("Blackboard", "Change", "Key"),
    "composites": (
        "Composite",
        "Fallback",
        "IfThenElse",
        "Parallel",
        "ParallelAll",
        "RandomSelector",
        "RandomSequence",
        "Selector",
        "Sequence",
        "Switch",
        "TryCatch",
        "UtilitySelector",
        "WhileDoElse",
        "reactive_selector",
        "reactive_sequence",
        "sequence_with_memory",
    ),
    "decorators": (
        "Convert",
        "Cooldown",
        "Delay",
        "ForceFailure",
        "ForceSuccess",
        "Guard",
        "Inverter",
        "KeepRunningUntilFailure",
        "Loop",
        "Repeat",
        "Retry",
        "RunOnce",
        "Service",
        "SubTree",
        "Timeout",
        "Updated",
    ),
    "leaves": (
        "ActionNode",
        "AlwaysFailure",
        "AlwaysSuccess",
        "ConditionNode",
        "ScriptCondition",
        "ScriptNode",
        "SetBlackboard",
        "Sleep",
        "StatefulAction",
        "UnsetBlackboard",
        "action",
        "condition",
        "reads",
    ),
    "node": ("Node",),
    "scope": ("Restricted",),
    "script": ("Script",),
    "snapshot": ("Snapshot",),
    "status": ("FAILURE", "IDLE", "RUNNING", "SKIPPED", "SUCCESS", "Status"),
    "tree": ("BehaviorTree",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
