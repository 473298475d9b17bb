"""The compiled engine: a tree as one Python function. Frequent kinds are written out in it, rare ones are called as objects.

The source is made once for a plan; each running tree gets closures of it over arrays of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from fw_behavior.decorators import Mapped
from fw_behavior.engine import run_of
from fw_behavior.leaves import ActionNode, ConditionNode, Leaf
from fw_behavior.machine import Machine, status_of
from fw_behavior.node import Node
from fw_behavior.objects import Tick
from fw_behavior.plan import Plan
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS

FILE = "<compiled behaviour tree"
DEEPEST = 10
"""Nodes written into each other; deeper ones become functions of their own (Python nests at most 20 loops and 100 indents)."""
BLOCK = 4
"""Children of a chain that are stepped over by one comparison when it goes on in the middle."""
NAMES = {"S": SUCCESS, "F": FAILURE, "R": RUNNING, "K": SKIPPED, "status_of": status_of}
INLINE = frozenset(
    {"Convert", "ForceFailure", "ForceSuccess", "Guard", "Inverter", "KeepRunningUntilFailure", "Repeat", "Retry"}
    | {"Selector", "Sequence", "SubTree"}
)

_codes: WeakKeyDictionary[Plan, tuple[CodeType, list[int]]] = WeakKeyDictionary()


def build(machine: Machine) -> Tick:
    """The tick of the whole tree."""
    plan = machine.plan
    if plan not in _codes:
        writer = Writer(plan)
        _codes[plan] = (compile(writer.source(), f"{FILE} {plan.root.label}>", "exec"), writer.places)
    code, places = _codes[plan]
    names: dict[str, Any] = {**NAMES, "run_of": run_of, "PLACES": places}
    exec(code, names)  # noqa: S102 - written below, of numbers and constant text only
    make: Callable[[Machine], Tick] = names["make"]
    return make(machine)


def node_at(names: dict[str, Any], line: int, default: int) -> int:
    """The id of the node that wrote a line of compiled source."""
    places = names.get("PLACES", ())
    return places[line - 1] if 0 < line <= len(places) else default


class Writer:
    """Writes Python. Every piece leaves the node's status in ``s`` and in ``st[i]``."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.places: list[int] = []
        self._lines: list[str] = []
        self._indent = 1
        self._node = 0
        self._views: list[str] = []

    def source(self) -> str:
        """The source of ``make(machine)``."""
        self._lines, self.places = [], []
        self._line(
            "def make(machine):",
            "    st, me, ke, H = machine.status, machine.memory, machine.kept, machine.halt",
            "    C, V, N = machine.calls, machine.views, machine.plan.nodes",
            indent=0,
        )
        for i, node in enumerate(self.plan.nodes):
            self._node = i
            self._declare(i, node)
        self._node = 0
        top = self._function(0)
        self._line(f"return {top}")
        return "\n".join(self._lines)

    def _line(self, *lines: str, indent: int | None = None) -> None:
        for line in lines:
            self._lines.append("    " * (self._indent if indent is None else indent) + line)
            self.places.append(self._node)

    def _declare(self, i: int, node: Node) -> None:
        if isinstance(node, Leaf):
            self._line(f"c{i} = C[{i}]")
        if node.kind == "Guard":
            self._line(f"c{i} = N[{i}].args['condition']")
        same = i > 0 and node.kind != "SubTree" and not node.args.get("ports")
        self._views.append(self._views[self.plan.parents[i]] if same else f"v{i}")
        if not same:
            self._line(f"v{i} = V[{i}]")
        for key in node.when:
            self._line(f"{key.strip('_')}{i} = N[{i}].when[{key!r}]")

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
        self._line(f"def n{i}(S=S, F=F, R=R, K=K, st=st, me=me):")
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
                self._line(f"if st[{i}] is not R and {key}{i}({self._views[i]}):", f"    s = st[{i}] = {outcome}", "else:")
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
        elif isinstance(node, ConditionNode) or node.kind == "ScriptCondition":
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

    def _chain(self, i: int, go: str, depth: int) -> None:
        args, children = self.plan.nodes[i].args, self.plan.children[i]
        index = ("ke" if args.get("keep") else "me") if args["memory"] else ""
        flat = bool(index) and len(children) > 1 and all(self._plain(child) for child in children)
        indent = self._indent
        self._line(f"k{i} = 0")
        if index:
            self._line(f"p{i} = {index}[{i}]")
        if flat:
            self._go_on(i, go, index)
        self._line("while True:")
        base = self._indent + 1
        for at, child in enumerate(children):
            self._indent = base
            if index and not flat:
                if len(children) > BLOCK:
                    if at % BLOCK == 0:
                        self._line(f"if p{i} < {at + BLOCK}:")
                    self._indent += 1
                if at < len(children) - 1:
                    self._line(f"if p{i} <= {at}:")
                    self._indent += 1
            self._turn(i, at, child, go, depth)
        self._indent = base
        self._line(f"if p{i}: {index}[{i}] = 0" if index else f"me[{i}] = 0")
        self._line(f"s = K if k{i} and k{i} == {len(children)} else {go}", "break")
        self._indent = indent
        self._line(f"st[{i}] = s")

    def _turn(self, i: int, at: int, child: int, go: str, depth: int) -> None:
        """One child, and what follows from it."""
        if self._asks(child) and not self.plan.nodes[child].when:
            other = "F" if go == "S" else "S"
            self._node = child
            ask = f"c{child}({self._views[child]})"
            self._line(f"if {ask if go == 'S' else f'not {ask}'}: st[{child}] = {go}", "else:")
            self._indent += 1
            self._line(f"s = st[{child}] = {other}")
            self._node = i
        else:
            if self._plain(child):
                self._node = child
                self._line(f"s = st[{child}] = c{child}({self._views[child]})")
            else:
                self._node_lines(child, depth + 1)
            self._node = i
            self._line(f"if s is not {go}:")
            self._indent += 1
            if self._plain(child):
                self._node = child
                self._line(f"if s is not F and s is not R and s is not S: s = st[{child}] = status_of(s)")
                self._node = i
            self._line("if s is K:", f"    k{i} += 1", f"elif s is not {go}:")
            self._indent += 1
        self._stop(i, at)

    def _stop(self, i: int, at: int) -> None:
        """Leave a chain at one child."""
        args, children = self.plan.nodes[i].args, self.plan.children[i]
        if not args["memory"]:
            self._line(
                f"b = me[{i}]",
                f"if b and b != {at + 1} and st[{children}[b - 1]] is R: H({children}[b - 1])",
                f"me[{i}] = {at + 1} if s is R else 0",
            )
        elif args.get("keep"):
            self._line(f"ke[{i}] = {at}")
        elif at:
            self._line(f"me[{i}] = {at} if s is R else 0")
        self._line("break")

    def _go_on(self, i: int, go: str, index: str) -> None:
        """Going on in the middle of a chain of leaves, as a loop: no comparison for each leaf that is stepped over."""
        children = self.plan.children[i]
        asking = tuple(at for at, child in enumerate(children) if self._asks(child))
        here = f"{children[0]} + p{i}"
        stay = f"p{i}" if index == "ke" else f"p{i} if s is R else 0"
        self._line(f"while p{i}:", f"    s = C[{here}](V[{here}])")
        if asking:
            self._line(f"    if p{i} in {asking}: s = S if s else F")
        self._line(
            "    if s is not S and s is not F and s is not R: s = status_of(s)",
            f"    st[{here}] = s",
            "    if s is K:",
            f"        k{i} += 1",
            f"    elif s is not {go}:",
            f"        {index}[{i}] = {stay}",
            "        break",
            f"    p{i} += 1",
            f"    if p{i} == {len(children)}:",
            f"        {index}[{i}] = 0",
            f"        s = {go}",
            "        break",
            "else:",
        )
        self._indent += 1

    def _asks(self, i: int) -> bool:
        node = self.plan.nodes[i]
        return isinstance(node, ConditionNode) or node.kind == "ScriptCondition"

    def _plain(self, i: int) -> bool:
        """Whether the node is a leaf that is just called."""
        node = self.plan.nodes[i]
        return not node.children and not node.when and (isinstance(node, ActionNode) or self._asks(i))

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
        self._line(f"if {once}not c{i}({self._views[i]}):", f"    if st[{i}] is R: H({child})", f"    s = {other}", "else:")
        self._indent += 1
        self._child(i, depth)
        self._indent -= 1
        self._line(f"st[{i}] = s")
