"""Random trees for the tests that compare engines; the same seed, the same tree."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from fw_behavior import (
    AlwaysFailure,
    AlwaysSuccess,
    AsyncSelector,
    AsyncSequence,
    Blackboard,
    Convert,
    Cooldown,
    Delay,
    ForceFailure,
    ForceSuccess,
    Guard,
    IfThenElse,
    Inverter,
    KeepRunningUntilFailure,
    Loop,
    Node,
    Parallel,
    ParallelAll,
    RandomSelector,
    RandomSequence,
    Repeat,
    Retry,
    RunOnce,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    Service,
    SetBlackboard,
    Sleep,
    Status,
    SubTree,
    Switch,
    Timeout,
    TryCatch,
    UnsetBlackboard,
    Updated,
    UtilitySelector,
    WhileDoElse,
    action,
    condition,
)
from fw_behavior.plan import Plan
from fw_behavior.scope import Scope

S, F, R, K = Status.SUCCESS, Status.FAILURE, Status.RUNNING, Status.SKIPPED
LEAVES = (
    *["Action"] * 6, *["Condition"] * 3, "Script", "ScriptCondition", "AlwaysSuccess", "AlwaysFailure", "Sleep",
    "SetBlackboard", "UnsetBlackboard",
)  # fmt: skip
ONE = (
    "Inverter", "ForceSuccess", "ForceFailure", "KeepRunningUntilFailure", "Convert", "Repeat", "Retry", "Timeout",
    "Delay", "Cooldown", "RunOnce", "Guard", "Service", "Loop", "Updated", "SubTree",
)  # fmt: skip
MANY = (
    "AsyncSequence", "AsyncSelector", "Sequence", "Selector", "TryCatch", "IfThenElse", "WhileDoElse", "Parallel",
    "ParallelAll", "Switch", "RandomSelector", "RandomSequence", "UtilitySelector",
)  # fmt: skip
OFTEN = (*["Sequence"] * 3, *["Selector"] * 3)
TEXTS = ("@world % 3 == 1", "@world > 2 && !(@world == 5)", "(@world < 4 ? 1 : @world - 5) != 0")


def note(bb: Any, key: str, agents: Any) -> None:
    """Something is done: in which place of all that was done, is written to ``key``."""
    if agents is None:
        bb["@order"] += 1
        bb[f"@{key}"] = bb["@order"]
    else:
        bb["@order"][agents] += 1
        bb[f"@{key}"][agents] = bb["@order"][agents]


class Grower:
    """``kinds``: what may grow. ``odd``: leaves also give what is no Status, or raise. ``pure``: leaves are pure."""

    def __init__(self, seed: int, kinds: Any, *, odd: bool = False, pure: bool = False) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.odd = odd
        self.pure = pure
        self.names: list[str] = []
        self.leaves = tuple(kind for kind in LEAVES if kind in kinds)
        self.inner = tuple(kind for kind in (*ONE, *MANY, *OFTEN) if kind in kinds)

    def key(self, name: str) -> str:
        """A key that is written by what is grown."""
        self.names.append(f"{name}{len(self.names)}")
        return self.names[-1]

    def plan(self, depth: int = 3) -> Plan:
        """A tree."""
        return Plan(Sequence(self.node(depth)))

    def values(self, plan: Plan) -> dict[str, Any]:
        """What its blackboard has at first."""
        found: dict[str, Any] = dict.fromkeys((*self.names, "order", "world", "x", "y", "z", "item"), 0)
        for view in plan.views(Blackboard()):
            if isinstance(view, Scope):
                found |= {view.name("y"): 0, view.name("z"): 0}
        return found

    def leaf(self) -> Any:
        name, turns, halts = self.key("leaf"), self.key("turns"), self.key("halts")
        pick = self.random
        pattern: list[Any] = [pick.choice((S, S, F, F, R, R, K)) for _ in range(pick.randint(1, 4))]
        numbers = np.array([int(given) for given in pattern])
        if self.pure:
            return self.pure_leaf(name, turns, halts, [int(given) for given in pattern])
        if self.odd:
            pattern = [pick.choice((given, given, True, False, None)) for given in pattern]
            if pick.random() < 0.1:
                pattern.append(ValueError(name))

        def act(bb: Any, agents: Any = None) -> Any:
            note(bb, name, agents)
            if agents is not None:
                bb[f"@{turns}"][agents] += 1
                return numbers[bb[f"@{turns}"][agents] % len(numbers)]
            bb[f"@{turns}"] += 1
            given = pattern[bb[f"@{turns}"] % len(pattern)]
            if isinstance(given, ValueError):
                raise given
            return given

        return action(id=name, halted=lambda bb, agents=None: note(bb, halts, agents))(act)

    def pure_leaf(self, name: str, turns: str, halts: str, pattern: list[int]) -> Any:
        def act(bb: Any, xp: Any) -> Any:
            turn = bb[f"@{turns}"] + 1
            status = xp.asarray(turn) * 0
            for place, given in enumerate(pattern):
                status = xp.where(xp.asarray(turn) % len(pattern) == place, given, status)
            order = bb["@order"] + 1
            return status, {f"@{turns}": turn, "@order": order, f"@{name}": order}

        def halted(bb: Any, xp: Any) -> Any:
            order = bb["@order"] + 1
            return {"@order": order, f"@{halts}": order}

        return action(id=name, pure=True, halted=halted)(act)

    def check(self) -> Any:
        limit = self.random.randint(0, 3)
        return condition(id=f"world>={limit}")(lambda bb: bb["@world"] % 4 >= limit)

    def effect(self, name: str) -> Any:
        """A reaction or a service."""
        key = self.key(name)
        if self.pure:
            return f"@order += 1; @{key} := @order"
        return lambda bb, agents=None: note(bb, key, agents)

    def when(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key in ("failure_if", "success_if", "skip_if", "while_"):
            if self.random.random() < 0.06:
                found[key] = self.check()
        for key in ("on_halted", "on_failure", "on_success", "post"):
            if self.random.random() < 0.06:
                found[key] = self.effect(key)
        return found

    def children(self, depth: int, least: int = 0, most: int = 5) -> list[Node]:
        return [self.node(depth - 1) for _ in range(self.random.randint(least, most))]

    def score(self) -> Callable[[Any], Any]:
        factor = self.random.randint(-3, 3)
        return lambda bb: bb["@world"] * factor % 5

    def node(self, depth: int) -> Any:
        pick = self.random
        kind = pick.choice(self.leaves if depth <= 0 else (*self.leaves, *self.inner * 2))
        when = {} if kind in {"Action", "Condition"} else self.when()
        one: Any = self.node(depth - 1) if kind in ONE else None

        def some(least: int = 0, most: int = 5) -> list[Node]:
            return self.children(depth, least, most)

        made: dict[str, Callable[[], Any]] = {
            "Action": self.leaf,
            "Condition": self.check,
            "Script": lambda: ScriptNode("y := @x + 2; y += 1", **when),
            "ScriptCondition": lambda: ScriptCondition(pick.choice(TEXTS), **when),
            "AlwaysSuccess": lambda: AlwaysSuccess(**when),
            "AlwaysFailure": lambda: AlwaysFailure(**when),
            "Sleep": lambda: Sleep(pick.randint(0, 3), **when),
            "SetBlackboard": lambda: SetBlackboard("z", pick.choice((0, 1, 2, "{@world}")), **when),
            "UnsetBlackboard": lambda: UnsetBlackboard("z", **when),
            "Inverter": lambda: Inverter(one, **when),
            "ForceSuccess": lambda: ForceSuccess(one, **when),
            "ForceFailure": lambda: ForceFailure(one, **when),
            "KeepRunningUntilFailure": lambda: KeepRunningUntilFailure(one, **when),
            "Convert": lambda: Convert(
                one, failure=pick.choice((S, F)), success=pick.choice((S, R)), running=pick.choice((R, S, K)), **when
            ),
            "Repeat": lambda: Repeat(one, pick.choice((-1, 0, 1, 2, 3)), **when),
            "Retry": lambda: Retry(one, pick.choice((-1, 0, 1, 2, 3)), **when),
            "Timeout": lambda: Timeout(one, pick.randint(0, 4), **when),
            "Delay": lambda: Delay(one, pick.randint(0, 3), **when),
            "Cooldown": lambda: Cooldown(one, pick.randint(0, 3), **when),
            "RunOnce": lambda: RunOnce(one, skip=pick.random() < 0.5, **when),
            "Guard": lambda: Guard(
                one,
                self.check() if pick.random() < 0.7 else "@world > 1",
                otherwise=pick.choice((F, S, K)),
                once=pick.random() < 0.3,
                **when,
            ),
            "Service": lambda: Service(one, self.effect("service"), pick.randint(0, 2), **when),
            "Loop": lambda: Loop(one, self.queue(), "@item", if_empty=pick.choice((S, F, K)), **when),
            "Updated": lambda: Updated(one, "@world", wait=pick.random() < 0.5, **when),
            "SubTree": lambda: SubTree(one, ports={"z": "{z}"}, autoremap=pick.random() < 0.5, **when),
            "AsyncSequence": lambda: AsyncSequence(*some(), **when),
            "AsyncSelector": lambda: AsyncSelector(*some(), **when),
            "Sequence": lambda: self.sequence(some(), when),
            "Selector": lambda: Selector(*some(), memory=pick.random() < 0.6, **when),
            "TryCatch": lambda: TryCatch(*some(2, 4), **when),
            "IfThenElse": lambda: IfThenElse(*some(2, 3), **when),
            "WhileDoElse": lambda: WhileDoElse(*some(2, 3), **when),
            "Parallel": lambda: self.parallel(some(1, 4), when),
            "ParallelAll": lambda: ParallelAll(*some(0, 4), max_failures=pick.randint(1, 3), **when),
            "Switch": lambda: Switch("@world", dict(enumerate(some(0, 3))), self.node(depth - 1), **when),
            "RandomSelector": lambda: self.weighted(RandomSelector, some(1, 4), when),
            "RandomSequence": lambda: self.weighted(RandomSequence, some(1, 4), when),
            "UtilitySelector": lambda: self.utility(some(1, 4), when),
        }
        return made[kind]()

    def queue(self) -> Any:
        return (3, 5)[: self.random.randint(0, 2)] if self.random.random() < 0.5 or not self.odd else "@queue"

    def sequence(self, nodes: list[Node], when: dict[str, Any]) -> Node:
        memory = self.random.random() < 0.6
        return Sequence(*nodes, memory=memory, keep=memory and self.random.random() < 0.3, **when)

    def parallel(self, nodes: list[Node], when: dict[str, Any]) -> Node:
        counts = [self.random.choice([n for n in range(-len(nodes), len(nodes) + 1) if n]) for _ in "sf"]
        synchronised = self.random.random() < 0.7
        return Parallel(*nodes, success=counts[0], failure=counts[1], synchronised=synchronised, **when)

    def weighted(self, kind: Any, nodes: list[Node], when: dict[str, Any]) -> Node:
        weights = tuple(self.random.choice((0.0, 1.0, 2.5)) for _ in nodes) if self.random.random() < 0.5 else ()
        found: Node = kind(*nodes, weights=weights, **when)
        return found

    def utility(self, nodes: list[Node], when: dict[str, Any]) -> Node:
        scores = tuple(self.score() for _ in nodes)
        return UtilitySelector(*nodes, scores=scores, memory=self.random.random() < 0.5, **when)
