"""What decorators and branches do in an `ArrayTree`."""

from __future__ import annotations

from typing import Any

from fw_behavior.array_rules import F, K, R, S
from fw_behavior.decorators import table_of
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS
from fw_behavior.traced import Traced


def mapped(t: Traced, i: int, mask: Any) -> Any:
    child = t.plan.children[i][0]
    given = t.turn(child, mask)
    result = given
    for status, wanted in enumerate(table_of(t.plan.nodes[i])):
        if status != int(wanted):
            result = t.chosen(given == status, int(wanted), result)
            if status == R:
                t.halt(child, mask & (given == R))
    return result


def subtree(t: Traced, i: int, mask: Any) -> Any:
    return t.turn(t.plan.children[i][0], mask)


def count(t: Traced, i: int, mask: Any) -> Any:
    """``memory`` is how often the child was ticked; the loop is written out ``times`` times."""
    node, child = t.plan.nodes[i], t.plan.children[i][0]
    times, again = node.args["times"], SUCCESS if node.kind == "Repeat" else FAILURE
    result, alive = t.full(again), mask
    for _ in range(max(times, 1 if times < 0 else 0)):
        if times >= 0:
            alive = alive & (t.memory[i] < times)
        given = t.turn(child, alive)
        more = alive & (given == int(again))
        result = t.chosen(alive, t.full(RUNNING) if times < 0 else given, result)
        result = t.chosen(alive & ~more, given, result)
        t.remember(i, alive & ~more & (given != R), 0)
        t.remember(i, more, 0 if times < 0 else t.memory[i] + 1)
        alive = more
    t.remember(i, mask & (result != R), 0)
    return result


def guard(t: Traced, i: int, mask: Any) -> Any:
    args, child = t.plan.nodes[i].args, t.plan.children[i][0]
    holds = t.holds(i, args["condition"])
    if args["once"]:
        holds = holds | t.running(i, mask)
    t.halt(child, t.running(i, mask & ~holds))
    return t.chosen(holds, t.turn(child, mask & holds), t.full(args["otherwise"]))


def timer(t: Traced, i: int, mask: Any) -> Any:
    """Timeout and Delay: ``memory`` is when it started."""
    node, child = t.plan.nodes[i], t.plan.children[i][0]
    running = t.running(i, mask)
    t.remember(i, mask & ~running, t.now)
    over = t.now >= t.memory[i] + node.args["seconds"]
    timeout = node.kind == "Timeout"
    entered = mask & ~(running & over) if timeout else mask & over
    if timeout:
        t.halt(child, mask & ~entered)
    result = t.chosen(entered, t.turn(child, entered), t.full(FAILURE if timeout else RUNNING))
    t.remember(i, mask & (result != R), 0)
    return result


def cooldown(t: Traced, i: int, mask: Any) -> Any:
    """``kept`` is when the child was done, or minus infinity."""
    entered = mask & ((t.now >= t.kept[i] + t.plan.nodes[i].args["seconds"]) | t.running(i, mask))
    given = t.turn(t.plan.children[i][0], entered)
    t.kept[i] = t.chosen(entered & ((given == S) | (given == F)), t.now, t.kept[i])
    return t.chosen(entered, given, t.full(FAILURE))


def once(t: Traced, i: int, mask: Any) -> Any:
    """``kept`` is 0, or 1 + what the child gave."""
    kept = t.kept[i]
    done = t.full(SKIPPED) if t.plan.nodes[i].args["skip"] else t.chosen(kept == 0, t.full(FAILURE), kept - 1)
    entered = mask & (kept == 0)
    given = t.turn(t.plan.children[i][0], entered)
    t.kept[i] = t.chosen(entered & ((given == S) | (given == F)), given + 1, kept)
    return t.chosen(entered, given, done)


def branch(t: Traced, i: int, mask: Any) -> Any:
    """IfThenElse and WhileDoElse: ``memory`` is the branch that is running, or 0."""
    children, reactive = t.plan.children[i], t.plan.nodes[i].kind == "WhileDoElse"
    before = t.memory[i]
    inside = t.nobody if reactive else mask & (before != 0)
    asked = mask & ~inside
    answer = t.turn(children[0], asked)
    waiting = asked & ((answer == R) | (answer == K))
    result = t.chosen(waiting, answer, t.full(FAILURE))
    for place, wanted in ((1, S), (2, F)):
        chosen = (asked & (answer == wanted)) | (inside & (before == place))
        if reactive and 3 - place < len(children):
            t.halt(children[3 - place], chosen & (before == 3 - place))
        if reactive and place < len(children):
            t.halt(children[place], waiting & (before == place))
        if place < len(children):
            result = t.chosen(chosen, t.turn(children[place], chosen), result)
        t.remember(i, chosen, place)
    t.remember(i, mask & ((result != R) | waiting), 0)
    return result
