"""What a running tree keeps, and what it does not, when part of it is changed or it is put elsewhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fw_behavior import (
    FAILURE,
    RUNNING,
    SUCCESS,
    ActionNode,
    AlwaysFailure,
    AlwaysSuccess,
    BehaviorTree,
    Blackboard,
    Guard,
    Parallel,
    Repeat,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    Sleep,
    StatefulAction,
    Status,
    action,
)
from fw_behavior.errors import BadTree, BehaviorError
from fw_behavior.testing import Scripted
from fw_behavior.tree import Engine


def test_a_chain_whose_children_changed_places_starts_anew(engine: Engine) -> None:
    """It remembers the place of the child that runs, and another child is there now."""
    first, second = Scripted(SUCCESS, name="first"), Scripted(RUNNING, name="second")
    tree = BehaviorTree(Repeat(Sequence(first.node, second.node, name="chain"), 1), engine=engine)
    tree.tick(0)
    tree.swap("Repeat/chain", Sequence(second.node, first.node, name="chain"))
    assert (second.halts, tree.status_of("Repeat/chain")) == (1, Status.IDLE)
    assert tree.tick(1) is RUNNING
    assert (first.ticks, second.ticks) == (1, 2)


def test_a_chain_that_loses_its_memory_starts_anew(engine: Engine) -> None:
    """A place is counted otherwise without memory: the child that runs would never be halted."""
    work = Scripted(RUNNING, name="work")
    chain = ScriptCondition("open"), work.node
    tree = BehaviorTree(Selector(Sequence(*chain, name="chain")), Blackboard({"open": True}), engine=engine)
    tree.tick(0)
    tree.swap("Selector/chain", Sequence(*chain, memory=False, name="chain"))
    tree.tick(1)
    tree.blackboard["open"] = False
    tree.tick(2)
    assert (work.ticks, work.halts) == (2, 2)


def test_a_stateful_action_beside_a_new_subtree_keeps_what_it_knows(engine: Engine) -> None:
    class Count(StatefulAction):
        def on_start(self, bb: Any) -> Status:
            self.seen = 1
            return RUNNING

        def on_running(self, bb: Any) -> Status:
            self.seen += 1
            bb["seen"] = self.seen
            return RUNNING

    tree = BehaviorTree(Parallel(Count, Scripted(RUNNING, name="other").node), engine=engine)
    tree.tick(0)
    tree.swap("Parallel/other", AlwaysSuccess(name="other"))
    tree.tick(1)
    assert tree.blackboard["seen"] == 2


def test_a_guard_halts_its_child_when_its_condition_ends(engine: Engine) -> None:
    work = Scripted(RUNNING)
    tree = BehaviorTree(Guard(Sequence(AlwaysSuccess(), work.node), "power > 0"), engine=engine)
    tree.blackboard["power"] = 1
    assert [tree.tick(0), tree.tick(1), work.halts] == [RUNNING, RUNNING, 0]
    tree.blackboard["power"] = 0
    assert [tree.tick(2), work.ticks, work.halts] == [FAILURE, 2, 1]
    assert tree.status_of("Guard/Sequence") is Status.IDLE


def test_a_snapshot_does_not_change_with_the_tree(engine: Engine) -> None:
    tree = BehaviorTree(Parallel(Sleep(2), Sleep(1), Sleep(3)), engine=engine)
    tree.tick(0)
    taken = tree.snapshot()
    first = [tree.tick(now) for now in (1, 2, 3)]
    tree.restore(taken)
    assert [tree.tick(now) for now in (1, 2, 3)] == first
    tree.restore(taken)
    assert tree.snapshot() == taken


async def test_an_async_action_with_the_same_ports_goes_on_and_one_with_others_does_not(engine: Engine) -> None:
    log: list[str] = []

    @action(ports={"place": str})
    async def walk(bb: Any) -> None:
        log.append(f"to {bb['place']}")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    def round_to(place: str, then: Any) -> Sequence:
        return Sequence(ActionNode(walk, ports={"place": place}), then, name="round")

    async with BehaviorTree(Repeat(round_to("well", AlwaysSuccess()), 1), engine=engine) as tree:
        tree.tick(0)
        await asyncio.sleep(0)
        tree.swap("Repeat/round/AlwaysSuccess", AlwaysFailure(name="AlwaysSuccess"))
        tree.tick(1)
        await asyncio.sleep(0)
        assert log == ["to well"]
        tree.swap("Repeat/round", round_to("gate", AlwaysSuccess()))
        tree.tick(2)
        await asyncio.sleep(0)
        assert log == ["to well", "cancelled", "to gate"]


async def test_an_action_that_was_swapped_out_has_ended_when_the_tree_is_closed() -> None:
    end, log = asyncio.Event(), list[str]()

    async def slow(bb: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await end.wait()
            log.append("ended")

    tree = BehaviorTree(Sequence(ActionNode(slow, name="slow")))
    tree.tick(0)
    await asyncio.sleep(0)
    tree.swap("Sequence/slow", AlwaysSuccess(name="slow"))
    closing = asyncio.create_task(tree.aclose())
    await asyncio.sleep(0)
    assert not closing.done()
    end.set()
    await closing
    assert log == ["ended"]


def test_a_snapshot_of_another_tree_halts_nothing(engine: Engine) -> None:
    running = Scripted(RUNNING)
    tree = BehaviorTree(Sequence(running.node), engine=engine)
    tree.tick(0)
    with pytest.raises(BadTree, match="of another tree"):
        tree.restore(BehaviorTree(Sequence(AlwaysSuccess())).snapshot())
    assert (tree.status, running.halts) == (RUNNING, 0)


async def test_an_action_is_resumed_once_and_only_where_it_was_running() -> None:
    log: list[str] = []

    async def again(bb: Any) -> None:
        log.append("again")

    @action(resume=again)
    async def work(bb: Any) -> None:
        log.append("work")
        await asyncio.Event().wait()

    async with BehaviorTree(work) as tree:
        fresh = tree.snapshot()
        tree.tick(0)
        busy = tree.snapshot()
        tree.restore(busy)
        twice = tree.snapshot()
        assert twice == busy, "what is to be resumed is part of a snapshot that is taken before it was"
        for halts in (False, True):
            tree.restore(twice)
            if halts:
                tree.halt()
            else:
                tree.restore(fresh)
            await asyncio.sleep(0)
            log.clear()
            tree.tick(1)
            await asyncio.sleep(0)
            assert log == ["work"]


def test_a_blackboard_is_not_restored_inside_a_transaction() -> None:
    bb = Blackboard({"a": 1})
    taken = bb.snapshot()

    def meddle() -> None:
        with bb.transaction():
            bb["a"] = 2
            bb.restore(taken)

    with pytest.raises(BehaviorError, match="End the transaction first"):
        meddle()
    assert bb["a"] == 1


def test_a_transaction_that_changes_nothing_in_the_end_tells_nobody() -> None:
    bb, told = Blackboard({"n": 1000}), list[Any]()
    bb.observe("n", lambda key, value: told.append(value))
    with bb.transaction():
        bb["n"] = 5
        bb["n"] = int("1000")
    assert told == []


def test_statistics_of_a_new_subtree_begin_anew() -> None:
    tree = BehaviorTree(Sequence(ScriptNode("a := 1", name="one")), statistics=True)
    tree.tick(0)
    tree.swap("Sequence/one", ScriptNode("a := 2", name="two"))
    tree.tick(1)
    assert tree.blackboard["a"] == 2
