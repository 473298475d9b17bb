"""BehaviorTree.CPP's XML, format 4, in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fw_behavior.decorators import SubTree
from fw_behavior.elements import Element, parse
from fw_behavior.errors import BadText, Unsupported, nearest
from fw_behavior.kinds import Catalog, Leaves, made
from fw_behavior.leaves import UserLeaf
from fw_behavior.node import Node
from fw_behavior.subtree_models import Ports, given_ports, leave_out, subtree_ports
from fw_behavior.xml_kinds import TAGS, WHEN, Attribute, code

EXPLICIT = frozenset({"Action", "Condition", "Control", "Decorator"})
SECTIONS = frozenset({"BehaviorTree", "TreeNodesModel", "include"})


@dataclass
class Document:
    """An XML file: its trees by id, in order, which of them is the main one, and the models of nodes it declares."""

    trees: dict[str, Node]
    main: str
    models: list[Element] = field(default_factory=list)

    @property
    def root(self) -> Node:
        """The main tree; its subtrees are inside."""
        return self.trees[self.main]


def from_xml(
    text: str,
    leaves: Leaves = (),
    *,
    constants: Mapping[str, Any] | None = None,
    include: Callable[[str], str] | None = None,
) -> Document:
    """Read a file. BadText names what is unknown, and its line.

    A tag that is no kind of node is a leaf of ``leaves``, or one that the file's TreeNodesModel declares.
    ``constants`` are
    names that scripts may use for values. ``include`` gives the text of a file that is included.
    """
    return Reader(Catalog(leaves, constants), include).document(text)


class Reader:
    """Reads one file and what it includes."""

    def __init__(self, catalog: Catalog, include: Callable[[str], str] | None) -> None:
        self._catalog = catalog
        self._include = include
        self._elements: dict[str, Element] = {}
        self._models: list[Element] = []
        self._kinds: dict[str, str] = {}
        self._ports: dict[str, Ports] = {}
        self._open: list[str] = []
        self._included: set[str] = set()

    def document(self, text: str) -> Document:
        """All trees of the file."""
        root = parse(text)
        if root.tag != "root":
            raise BadText(f"The outermost element is <{root.tag}>.", root.line, "It has to be <root>.")
        if root.attributes.get("BTCPP_format", "4") != "4":
            raise BadText(f"BTCPP_format is {root.attributes['BTCPP_format']!r}.", root.line, "Only 4 is read.")
        self._only(root, {"BTCPP_format", "main_tree_to_execute"})
        self._collect(root)
        if not self._elements:
            raise BadText("There is no tree.", root.line, "Add a <BehaviorTree>.")
        main = root.attributes.get("main_tree_to_execute") or next(iter(self._elements))
        if main not in self._elements:
            raise BadText(f"There is no tree {main!r}.{nearest(main, self._elements)}", root.line, "Name one of them.")
        return Document({key: self._tree(key, root) for key in self._elements}, main, self._models)

    def _collect(self, root: Element) -> None:
        for element in root.children:
            if element.tag not in SECTIONS:
                raise BadText(f"<{element.tag}> stands outside a tree.", element.line, "Put it into a <BehaviorTree>.")
            if element.tag == "BehaviorTree":
                self._only(element, {"ID"})
                if len(element.children) != 1:
                    raise BadText(f"The tree has {len(element.children)} roots.", element.line, "It has to have one.")
                self._elements[element.attributes.get("ID", "BehaviorTree")] = element
            elif element.tag == "include":
                self._read_included(element)
            else:
                self._models += element.children
                self._kinds.update({model.attributes.get("ID", ""): model.tag for model in element.children})
                self._ports.update(subtree_ports(element.children))

    def _read_included(self, element: Element) -> None:
        path = element.attributes.get("path", "")
        self._only(element, {"path"})
        if self._include is None:
            raise BadText(f"{path!r} is included.", element.line, "Say with `include=` where its text comes from.")
        if path not in self._included:
            self._included.add(path)
            self._collect(parse(self._include(path)))

    def _only(self, element: Element, known: set[str]) -> None:
        for name in element.attributes.keys() - known:
            raise BadText(
                f"<{element.tag}> has no attribute {name!r}.{nearest(name, known)}",
                element.line,
                "Remove or correct it.",
            )

    def _tree(self, id: str, asked: Element) -> Node:
        if id not in self._elements:
            raise BadText(f"There is no tree {id!r}.{nearest(id, self._elements)}", asked.line, "Add or correct it.")
        if id in self._open:
            raise BadText(f"The tree {id!r} contains itself.", asked.line, "Trees are finite.")
        self._open.append(id)
        try:
            return self._node(self._elements[id].children[0])
        finally:
            self._open.pop()

    def _node(self, element: Element) -> Node:
        attributes = dict(element.attributes)
        tag = attributes.pop("ID", "") if element.tag in EXPLICIT else element.tag
        name = attributes.pop("name", "")
        when = {
            arg: self._catalog.script(attributes.pop(key), element.line)
            for key, arg in WHEN.items()
            if key in attributes
        }
        children = [self._node(child) for child in element.children]
        if tag == "SubTree":
            return self._subtree(element, attributes, name, when)
        if tag.startswith("Switch") and tag[6:].isdigit():
            return self._switch(element, attributes, children, name, when)
        if tag in TAGS:
            return self._known(element, tag, attributes, children, name, when)
        return self._leaf(element, tag, attributes, name, when)

    def _known(
        self,
        element: Element,
        tag: str,
        attributes: dict[str, str],
        children: list[Node],
        name: str,
        when: dict[str, Any],
    ) -> Node:
        known = TAGS[tag]
        args = dict(known.fixed)
        self._only(Element(tag, attributes, [], element.line), set(known.attributes))
        for key, attribute in known.attributes.items():
            if key in attributes:
                args[attribute.arg] = self._value(element, key, attribute, attributes[key])
            elif attribute.required:
                raise BadText(f"<{tag}> has no {key!r}.", element.line, "Add the attribute.")
        return made(known.kind, children, args, name, when, element.line)

    def _value(self, element: Element, key: str, attribute: Attribute, text: str) -> Any:
        try:
            return attribute.read(text, self._catalog, element.line)
        except (ValueError, KeyError) as error:
            if isinstance(error, BadText):
                raise
            raise BadText(
                f"{key}={text!r} of <{element.tag}> cannot be: {error}.", element.line, "Correct it."
            ) from error

    def _subtree(self, element: Element, attributes: dict[str, str], name: str, when: dict[str, Any]) -> Node:
        key = attributes.pop("ID", "")
        autoremap = attributes.pop("_autoremap", "false").lower() in {"true", "1"}
        self._no_private(element, attributes)
        ports = given_ports(element, attributes, self._ports.get(key, {}), autoremap)
        child = self._tree(key, element)
        return SubTree(child, key, ports=ports, autoremap=autoremap, name=name, **when)

    def _switch(
        self, element: Element, attributes: dict[str, str], children: list[Node], name: str, when: dict[str, Any]
    ) -> Node:
        count = int(element.tag[6:])
        cases = [f"case_{number}" for number in range(1, count + 1)]
        missing = {"variable", *cases} - attributes.keys()
        if missing:
            raise BadText(f"<{element.tag}> has no {min(missing)!r}.", element.line, "Add the attribute.")
        self._only(Element(element.tag, attributes, [], element.line), {"variable", *cases})
        if len(children) != count + 1:
            raise BadText(f"<{element.tag}> has {len(children)} children.", element.line, f"It takes {count + 1}.")
        key = attributes["variable"].removeprefix("{").removesuffix("}")
        args = {"key": key, "cases": [attributes[case] for case in cases]}
        return made("Switch", children, args, name, when, element.line)

    def _leaf(self, element: Element, id: str, attributes: dict[str, str], name: str, when: dict[str, Any]) -> Node:
        declared = element.tag if element.tag in EXPLICIT else self._kinds.get(id, "")
        if element.children or declared in {"Control", "Decorator"}:
            raise BadText(
                f"<{id}> is no kind of node that has children.{nearest(id, TAGS)}", element.line, "Correct it."
            )
        self._no_private(element, attributes)
        args = {"ports": attributes, "name": name, **when}
        if id in self._kinds and id not in self._catalog.leaves and not isinstance(self._catalog.leaves, Mapping):
            return Catalog({id}).leaf(id, declared, args, element.line)
        return self._catalog.leaf(id, declared, args, element.line)

    def _no_private(self, element: Element, attributes: dict[str, str]) -> None:
        for name in attributes:
            if name.startswith("_"):
                raise BadText(f"<{element.tag}> has {name!r}, which is not known.", element.line, f"Use {[*WHEN]}.")


def to_xml(document: Document | Node, main: str = "MainTree") -> str:
    """Write a file, every attribute in one order. `Unsupported` names what XML has no words for."""
    if isinstance(document, Node):
        document = Document({main: document}, main)
    trees = dict(document.trees)
    for tree in document.trees.values():
        for node in tree.walk():
            if isinstance(node, SubTree):
                trees.setdefault(node.args["id"], node.children[0])
    root = Element("root", {"BTCPP_format": "4", "main_tree_to_execute": document.main})
    root.children = [Element("BehaviorTree", {"ID": key}, [element_of(tree)]) for key, tree in trees.items()]
    leave_out(root, subtree_ports(document.models))
    if document.models:
        root.children.append(Element("TreeNodesModel", {}, document.models))
    return root.text()


def element_of(node: Node) -> Element:
    """One node and what is below it."""
    try:
        attributes = {key: code(node.when[arg]) for key, arg in WHEN.items() if arg in node.when}
        name = {"name": node.name} if node.name else {}
        if isinstance(node, SubTree):
            autoremap = {"_autoremap": "true"} if node.args["autoremap"] else {}
            ports = {key: str(value) for key, value in node.args["ports"].items()}
            return Element("SubTree", {"ID": node.args["id"], **name, **autoremap, **ports, **attributes})
        children = [element_of(child) for child in node.children]
        if isinstance(node, UserLeaf):
            ports = {key: str(value) for key, value in node.args["ports"].items()}
            return Element(node.args["id"], {**name, **ports, **attributes})
        if node.kind == "Switch":
            cases = {f"case_{place}": case for place, case in enumerate(node.args["cases"], 1)}
            key = f"{{{node.args['key']}}}"
            return Element(f"Switch{len(cases)}", {**name, "variable": key, **cases, **attributes}, children)
        tag, given = _tag_of(node)
        return Element(tag, {**name, **given, **attributes}, children)
    except TypeError as error:
        raise Unsupported(node.label, f"word for a function ({error})", "XML", "Use a script.") from error


def _tag_of(node: Node) -> tuple[str, dict[str, str]]:
    for tag, known in TAGS.items():
        if known.kind == node.kind and all(node.args[key] == value for key, value in known.fixed.items()):
            if node.kind == "Loop" and not _loops(tag, node.args["queue"]):
                continue
            given = {
                key: attribute.write(node.args[attribute.arg])
                for key, attribute in known.attributes.items()
                if attribute.default is None
                or node.args[attribute.arg] != attribute.default
                or key in {"else", "if_empty"}
            }
            return tag, given
    raise Unsupported(node.label, node.kind, "XML", "Write it as JSON or YAML.")


def _loops(tag: str, queue: Any) -> bool:
    kind = {"LoopString": str, "LoopInt": int, "LoopDouble": float, "LoopBool": bool}[tag]
    return isinstance(queue, str) or all(type(entry) is kind for entry in queue)
