"""Where a handler can lead, read from its source: constants that it hands to ``actions``."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_WITH_TRANSITIONS = ("dispatch_task", "run_blueprint", "await_human_approval")


@dataclass(frozen=True)
class Lead:
    """A way to a state: ``label`` is the word that chooses it; ``waits`` whether somebody must do something first."""

    target: str
    label: str = ""
    waits: bool = False
    aggregates: bool = False


@dataclass
class Leads:
    """Where a handler can lead. ``unknown``: also somewhere that its source does not tell."""

    known: list[Lead] = field(default_factory=list)
    unknown: bool = False
    without_success: list[str] = field(default_factory=list)


def leads(function: Callable[..., Any]) -> Leads:
    """Read a handler's source."""
    found = Leads()
    tree = _tree(function)
    if tree is None:
        found.unknown = True
        return found
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    understood: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) in calls and _is_actions(node.value):
            understood.add(id(node.value))
            _read(node.attr, calls[id(node)], found)
    # The actions are handed to somebody else, who may do anything with them.
    found.unknown |= any(_is_actions(node) and id(node) not in understood for node in ast.walk(tree))
    return found


def _is_actions(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "actions" and isinstance(node.value, ast.Name)
    return isinstance(node, ast.Name) and node.id == "actions" and isinstance(node.ctx, ast.Load)


def _tree(function: Callable[..., Any]) -> ast.AST | None:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    name = getattr(function, "__name__", "")
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree) if isinstance(node, kinds) and node.name == name]
    # A parameter of another name may hold the actions; only the usual one can be read.
    named = bool(found) and bool({"actions", "context"} & set(inspect.signature(function).parameters))
    takes_none = bool(found) and not inspect.signature(function).parameters
    return found[0] if named or takes_none else None


def _read(method: str, call: ast.Call, found: Leads) -> None:
    match method:
        case "transition_to":
            _constant(_argument(call, 0, "state"), found)
        case "dispatch_parallel":
            _constant(_argument(call, 1, "aggregate_into"), found, waits=True, aggregates=True)
        case _ if method in _WITH_TRANSITIONS:
            labels = _mapping(_argument(call, None, "transitions"), found)
            _mapping(_argument(call, None, "event_transitions"), found, optional=True)
            if labels is not None and method == "dispatch_task" and "success" not in labels:
                found.without_success.append(ast.unparse(call.args[0]) if call.args else method)


def _argument(call: ast.Call, place: int | None, name: str) -> ast.expr | None:
    if place is not None and len(call.args) > place:
        return call.args[place]
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _constant(node: ast.expr | None, found: Leads, *, waits: bool = False, aggregates: bool = False) -> None:
    match node:
        case ast.Constant(value=str() as target):
            found.known.append(Lead(target, waits=waits, aggregates=aggregates))
        case ast.IfExp(body=one, orelse=other):
            _constant(one, found, waits=waits, aggregates=aggregates)
            _constant(other, found, waits=waits, aggregates=aggregates)
        case _:
            found.unknown = True


def _mapping(node: ast.expr | None, found: Leads, *, optional: bool = False) -> set[str] | None:
    if node is None and optional:
        return None
    if not isinstance(node, ast.Dict):
        found.unknown = True
        return None
    labels: set[str] | None = set()
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found.known.append(Lead(value.value, str(key.value), waits=True))
            if labels is not None:
                labels.add(str(key.value))
        else:
            found.unknown, labels = True, None
    return labels
