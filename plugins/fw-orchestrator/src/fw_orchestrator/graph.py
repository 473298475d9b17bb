"""A blueprint as a graph: DOT for Graphviz, Mermaid for documents, SVG to look at."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from fw_orchestrator.checks import edges
from fw_orchestrator.layout import UNKNOWN, nodes
from fw_orchestrator.svg import svg

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint


def drawn(blueprint: StateMachineBlueprint, kind: str = "dot") -> str:
    """The graph in one of the three languages. Raises ``ValueError`` for any other word."""
    languages: dict[str, Callable[[StateMachineBlueprint], str]] = {"dot": dot, "mermaid": mermaid, "svg": svg}
    if kind not in languages:
        raise ValueError(f"A graph can be drawn as {', '.join(languages)}, not as {kind!r}.")
    return languages[kind](blueprint)


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
