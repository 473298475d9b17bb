"""A blueprint as a graph: DOT for Graphviz, Mermaid for documents, SVG to look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from fw_orchestrator.checks import Edge, edges

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint

UNKNOWN = "?"


def drawn(blueprint: StateMachineBlueprint, kind: str = "dot") -> str:
    """The graph in one of the three languages. Raises ``ValueError`` for any other word."""
    from fw_orchestrator.svg import svg

    languages: dict[str, Callable[[StateMachineBlueprint], str]] = {"dot": dot, "mermaid": mermaid, "svg": svg}
    if kind not in languages:
        raise ValueError(f"A graph can be drawn as {', '.join(languages)}, not as {kind!r}.")
    return languages[kind](blueprint)


def nodes(blueprint: StateMachineBlueprint) -> dict[str, str]:
    """The states with their kind: ``start``, ``end``, ``failure``, ``aggregator``, ``state``, or ``unknown``."""
    found = {}
    for name, state in blueprint.states.items():
        kind = "failure" if state.is_failure else "end" if state.is_end else "start" if state.is_start else "state"
        found[name] = kind
    found |= dict.fromkeys(blueprint.aggregators, "aggregator")
    if any(edge.target is None for edge in edges(blueprint)):
        found[UNKNOWN] = "unknown"
    return found


_DOT_SHAPES = {
    "start": "shape=box, style=rounded, penwidth=2",
    "state": "shape=box, style=rounded",
    "aggregator": "shape=trapezium",
    "end": "shape=box, style=rounded, peripheries=2",
    "failure": "shape=box, style=rounded, peripheries=2, color=red",
    "unknown": "shape=plaintext",
}


def dot(blueprint: StateMachineBlueprint) -> str:
    """The graph for Graphviz."""
    lines = [f"  {_quoted(name)} [{_DOT_SHAPES[kind]}];" for name, kind in nodes(blueprint).items()]
    for edge in edges(blueprint):
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target or UNKNOWN)}{label};")
    return "\n".join([f"digraph {_quoted(blueprint.name)} {{", "  rankdir=TB;", *lines, "}", ""])


def mermaid(blueprint: StateMachineBlueprint) -> str:
    """The graph for Mermaid."""
    ids = {name: f"s{number}" for number, name in enumerate(nodes(blueprint))}
    shapes = {"end": "([{}])", "failure": "([{}])", "aggregator": "[/{}\\]", "start": "({})", "unknown": "{{{{{}}}}}"}
    lines = [
        f"  {ids[name]}" + shapes.get(kind, "[{}]").format(_mermaid_text(name))
        for name, kind in nodes(blueprint).items()
    ]
    for edge in edges(blueprint):
        label = f"|{_mermaid_text(edge.label)}|" if edge.label else ""
        lines.append(f"  {ids[edge.source]} -->{label} {ids[edge.target or UNKNOWN]}")
    return "\n".join(["flowchart TD", *lines, ""])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _mermaid_text(text: str) -> str:
    return '"' + text.replace("#", "#35;").replace('"', "#quot;").replace("|", "#124;") + '"'


def layers(names: list[str], start: str, ways: list[Edge]) -> list[list[str]]:
    """The states by their distance from the start, each layer ordered by where its edges come from."""
    depth = {start: 0}
    front = [start]
    while front:
        found = [edge.target or UNKNOWN for edge in ways if edge.source in front]
        front = [name for name in dict.fromkeys(found) if name not in depth]
        depth |= dict.fromkeys(front, max(depth.values()) + 1)
    last = max(depth.values())
    rows: list[list[str]] = [[] for _ in range(last + 2)]
    for name in names:
        rows[depth.get(name, last + 1)].append(name)
    place: dict[str, float] = {}
    for row in rows:
        origins = {
            name: [place[edge.source] for edge in ways if (edge.target or UNKNOWN) == name and edge.source in place]
            for name in row
        }
        row.sort(key=lambda name: sum(origins[name]) / len(origins[name]) if origins[name] else 0.0)
        place |= {name: number - len(row) / 2 for number, name in enumerate(row)}
    return [row for row in rows if row]
