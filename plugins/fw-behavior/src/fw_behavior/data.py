"""Trees as plain data: JSON and YAML."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fw_behavior.errors import BadText
from fw_behavior.kinds import Catalog, Leaves, made
from fw_behavior.leaves import UserLeaf, mark_of
from fw_behavior.node import Node
from fw_behavior.script import Script
from fw_behavior.status import Status

KEYS = frozenset({"kind", "name", "args", "when", "children"})
STATUSES = {status.name for status in Status}


def to_data(node: Node) -> dict[str, Any]:
    """``kind``, and, where there are any, ``name``, ``args``, ``when`` and ``children``. A script is ``{"script":
    text}``, a
    function ``{"function": id}``, a status ``{"status": name}``.
    """
    found: dict[str, Any] = {"kind": node.kind}
    if node.name:
        found["name"] = node.name
    args = {key: _plain(value) for key, value in node.args.items()}
    if args:
        found["args"] = args
    if node.when:
        found["when"] = {key: _plain(value) for key, value in node.when.items()}
    if node.children:
        found["children"] = [to_data(child) for child in node.children]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Status):
        return {"status": value.name}
    if isinstance(value, Script):
        return {"script": value.text}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return {"function": mark_of(value).id or value.__name__} if callable(value) else value


def from_data(data: Any, leaves: Leaves = (), constants: Mapping[str, Any] | None = None) -> Node:
    """The tree that :func:`to_data` gave. BadText names what is unknown."""
    return _node(data, Catalog(leaves, constants), "tree")


def _node(data: Any, catalog: Catalog, place: str) -> Node:
    if not isinstance(data, Mapping) or not isinstance(data.get("kind"), str):
        raise BadText(f"{place}: {data!r} is no node.", 0, 'Give a table with a "kind".')
    strange = sorted(data.keys() - KEYS)
    if strange:
        raise BadText(f"{place}: {strange[0]!r} means nothing.", 0, f"There are: {', '.join(sorted(KEYS))}.")
    kind = data["kind"]
    name = str(data.get("name", ""))
    here = f"{place}/{name or kind}"
    args = {key: _value(value, catalog) for key, value in data.get("args", {}).items()}
    when = {key: _value(value, catalog) for key, value in data.get("when", {}).items()}
    children = [_node(child, catalog, here) for child in data.get("children", ())]
    if kind in {"Action", "Condition"}:
        ports = data.get("args", {}).get("ports", {})
        leaf: UserLeaf = catalog.leaf(str(args.get("id")), kind, {"ports": ports, "name": name, **when}, 0)
        return leaf
    try:
        return made(kind, children, args, name, when, 0)
    except BadText as error:
        raise BadText(f"{here}: {error.problem}", 0, "Correct it.") from error


def _value(value: Any, catalog: Catalog) -> Any:
    if isinstance(value, list):
        return tuple(_value(each, catalog) for each in value)
    if isinstance(value, Mapping) and len(value) == 1:
        [(key, inner)] = value.items()
        if key == "status" and inner in STATUSES:
            return Status[inner]
        if key == "script":
            return catalog.script(str(inner), 0)
        if key == "function":
            return _known(catalog.function(str(inner), 0), str(inner))
    return value


def _known(call: Callable[..., Any] | None, id: str) -> Callable[..., Any]:
    if call is None:
        raise BadText(f"{id!r} is known by name only.", 0, "Give its function in `leaves=`.")
    return call


def to_json(node: Node, indent: int | None = 2) -> str:
    """The tree as JSON."""
    return json.dumps(to_data(node), indent=indent, ensure_ascii=False)


def from_json(text: str, leaves: Leaves = (), constants: Mapping[str, Any] | None = None) -> Node:
    """A tree from JSON."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadText(error.msg, error.lineno, "This is not JSON.") from error
    return from_data(data, leaves, constants)


def to_yaml(node: Node) -> str:
    """The tree as YAML. Needs ``fw-behavior[yaml]``."""
    import yaml

    text: str = yaml.safe_dump(to_data(node), sort_keys=False, allow_unicode=True)
    return text


def from_yaml(text: str, leaves: Leaves = (), constants: Mapping[str, Any] | None = None) -> Node:
    """A tree from YAML. Needs ``fw-behavior[yaml]``."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", error))
        raise BadText(problem, mark.line + 1 if mark else 0, "This is not YAML.") from error
    return from_data(data, leaves, constants)
