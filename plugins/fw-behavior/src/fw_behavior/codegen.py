"""The compiled engine: a tree as one Python function. Frequent kinds are written out in it, rare ones are called as
objects.

The source is made once for a plan; each running tree gets closures of it over arrays of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from fw_behavior.chain_writer import ChainWriter
from fw_behavior.decorators import Mapped
from fw_behavior.engine import run_of
from fw_behavior.leaves import ActionNode, Leaf
from fw_behavior.machine import Machine, shared_call, status_of
from fw_behavior.node import Node
from fw_behavior.objects import Tick
from fw_behavior.plan import Plan
from fw_behavior.rows import Row, asks
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS

FILE = "<compiled behaviour tree"
DEEPEST = 10
"""Nodes written into each other; deeper ones become functions of their own (Python nests at most 20 loops and 100
indents).
"""
NAMES = {"S": SUCCESS, "F": FAILURE, "R": RUNNING, "K": SKIPPED, "status_of": status_of}
INLINE = frozenset(
    {"Convert", "ForceFailure", "ForceSuccess", "Guard", "Inverter", "KeepRunningUntilFailure", "Repeat", "Retry"}
    | {"Selector", "Sequence", "SubTree"}
)

_makers: WeakKeyDictionary[Plan, Callable[[Machine], Tick]] = WeakKeyDictionary()
"""One for each plan: trees of a plan share code and globals, so that Python's inline caches hold for all of them."""


def build(machine: Machine) -> Tick:
    """The tick of the whole tree."""
    make = _makers.get(machine.plan)
    if make is None:
        make = _makers[machine.plan] = _maker(machine.plan)
    return make(machine)


def _maker(plan: Plan) -> Callable[[Machine], Tick]:
    writer = Writer(plan)
    code = compile(writer.source(), f"{FILE} {plan.root.label}>", "exec")
    names: dict[str, Any] = {**NAMES, **writer.shared, "run_of": run_of, "PLACES": writer.places}
    exec(code, names)  # noqa: S102 - written below, of numbers and constant text only
    made: Callable[[Machine], Tick] = names["make"]
    return made


def node_at(frame: FrameType, line: int, default: int) -> int:
    """The id of the node that wrote a line of compiled source."""
    places = frame.f_globals.get("PLACES", ())
    found: int = places[line - 1] if 0 < line <= len(places) else default
    if found < 0:
        chain = -1 - found
        found = chain + 1 + frame.f_locals[f"p{chain}"]
    return found


def noted(frame: FrameType, line: int, machine: Machine) -> None:
    """Note what the children of a chain gave before the one raised that wrote this line."""
    places = frame.f_globals.get("PLACES", ())
    child = places[line - 1] if 0 < line <= len(places) else -1
    row = frame.f_globals.get(f"w{machine.plan.parents[child]}") if child > 0 else None
    if isinstance(row, Row):
        row.raised(machine, child)


