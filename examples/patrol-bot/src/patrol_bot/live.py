"""`LiveTrees`: behaviour trees that follow a file while they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from fw_behavior import BehaviorTree, Node
from fw_behavior.btcpp import from_xml
from fw_behavior.errors import BehaviorError
from fw_behavior.plan import Plan
from fw_environment import Environment, Pawn
from patrol_bot.leaves import leaves_of
from patrol_bot.yard import Bot

Leaves = Mapping[str, Callable[..., Any]]


class LiveTrees:
    """Makes trees of a file, and, when the file has changed, swaps in them the smallest subtree that holds all changes.

    What a change does not touch goes on where it stood. A file that cannot be read changes nothing: ``tell`` hears why.
    """

    def __init__(self, file: Path, tell: Callable[[str], object]) -> None:
        self._file = file
        self._tell = tell
        self._stamp = self._stamped()
        self._text = file.read_text("utf-8")
        self._trees: list[tuple[BehaviorTree, Leaves]] = []

    def tree(self, pawn: Pawn) -> BehaviorTree:
        """A tree for a bot; give this method to a `TreeController`."""
        leaves = leaves_of(cast("Bot", pawn))
        made = BehaviorTree(from_xml(self._text, leaves).root)
        self._trees.append((made, leaves))
        return made

    def watch(self, env: Environment) -> None:
        """Look whether the file has changed: for `env.watchers`, so that a swap falls between two steps."""
        if (stamp := self._stamped()) == self._stamp:
            return
        self._stamp = stamp
        try:
            text = self._file.read_text("utf-8")
            roots = [from_xml(text, leaves).root for _, leaves in self._trees]
        except (BehaviorError, OSError, UnicodeDecodeError) as error:
            self._tell(f"{env.time:.2f} s: the tree stays as it was: {error}")
            return
        self._text = text
        swapped = ""
        for (tree, _), root in zip(self._trees, roots, strict=True):
            if root != tree.plan.root:
                swapped, node = changed(tree.plan, root)
                tree.swap(swapped, node)
        if swapped:
            self._tell(f"{env.time:.2f} s: {swapped} was changed")

    def _stamped(self) -> tuple[int, int, int] | None:
        # An editor that replaces the file may leave a moment in which there is none.
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def changed(plan: Plan, root: Node) -> tuple[str, Node]:
    """The path of the smallest subtree outside of which nothing differs, and what is there in the new tree."""
    here, new = 0, root
    while True:
        old = plan.nodes[here]
        alike = (type(old), old.name, old.args, old.when) == (type(new), new.name, new.args, new.when)
        pairs = list(zip(plan.children[here], new.children, strict=False))
        differing = [(child, other) for child, other in pairs if plan.nodes[child] != other]
        if not alike or len(old.children) != len(new.children) or len(differing) != 1:
            return plan.paths[here], new
        here, new = differing[0]
