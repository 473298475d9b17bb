"""Checks of a blueprint before it may run: what is wrong is refused, what is doubtful is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fw_orchestrator.errors import BlueprintError
from fw_orchestrator.inspection import leads
from fw_orchestrator.states import StateHandler

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint


@dataclass(frozen=True)
class Edge:
    """A way from a state to another. ``target`` is None where only running the code would tell."""

    source: str
    target: str | None
    label: str = ""
    waits: bool = False
    aggregates: bool = False
    declared: bool = False


def edges(blueprint: StateMachineBlueprint) -> list[Edge]:
    """All ways from state to state, without repetition."""
    handlers = [handler for state in blueprint.states.values() for handler in state.handlers]
    found = [edge for handler in (*handlers, *blueprint.aggregators.values()) for edge in _edges_of(handler)]
    return list(dict.fromkeys(found))


def _edges_of(handler: StateHandler) -> Iterator[Edge]:
    found = leads(handler.function)
    condition = handler.words
    for lead in found.known:
        label = ": ".join(word for word in (condition, lead.label) if word)
        yield Edge(handler.state, lead.target, label, lead.waits, lead.aggregates)
    for target in handler.to:
        yield Edge(handler.state, target, condition, waits=True, declared=True)
    can_act = not {"actions", "context"}.isdisjoint(handler.takes.values())
    if found.unknown and can_act and not handler.to:
        yield Edge(handler.state, None, condition, waits=True)


def check(blueprint: StateMachineBlueprint) -> list[str]:
    """See :meth:`StateMachineBlueprint.check`."""
    _check_ends(blueprint)
    ways = edges(blueprint)
    for edge in ways:
        _check_target(blueprint, edge)
    reached = _reachable(blueprint, ways)
    guessed = any(edge.target is None and edge.source in reached for edge in ways)
    lonely = [state for state in (*blueprint.states, *blueprint.aggregators) if state not in reached]
    if lonely and not guessed:
        raise BlueprintError(
            f"Blueprint {blueprint.name!r}: nothing leads to state {lonely[0]!r}.",
            remedy=f"Remove it, or name it where it is reached from: handler_for(…, to=[{lonely[0]!r}]).",
        )
    return [*_doubts(blueprint, ways)]


def _check_ends(blueprint: StateMachineBlueprint) -> None:
    starts = sorted(name for name, state in blueprint.states.items() if state.is_start)
    if len(starts) != 1:
        raise BlueprintError(
            f"Blueprint {blueprint.name!r} needs exactly one start state and has {', '.join(starts) or 'none'}.",
            remedy='Mark it: @blueprint.handler_for("…", is_start=True).',
        )
    if not any(state.is_end for state in blueprint.states.values()):
        raise BlueprintError(
            f"Blueprint {blueprint.name!r} has no end state, so no job could ever finish.",
            remedy='Mark one: @blueprint.handler_for("…", is_end=True).',
        )


def _check_target(blueprint: StateMachineBlueprint, edge: Edge) -> None:
    if edge.target is None or (edge.declared and edge.target in blueprint.aggregators):
        return
    there = blueprint.aggregators if edge.aggregates else blueprint.states
    if edge.target not in there:
        how = "aggregator_for" if edge.aggregates else "handler_for"
        raise BlueprintError(
            f"Blueprint {blueprint.name!r}: state {edge.source!r} leads to {edge.target!r}, which is not declared.",
            remedy=f'Declare it: @blueprint.{how}("{edge.target}"). It has {", ".join(sorted(there)) or "none"}.',
        )


def _reachable(blueprint: StateMachineBlueprint, ways: list[Edge]) -> set[str]:
    reached, new = set(), {blueprint.start}
    while new:
        reached |= new
        new = {edge.target for edge in ways if edge.source in reached and edge.target is not None} - reached
    return reached


def _doubts(blueprint: StateMachineBlueprint, ways: list[Edge]) -> Iterator[str]:
    for edge in ways:
        if edge.target is None:
            yield f"where state {edge.source!r} leads cannot be read from its source: name it with to=[…]"
    for state in blueprint.states.values():
        if state.default is None:
            yield f"state {state.name!r} has no handler without a condition: a job for which none holds will fail"
        for handler in state.handlers:
            for task in leads(handler.function).without_success:
                yield f'state {state.name!r} dispatches {task} without a transition for "success"'
    quick = [edge for edge in ways if not edge.waits and edge.target is not None]
    for name in blueprint.states:
        if name in _following(name, quick):
            yield f"state {name!r} leads back to itself without waiting for anybody: see max_transitions"


def _following(state: str, ways: list[Edge]) -> set[str]:
    found: set[str] = set()
    new = {edge.target for edge in ways if edge.source == state and edge.target}
    while new:
        found |= new
        new = {edge.target for edge in ways if edge.source in found and edge.target} - found
    return found