class Writer(ChainWriter):
    """Writes Python. Every piece leaves the node's status in ``s`` and in ``st[i]``."""

    def source(self) -> str:
        """The source of ``make(machine)``."""
        self._lines, self.places = [], []
        self._line(
            "def make(machine):",
            "    st, me, ke, H = machine.status, machine.memory, machine.kept, machine.halt",
            "    C, V, g = machine.calls, machine.views, machine.lead",
            indent=0,
        )
        for i, node in enumerate(self.plan.nodes):
            self._node = i
            self._declare(i, node)
        self._node = 0
        top = self._function(0)
        self._line(f"machine.resumes = {self.resumes}", f"return {top}")
        return "\n".join(self._lines)

    def _declare(self, i: int, node: Node) -> None:
        same = i > 0 and node.kind != "SubTree" and not node.args.get("ports")
        self._views.append(self._views[self.plan.parents[i]] if same else f"v{i}")
        if not same:
            self._line(f"v{i} = V[{i}]")
        call = shared_call(node)
        if node.kind == "Guard":
            call = node.args["condition"]
        if call is not None:
            self.shared[f"c{i}"] = call
        elif isinstance(node, Leaf):
            self._line(f"c{i} = C[{i}]")
        for key, expression in node.when.items():
            self.shared[f"{key.strip('_')}{i}"] = expression

    def _function(self, i: int) -> str:
        """Write the node as a function; its name."""
        before = self._indent, self._node
        inner = self._writes_itself(i)
        if not inner:
            parts = "".join(f"{self._function(child)}, " for child in self.plan.children[i])
            self._node = i
            self._line(f"n{i} = run_of(machine, {i}, ({parts}))")
            return f"n{i}"
        for child in self._deferred(i, 0):
            self._function(child)
        self._node = i
        self._line(f"def n{i}(v0=v0, S=S, F=F, R=R, K=K, st=st, me=me, g=g):")
        self._indent += 1
        self._node_lines(i, 0)
        self._node = i
        self._line("return s")
        self._indent, self._node = before
        return f"n{i}"

    def _writes_itself(self, i: int) -> bool:
        node = self.plan.nodes[i]
        return node.kind in INLINE or (isinstance(node, Leaf) and node.kind != "Sleep")

    def _deferred(self, i: int, depth: int) -> list[int]:
        """The nodes below that become functions of their own, because of their kind or depth."""
        found = []
        for child in self.plan.children[i]:
            if not self._writes_itself(child) or (depth + 1 >= DEEPEST and self.plan.children[child]):
                found.append(child)
            else:
                found += self._deferred(child, depth + 1)
        return found

    def _node_lines(self, i: int, depth: int) -> None:
        node = self.plan.nodes[i]
        self._node = i
        if depth and (not self._writes_itself(i) or (depth >= DEEPEST and node.children)):
            self._line(f"s = n{i}()")
            return
        if not node.when:
            self._bare(i, node, depth)
            return
        indent = self._indent
        for key, outcome in (("failure_if", "F"), ("success_if", "S"), ("skip_if", "K")):
            if key in node.when:
                self._line(
                    f"if st[{i}] is not R and {key}{i}({self._views[i]}):", f"    s = st[{i}] = {outcome}", "else:"
                )
                self._indent += 1
        if "while_" in node.when:
            self._line(
                f"if not while{i}({self._views[i]}):", f"    if st[{i}] is R: H({i})", f"    s = st[{i}] = K", "else:"
            )
            self._indent += 1
        self._bare(i, node, depth)
        self._node = i
        for key, status in (("on_success", "S"), ("on_failure", "F")):
            calls = [f"{name}{i}({self._views[i]})" for name in (key, "post") if name in node.when]
            if calls:
                self._line(f"if s is {status}: {'; '.join(calls)}")
        self._indent = indent

    def _bare(self, i: int, node: Node, depth: int) -> None:
        if node.kind == "Sequence":
            self._chain(i, "S", depth)
        elif node.kind == "Selector":
            self._chain(i, "F", depth)
        elif isinstance(node, Mapped):
            self._child(i, depth)
            self._mapped(i, node)
        elif node.kind == "SubTree":
            self._child(i, depth)
            self._line(f"st[{i}] = s")
        elif node.kind in {"Repeat", "Retry"}:
            self._count(i, node, depth)
        elif node.kind == "Guard":
            self._guard(i, node, depth)
        elif asks(node):
            self._line(f"s = st[{i}] = S if c{i}({self._views[i]}) else F")
        elif node.kind in {"AlwaysSuccess", "AlwaysFailure"}:
            self._line(f"s = st[{i}] = {'S' if node.kind == 'AlwaysSuccess' else 'F'}")
        else:
            self._line(f"s = c{i}({self._views[i]})")
            if isinstance(node, ActionNode):
                self._line("if s is not S and s is not F and s is not R: s = status_of(s)")
            self._line(f"st[{i}] = s")

    def _child(self, i: int, depth: int) -> None:
        self._node_lines(self.plan.children[i][0], depth + 1)
        self._node = i

    def _mapped(self, i: int, node: Mapped) -> None:
        letters = {FAILURE: "F", SUCCESS: "S", RUNNING: "R", SKIPPED: "K"}
        word = "if"
        for given, result in zip((FAILURE, SUCCESS, RUNNING, SKIPPED), node.mapping(), strict=True):
            if given is not result:
                halts = f"; H({self.plan.children[i][0]})" if given is RUNNING else ""
                again = "; machine.again = True" if result is RUNNING else ""
                self._line(f"{word} s is {letters[given]}: s = {letters[result]}{halts}{again}")
                word = "elif"
        self._line(f"st[{i}] = s")

    def _count(self, i: int, node: Node, depth: int) -> None:
        times, again = node.args["times"], "S" if node.kind == "Repeat" else "F"
        indent = self._indent
        self._line(f"p{i} = me[{i}]", f"while {'True' if times < 0 else f'p{i} < {times}'}:")
        self._indent += 1
        self._child(i, depth)
        self._line("if s is R:", f"    me[{i}] = p{i}", "    break", f"if s is not {again}:", f"    me[{i}] = 0")
        self._line("    break")
        if times < 0:
            self._line("machine.again = True", f"me[{i}] = 0", "s = R", "break")
        else:
            self._line(f"p{i} += 1")
        self._indent = indent
        self._line("else:", f"    me[{i}] = 0", f"    s = {again}", f"st[{i}] = s")

    def _guard(self, i: int, node: Node, depth: int) -> None:
        once = f"st[{i}] is not R and " if node.args["once"] else ""
        child = self.plan.children[i][0]
        other = {FAILURE: "F", SUCCESS: "S", RUNNING: "R", SKIPPED: "K"}[node.args["otherwise"]]
        self._line(
            f"if {once}not c{i}({self._views[i]}):", f"    if st[{i}] is R: H({child})", f"    s = {other}", "else:"
        )
        self._indent += 1
        self._child(i, depth)
        self._indent -= 1
        self._line(f"st[{i}] = s")
