"""What a picture of a blueprint shows, and in which rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fw_orchestrator.checks import Edge, edges

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint

UNKNOWN = "?"


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
