"""What each kind of node does in an `ArrayTree`: the rules of the other engines, for all agents and without branches.

A rule is told a tick, a node and a mask of those whose turn it is, and gives their statuses; those of others mean
nothing.
"""

from __future__ import annotations

from typing import Any

from fw_behavior.leaves import Leaf, parted
from fw_behavior.script import Script
from fw_behavior.status import FAILURE, RUNNING, SKIPPED, SUCCESS
from fw_behavior.traced import Seen, Traced

DONE = {SUCCESS, FAILURE}
S, F, R, K = int(SUCCESS), int(FAILURE), int(RUNNING), int(SKIPPED)


def ask(t: Traced, i: int, mask: Any) -> Any:
    node = t.plan.nodes[i]
    call = node.args["code"] if node.kind == "ScriptCondition" else node.call if isinstance(node, Leaf) else None
    return t.full(FAILURE) if call is None else t.statuses(t.holds(i, call))


def act(t: Traced, i: int, mask: Any) -> Any:
    node = t.plan.nodes[i]
    call = node.call if isinstance(node, Leaf) else None
    status, written = parted(call(Seen(t, i), t.xp) if call is not None else SUCCESS)
    t.write(i, mask, written)
    if status is None or isinstance(status, int):
        return t.full(SUCCESS) if status is None else t.full(type(SUCCESS)(status))
    if status.dtype == t.everyone.dtype:
        return t.chosen(status, t.full(SUCCESS), t.full(FAILURE))
    return t.chosen(t.everyone, t.xp.asarray(status, dtype=t.status[i].dtype), t.full(SUCCESS))


def constant(t: Traced, i: int, mask: Any) -> Any:
    return t.full(FAILURE if t.plan.nodes[i].kind == "AlwaysFailure" else SUCCESS)


def write(t: Traced, i: int, mask: Any) -> Any:
    args, seen = t.plan.nodes[i].args, Seen(t, i, mask)
    if isinstance(args.get("code"), Script):
        args["code"].arrays(seen, t.xp)
    else:
        value = args["value"]
        linked = isinstance(value, str) and value.startswith("{") and value.endswith("}")
        seen[args["key"]] = seen[value[1:-1]] if linked else value
    return t.full(SUCCESS)


def sleep(t: Traced, i: int, mask: Any) -> Any:
    t.remember(i, mask & ~t.running(i, mask), t.now)
    over = t.now >= t.memory[i] + t.plan.nodes[i].args["seconds"]
    t.remember(i, mask & over, 0)
    return t.chosen(over, t.full(SUCCESS), t.full(RUNNING))


def plain(t: Traced, children: tuple[int, ...], go: int, mask: Any) -> Any:
    """A chain whose children succeed or fail: nothing is remembered, and statuses are truth values."""
    alive = mask
    for child in children:
        alive = alive & (t.turn(child, alive) == go)
    return t.statuses(alive if go == S else ~alive)


def chain(t: Traced, i: int, mask: Any) -> Any:
    """``memory`` (with ``keep``: ``kept``) is the place of the child that is running, without memory 1 + the place."""
    node, children = t.plan.nodes[i], t.plan.children[i]
    go = S if node.kind == "Sequence" else F
    if not node.args.get("keep") and all(t.layout.gives[child] <= DONE for child in children):
        return plain(t, children, go, mask)
    keep, shift = bool(node.args.get("keep")), 0 if node.args["memory"] else 1
    store = t.kept if keep else t.memory
    before, at = store[i], store[i]
    alive, result = mask, t.full(SUCCESS if go == S else FAILURE)
    every = mask if children and all(SKIPPED in t.layout.gives[child] for child in children) else None
    for place, child in enumerate(children):
        asked = alive if before is None or shift else alive & (before <= place)
        given = t.turn(child, asked)
        stop = asked & (given != go)
        if SKIPPED in t.layout.gives[child]:
            passed = stop & (given == K)
            every = None if every is None else every & passed
            stop = stop & ~passed
        result = t.chosen(stop, given, result)
        if keep or RUNNING in t.layout.gives[child]:
            at = t.chosen(stop if keep else stop & (given == R), place + shift, at)
        alive = alive & ~stop
    if at is not None:
        store[i] = t.chosen(alive if keep else mask & (result != R), 0, at)
        if shift:
            for place, child in enumerate(children):
                t.halt(child, mask & ~alive & (before == place + 1) & (store[i] != place + 1))
    return result if every is None else t.chosen(every, K, result)


def parallel(t: Traced, i: int, mask: Any) -> Any:
    """``memory`` has, for each child, 0 or 1 + what it gave when it was done."""
    args, children = t.plan.nodes[i].args, t.plan.children[i]
    memory: list[Any] = list(t.memory[i])
    if not args["synchronised"]:
        memory = [t.chosen(mask, 0, each) for each in memory]
    success, failure = (n if n > 0 else len(children) + 1 + n for n in (args["success"], args["failure"]))
    alive, result = mask, t.full(RUNNING)
    for place, child in enumerate(children):
        asked = alive & (memory[place] == 0)
        given = t.turn(child, asked)
        memory[place] = t.chosen(asked & (given != R), given + 1, memory[place])
        succeeded, failed, passed = (counted(t, memory, status) for status in (S, F, K))
        won = succeeded >= success
        if args["success"] < 0:
            won = won | ((succeeded > 0) & (succeeded + passed >= success))
        ended = asked & (won | (failed >= failure) | (len(children) - failed < success))
        result = t.chosen(ended, t.chosen(won, t.full(SUCCESS), t.full(FAILURE)), result)
        alive = alive & ~ended
    for child in reversed(children):
        t.halt(child, mask & ~alive)
    result = t.chosen(alive & (counted(t, memory, K) == len(children)), K, result)
    t.memory[i] = tuple([t.chosen(mask & (result != R), 0, each) for each in memory])
    return result


def parallel_all(t: Traced, i: int, mask: Any) -> Any:
    children, memory = t.plan.children[i], list(t.memory[i])
    waiting = t.nobody
    for place, child in enumerate(children):
        asked = mask & (memory[place] == 0)
        given = t.turn(child, asked)
        memory[place] = t.chosen(asked & (given != R), given + 1, memory[place])
        waiting = waiting | (memory[place] == 0)
    lost = counted(t, memory, F) >= t.plan.nodes[i].args["max_failures"]
    result = t.chosen(lost, t.full(FAILURE), t.full(SUCCESS))
    if children:
        result = t.chosen(counted(t, memory, K) == len(children), K, result)
    result = t.chosen(waiting, R, result)
    t.memory[i] = tuple([t.chosen(mask & (result != R), 0, each) for each in memory])
    return result


def counted(t: Traced, memory: list[Any], status: int) -> Any:
    """How many children of each agent have given a status."""
    found = t.xp.zeros_like(t.status[0], dtype=t.xp.int32)
    for each in memory:
        found = t.chosen(each == status + 1, found + 1, found)
    return found
