"""`Traced`: one tick of all agents while it is made, as functions of arrays. Arrays are replaced, never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fw_behavior.blackboard import Blackboard
from fw_behavior.errors import AccessDenied, MissingKey
from fw_behavior.node import Expression
from fw_behavior.plan import Plan
from fw_behavior.scope import Scope
from fw_behavior.script import Script, truth
from fw_behavior.status import FAILURE, IDLE, RUNNING, SKIPPED, SUCCESS, Status

EVERY = frozenset({SUCCESS, FAILURE, RUNNING, SKIPPED})
DONE = frozenset({"Condition", "ScriptCondition", "AlwaysSuccess", "AlwaysFailure", "Script", "SetBlackboard"})
PASSING = frozenset({"Sequence", "Selector", "Inverter", "ForceSuccess", "ForceFailure", "SubTree"})
OUTCOMES = (("failure_if", FAILURE), ("success_if", SUCCESS), ("skip_if", SKIPPED))
Rule = Callable[["Traced", int, Any], Any]
"""Is told a tick, a node and a mask of those whose turn it is; gives their statuses. Those of others mean nothing."""


class ArrayState(NamedTuple):
    """Where the trees of all agents stand: by node id, what each gave last, what it remembers while it is running, what
    it keeps for longer; each an array with an entry for each agent, a tuple of some, or None.
    """

    status: tuple[Any, ...]
    memory: tuple[Any, ...]
    kept: tuple[Any, ...]


class Layout:
    """What is the same in every tick: the plan, the namespace, what each node sees, may give and does."""

    def __init__(self, plan: Plan, xp: Any, rules: Mapping[str, Rule]) -> None:
        self.plan = plan
        self.xp = xp
        self.views = plan.views(Blackboard())
        self.rules = [rules[node.kind] for node in plan.nodes]
        self.gives = gives(plan)


class Seen:
    """The columns as a node sees them; with ``mask``, writing changes the entries of its agents."""

    def __init__(self, traced: Traced, i: int, mask: Any = None) -> None:
        self._traced = traced
        view = traced.layout.views[i]
        self._scope = view if isinstance(view, Scope) else None
        self._mask = mask

    @property
    def now(self) -> Any:
        """The time of the tick."""
        return self._traced.now

    def _name(self, key: str) -> str:
        return key.removeprefix("@") if self._scope is None else self._scope.name(key)

    def __getitem__(self, key: str) -> Any:
        if self._scope is not None and key in self._scope.literals:
            return self._scope.literals[key]
        columns, name = self._traced.columns, self._name(key)
        if name not in columns:
            raise MissingKey(key, columns)
        return columns[name]

    def __setitem__(self, key: str, value: Any) -> None:
        if self._mask is None or (self._scope is not None and key in self._scope.literals):
            raise AccessDenied(key, "write")
        self._traced.columns[self._name(key)] = self._traced.xp.where(self._mask, value, self[key])


class Traced:
    """``columns`` and the state are as far as the tick has come."""

    def __init__(self, layout: Layout, state: ArrayState, columns: Mapping[str, Any]) -> None:
        self.layout = layout
        self.plan = layout.plan
        self.xp = layout.xp
        self.status = list(state.status)
        self.memory = list(state.memory)
        self.kept = list(state.kept)
        self.columns = dict(columns)
        self.now: Any = 0.0
        self.byte = self.status[0].dtype
        self.nobody = self.status[0] != self.status[0]
        self.everyone = ~self.nobody

    def state(self) -> ArrayState:
        """Where all stand now."""
        return ArrayState(tuple(self.status), tuple(self.memory), tuple(self.kept))

    def full(self, status: Status) -> Any:
        """The same status for all."""
        return self.xp.full_like(self.status[0], int(status))

    def chosen(self, mask: Any, new: Any, old: Any) -> Any:
        """``new`` where ``mask``, else ``old``. Statuses are combined bitwise, which numpy does far faster."""
        if mask is self.everyone and hasattr(new, "shape"):
            return new
        if self.byte not in (getattr(new, "dtype", None), getattr(old, "dtype", None)):
            return self.xp.where(mask, new, old)
        return old ^ ((old ^ new) & -self.statuses(mask))

    def statuses(self, truth: Any) -> Any:
        """Truth values as statuses: SUCCESS is 1 and true."""
        return self.xp.asarray(truth, dtype=self.byte)

    def truth(self, value: Any) -> Any:
        """An answer as truth values of all."""
        found = truth(value)
        if isinstance(found, bool):
            return self.everyone if found else self.nobody
        return found if found.shape == self.everyone.shape else self.everyone & found

    def holds(self, i: int, asked: Expression) -> Any:
        """For whom a condition of node ``i`` is true."""
        seen = Seen(self, i)
        return self.truth(asked.arrays(seen, self.xp) if isinstance(asked, Script) else asked(seen))

    def running(self, i: int, mask: Any) -> Any:
        """Those of ``mask`` for whom node ``i`` is running."""
        return mask & (self.status[i] == int(RUNNING))

    def remember(self, i: int, mask: Any, value: Any) -> None:
        """Put a value into the memory of node ``i``."""
        self.memory[i] = self.chosen(mask, value, self.memory[i])

    def react(self, i: int, key: str, mask: Any) -> None:
        """Run a reaction of node ``i``, which is a script, for those of ``mask``."""
        reaction = self.plan.nodes[i].when.get(key)
        if isinstance(reaction, Script):
            reaction.arrays(Seen(self, i, mask), self.xp)

    def write(self, i: int, mask: Any, written: Mapping[str, Any]) -> None:
        """Write what a pure action gives."""
        seen = Seen(self, i, mask)
        for key, value in written.items():
            seen[key] = value

    def turn(self, i: int, mask: Any) -> Any:
        """Tick node ``i`` for those of ``mask``, and note what it gives."""
        when = self.plan.nodes[i].when
        result = self._conditioned(i, mask) if when else self.layout.rules[i](self, i, mask)
        self.status[i] = self.chosen(mask, result, self.status[i])
        return result

    def _conditioned(self, i: int, mask: Any) -> Any:
        when = self.plan.nodes[i].when
        running, asked, result = self.running(i, mask), mask, self.full(SKIPPED)
        for key, outcome in OUTCOMES:
            if key in when:
                met = asked & ~running & self.holds(i, when[key])
                result = self.chosen(met, int(outcome), result)
                asked = asked & ~met
        if "while_" in when:
            left = asked & ~self.holds(i, when["while_"])
            self.halt(i, left & running)
            asked = asked & ~left
        result = self.chosen(asked, self.layout.rules[i](self, i, asked), result)
        for key, status in (("on_success", SUCCESS), ("on_failure", FAILURE)):
            done = asked & (result == int(status))
            self.react(i, key, done)
            self.react(i, "post", done)
        return result

    def halt(self, top: int, mask: Any) -> None:
        """Halt what runs at and below ``top``, the last first."""
        for i in range(self.plan.ends[top] - 1, top - 1, -1):
            if RUNNING in self.layout.gives[i]:
                stopped = self.running(i, mask)
                self.status[i] = self.chosen(stopped, int(IDLE), self.status[i])
                memory = self.memory[i]
                if isinstance(memory, tuple):
                    self.memory[i] = tuple([self.chosen(stopped, 0, each) for each in memory])
                elif memory is not None:
                    self.remember(i, stopped, 0)
                halted = getattr(self.plan.nodes[i], "mark", None)
                if halted is not None and halted.halted is not None:
                    self.write(i, stopped, halted.halted(Seen(self, i), self.xp))
                self.react(i, "on_halted", stopped)


def gives(plan: Plan) -> list[frozenset[Status]]:
    """The statuses that each node may give: what cannot be needs no arrays."""
    found = [EVERY] * len(plan)
    for i in reversed(range(len(plan))):
        node = plan.nodes[i]
        if not node.when and node.kind in DONE:
            found[i] = frozenset({SUCCESS, FAILURE})
        elif not node.when and node.kind in PASSING:
            found[i] = frozenset({SUCCESS, FAILURE}).union(*(found[child] for child in plan.children[i]))
    return found
