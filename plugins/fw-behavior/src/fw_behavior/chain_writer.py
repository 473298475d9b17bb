"""Writes Sequence and Selector for the compiled engine: the part of it that has to be fast."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from fw_behavior.leaves import ActionNode
from fw_behavior.plan import Plan
from fw_behavior.rows import Row, asks

BLOCK = 4
"""Children of a chain that are stepped over by one comparison when it goes on in the middle."""


class ChainWriter(ABC):
    """Lines of Python, each with the node that wrote it in ``places``, and the two kinds made of children in a row.

    A line that stands for whichever child of chain ``i`` has its turn is of node ``-1 - i``.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.places: list[int] = []
        self._lines: list[str] = []
        self._indent = 1
        self._node = 0
        self._views: list[str] = []
        self.resumes = False
        self.shared: dict[str, Any] = {}
        """What is the same for all trees of the plan: globals, which cost a call of the function nothing."""

    def _line(self, *lines: str, indent: int | None = None) -> None:
        for line in lines:
            self._lines.append("    " * (self._indent if indent is None else indent) + line)
            self.places.append(self._node)

    @abstractmethod
    def _node_lines(self, i: int, depth: int) -> None:
        """Write one node into the current function."""

    def _chain(self, i: int, go: str, depth: int) -> None:
        args, children = self.plan.nodes[i].args, self.plan.children[i]
        if len(children) > 1 and all(self._plain(child) for child in children):
            self._row(i, go)
            return
        index = ("ke" if args.get("keep") else "me") if args["memory"] else ""
        indent = self._indent
        self._line(f"k{i} = 0")
        if index:
            self._line(f"p{i} = {index}[{i}] or None")  # to ask for None costs less than to compare numbers
        self._line("while True:")
        base = self._indent + 1
        for at, child in enumerate(children):
            self._indent = base
            if index:
                if len(children) > BLOCK:
                    if at % BLOCK == 0:
                        self._line(f"if p{i} is None or p{i} < {at + BLOCK}:")
                    self._indent += 1
                if at < len(children) - 1:
                    self._line(f"if p{i} is None or p{i} <= {at}:")
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

    def _row(self, i: int, go: str) -> None:
        """A chain of leaves: one comparison for each that lets it go on."""
        row = Row(self.plan, i)
        self.shared[f"w{i}"] = row
        children, indent = self.plan.children[i], self._indent
        if row.memory:
            self._go_on(i, row)
        self._line("while True:")  # once: it is what a break leaves
        self._indent += 1
        for at, child in enumerate(children):
            self._node = child
            word, ask = "elif" if at else "if", f"c{child}({self._views[child]})"
            if at in row.asking:
                stops, outcome = (f"not {ask}", "F") if go == "S" else (ask, "S")
                self._line(f"{word} {stops}: s = {outcome}; p{i} = {at}")
            else:
                passing = ("S", "None", "True") if go == "S" else ("F", "False")
                stops = " and ".join(f"s is not {each}" for each in passing).replace("s is", f"(s := {ask}) is", 1)
                self._line(f"{word} {stops}: p{i} = {at}")
        self._node = i
        self._line("else:", f"    if g[{i}] != {row.count}: w{i}.settle(machine, {row.count})", f"    s = {go}")
        self._line("    break" if row.memory else f"    me[{i}] = 0; break")
        self._row_stops(i, row, "F" if go == "S" else "S")
        self._line("break")
        self._indent = indent
        self._line(f"st[{i}] = s")

    def _row_stops(self, i: int, row: Row, other: str) -> None:
        """What is done where a child of a chain of leaves does not let it go on."""
        self._line(f"if p{i} != g[{i}]: w{i}.settle(machine, p{i})")
        for word, status in (("if", other), ("elif", "R")):
            self._line(f"{word} s is {status}:", f"    st[{row.first} + p{i}] = s")
            if row.keep:
                self._line(f"    ke[{i}] = p{i}")
            elif not row.memory:
                self._line(f"    if me[{i}]: w{i}.leave(machine, p{i})")
                self._line(f"    me[{i}] = {f'p{i} + 1' if status == 'R' else 0}")
            elif status == "R":
                self._line(f"    me[{i}] = p{i}")
        self._line("else:")
        self._indent += 1
        self._onward(i)
        self._indent -= 1

    def _onward(self, i: int) -> None:
        self._line(f"s = w{i}.onward(machine, p{i}, s)")

    def _go_on(self, i: int, row: Row) -> None:
        """Going on in the middle of a chain of leaves; what follows is written inside its ``else``."""
        index = "ke" if row.keep else "me"
        here = f"{row.first} + p{i}"
        self._line(f"p{i} = {index}[{i}]", f"if p{i}:")
        self._indent += 1
        self._node = -1 - i
        self._line(f"s = C[{here}](V[{here}])")
        self._node = i
        # Only with `keep` is it a condition's turn again.
        quick = f" and p{i} not in w{i}.asking" if row.keep and row.asking else ""
        self._line(f"if s is R{quick}:", f"    st[{here}] = R")
        if self._resumable(i):
            self._line(f"    machine.resumed = {here}", f"    machine.begin_with(C[{here}])")
            self.resumes = True
        self._line("else:")
        self._indent += 1
        self._onward(i)
        self._indent -= 2
        self._line("else:")
        self._indent += 1

    def _resumable(self, i: int) -> bool:
        """Whether a tick that finds a child of this chain running comes to it for sure, and ends with it if it still
        is; with the blackboard as the root sees it.
        """
        if any(self._views[child] != "v0" for child in self.plan.children[i]):
            return False
        while i >= 0:
            node = self.plan.nodes[i]
            if node.kind not in {"Sequence", "Selector"} or not node.args["memory"] or node.when:
                return False
            i = self.plan.parents[i]
        return True

    def _asks(self, i: int) -> bool:
        return asks(self.plan.nodes[i])

    def _plain(self, i: int) -> bool:
        """Whether the node is a leaf that is just called."""
        node = self.plan.nodes[i]
        return not node.children and not node.when and (isinstance(node, ActionNode) or self._asks(i))
