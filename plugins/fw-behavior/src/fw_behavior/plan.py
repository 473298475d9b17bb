"""`Plan`: a definition laid out in arrays, by node id: parents first, so that a subtree is a range of ids."""

from __future__ import annotations

from typing import Any

from fw_behavior.blackboard import Blackboard, suits
from fw_behavior.decorators import SubTree
from fw_behavior.errors import BadTree, WrongType
from fw_behavior.leaves import ActionNode, ConditionNode, UserLeaf, mark_of
from fw_behavior.node import Expression, Node
from fw_behavior.scope import Board, Inherited, Scope
from fw_behavior.script import Script


class Plan:
    """``nodes``, ``children``, ``parents`` (-1 for the root), ``ends`` (one past the last id below), ``depths``,
    ``paths``.

    A path is the names from the root, parted by ``/``; among siblings of one name the second is ``name#2``.
    ``reads`` are the keys whose change can change what a tick does; None where some node has not said.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.nodes: list[Node] = []
        self.children: list[tuple[int, ...]] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        self.paths: list[str] = []
        self._add(root, -1, root.label)
        self.depths = [0] * len(self.nodes)
        for i in range(1, len(self.nodes)):
            self.depths[i] = self.depths[self.parents[i]] + 1
        self.ids = {path: i for i, path in enumerate(self.paths)}
        self.timed = [i for i, node in enumerate(self.nodes) if node.timed]
        self.reads: frozenset[str] | None = self._reads()

    def __len__(self) -> int:
        return len(self.nodes)

    def _add(self, node: Node, parent: int, path: str) -> int:
        here = len(self.nodes)
        self.nodes.append(node)
        self.parents.append(parent)
        self.paths.append(path)
        self.children.append(())
        self.ends.append(0)
        names = zip(node.children, child_names(node), strict=True)
        self.children[here] = tuple([self._add(child, here, f"{path}/{name}") for child, name in names])
        self.ends[here] = len(self.nodes)
        return here

    def id_of(self, path: str) -> int:
        """The id of the node at ``path``."""
        if path not in self.ids:
            raise BadTree(path, "There is no such node.", f"There are: {', '.join(self.paths[:20])}.")
        return self.ids[path]

    def views(self, board: Blackboard) -> list[Board]:
        """The blackboard as each node sees it."""
        inside: list[Board] = [board] * len(self)
        for i, node in enumerate(self.nodes):
            outer = inside[self.parents[i]] if i else board
            if isinstance(node, SubTree):
                inside[i] = _scope(board, outer, node, self.paths[i])
            elif isinstance(node, UserLeaf) and node.args["ports"]:
                inside[i] = _ports(board, outer, node, self.paths[i])
            else:
                inside[i] = outer
        return inside

    def _reads(self) -> frozenset[str] | None:
        found: set[str] = set()
        probe = Blackboard()
        for view, node in zip(self.views(probe), self.nodes, strict=True):
            keys = _declared(node)
            if keys is None:
                return None
            found |= {view.name(key) if isinstance(view, Scope) else key.removeprefix("@") for key in keys}
        return frozenset(found)


def child_names(node: Node) -> list[str]:
    """What paths call the children of a node."""
    seen: dict[str, int] = {}
    found = []
    for child in node.children:
        seen[child.label] = count = seen.get(child.label, 0) + 1
        found.append(f"{child.label}#{count}" if count > 1 else child.label)
    return found


def _declared(node: Node) -> set[str] | None:
    """Keys that a node reads to decide something; None: it has not said."""
    found: set[str] = set()
    expressions: list[Expression] = list(node.expressions)
    for asked in expressions:
        keys = asked.reads if isinstance(asked, Script) else mark_of(asked).reads
        if keys is None:
            return None
        found |= keys
    if isinstance(node, ConditionNode) or (isinstance(node, ActionNode) and not node.is_async):
        keys = node.mark.reads
        if keys is None:
            return None if isinstance(node, ConditionNode) else found
        found |= keys
    for name in ("key", "queue"):
        if isinstance(node.args.get(name), str) and node.kind in {"Switch", "Loop", "Updated"}:
            found.add(str(node.args[name]))
    return found


def references(ports: dict[str, Any], outer: Board) -> tuple[dict[str, str], dict[str, Any]]:
    """Ports as names of the root, and as constants."""
    names, constants = {}, {}
    for port, value in ports.items():
        if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
            key = port if value == "{=}" else value[1:-1]
            names[port] = outer.name(key) if isinstance(outer, Scope) else key.removeprefix("@")
        else:
            constants[port] = value
    return names, constants


def _scope(board: Blackboard, outer: Board, node: SubTree, path: str) -> Scope:
    names, constants = references(node.args["ports"], outer)
    if node.args["autoremap"]:
        return Inherited(board, outer, names, constants)
    return Scope(board, f"{path}/", names, constants)


def _ports(board: Blackboard, outer: Board, node: UserLeaf, path: str) -> Scope:
    names, constants = references(node.args["ports"], outer)
    types = node.mark.ports
    if types and (unknown := sorted(node.args["ports"].keys() - types.keys())):
        raise BadTree(path, f"It has no port {unknown[0]!r}.", f"It has {', '.join(types)}.")
    constants = {port: typed(port, value, types.get(port)) for port, value in constants.items()}
    checked = {port: types[port] for port in names if port in types}
    return Ports(board, outer, names, constants, checked) if checked else Inherited(board, outer, names, constants)


class Ports(Inherited):
    """What a leaf sees whose ports have types: what comes through them is checked, text is converted."""

    __slots__ = ("_types",)

    def __init__(
        self, root: Blackboard, outer: Board, names: dict[str, str], literals: dict[str, Any], types: dict[str, type]
    ) -> None:
        super().__init__(root, outer, names, literals)
        self._types = types

    def __getitem__(self, key: str) -> Any:
        value, wanted = super().__getitem__(key), self._types.get(key)
        if isinstance(value, str):
            return typed(key, value, wanted)
        if wanted is not None and not suits(value, wanted):
            raise WrongType(key, value, wanted)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        wanted = self._types.get(key)
        if wanted is not None and not suits(value, wanted):
            raise WrongType(key, value, wanted)
        super().__setitem__(key, value)

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or ``default`` where nobody wrote one."""
        return self[key] if key in self else default  # noqa: SIM401 - this is that method


def typed(port: str, value: Any, wanted: type | None) -> Any:
    """A constant as the type of its port; text is converted as a person would read it."""
    if wanted is None or suits(value, wanted):
        return value
    if isinstance(value, str) and wanted is bool and value.lower() in {"true", "false", "1", "0"}:
        return value.lower() in {"true", "1"}
    try:
        if wanted is bool:
            raise ValueError(value)
        return wanted(value)
    except (TypeError, ValueError):
        raise WrongType(port, value, wanted) from None
