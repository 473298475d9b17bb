"""Async actions and event-driven runs."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from fw_behavior import (
    RUNNING,
    AsyncSequence,
    BehaviorTree,
    Blackboard,
    Delay,
    Guard,
    Repeat,
    ScriptCondition,
    ScriptNode,
    Selector,
    Sequence,
    Sleep,
    Status,
    Timeout,
    action,
    condition,
)
from fw_behavior.errors import BehaviorError, NodeFailed, Unsupported
from fw_behavior.tree import Engine
from fw_behavior.waking import Alarm, alarmed, run


class Job:
    """An async action that says what happens to it, and ends when it is told to."""

    def __init__(self, slow_to_end: bool = False) -> None:
        self.log: list[str] = []
        self.go = asyncio.Event()
        self.slow = asyncio.Event()
        self.slow_to_end = slow_to_end

    async def __call__(self, bb: Any) -> Status | None:
        self.log.append("started")
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.log.append("cancelled")
            if self.slow_to_end:
                await self.slow.wait()
            self.log.append("ended")
            raise
        return None


async def test_an_async_action_runs_until_it_returns(engine: Engine) -> None:
    job = Job()
    async with BehaviorTree(Sequence(job, ScriptNode("done := true")), engine=engine) as tree:
        assert tree.tick() is RUNNING
        await asyncio.sleep(0)
        assert tree.tick() is RUNNING
        job.go.set()
        await tree.changed.wait()
        assert tree.tick() is Status.SUCCESS
        assert tree.blackboard["done"] is True


async def test_a_halt_cancels_within_one_turn_of_the_loop(engine: Engine) -> None:
    job = Job()
    tree = BehaviorTree(Guard(job, "alarm == 0"), Blackboard({"alarm": 0}), engine=engine)
    tree.tick()
    await asyncio.sleep(0)
    tree.blackboard["alarm"] = 1
    assert tree.tick() is Status.FAILURE
    await asyncio.sleep(0)
    assert job.log == ["started", "cancelled", "ended"]
    await tree.aclose()


async def test_a_leaf_is_not_entered_again_before_its_task_has_ended(engine: Engine) -> None:
    job = Job(slow_to_end=True)
    tree = BehaviorTree(job, engine=engine)
    tree.tick()
    await asyncio.sleep(0)
    tree.halt()
    for _ in range(3):
        assert tree.tick() is RUNNING
        await asyncio.sleep(0)
    assert job.log == ["started", "cancelled"]
    job.slow.set()
    await tree.changed.wait()
    tree.tick()
    await asyncio.sleep(0)
    assert job.log == ["started", "cancelled", "ended", "started"]
    await tree.aclose()
    assert job.log[-1] == "ended"


async def test_closing_waits_for_all_actions() -> None:
    job = Job(slow_to_end=True)
    tree = BehaviorTree(job)
    tree.tick()
    await asyncio.sleep(0)
    closing = asyncio.create_task(tree.aclose())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not closing.done()
    job.slow.set()
    await closing
    assert job.log == ["started", "cancelled", "ended"]


async def test_what_an_action_raises_names_the_node_and_halts_the_tree(engine: Engine) -> None:
    async def broken(bb: Any) -> None:
        raise ValueError("no fuel")

    tree = BehaviorTree(Sequence(Sequence(broken)), engine=engine)
    tree.tick()
    await tree.changed.wait()
    with pytest.raises(NodeFailed, match=r"Sequence/Sequence/broken \(Action\) raised ValueError: no fuel"):
        tree.tick()
    assert RUNNING not in tree.statuses.values()


def test_an_async_action_without_a_loop_says_what_is_missing() -> None:
    async def fetch(bb: Any) -> None:
        """Never run."""

    with pytest.raises(NodeFailed, match="no event loop runs here"):
        BehaviorTree(fetch).tick()


async def test_a_snapshot_needs_to_know_how_an_async_action_resumes() -> None:
    started: list[str] = []

    async def wait(bb: Any) -> None:
        started.append("wait")
        await asyncio.Event().wait()

    tree = BehaviorTree(wait)
    tree.tick()
    with pytest.raises(Unsupported, match=r'action\(resume="restart"\)'):
        tree.snapshot()
    await tree.aclose()

    async def again(bb: Any) -> None:
        started.append("again")

    tree = BehaviorTree(action(id="wait", resume=again)(wait))
    tree.tick()
    taken = tree.snapshot()
    await tree.aclose()
    tree.restore(taken)
    assert tree.status is RUNNING
    tree.tick()
    await asyncio.sleep(0)
    assert tree.tick() is Status.SUCCESS
    assert started[-1] == "again"


async def test_nothing_is_ticked_until_a_key_that_is_read_changes() -> None:
    seen: list[int] = []

    @condition(reads=["door"])
    def is_open(bb: Any) -> bool:
        seen.append(bb["door"])
        return bool(bb["door"])

    bb = Blackboard({"door": 0, "noise": 0})
    tree = BehaviorTree(Selector(is_open, ScriptNode("shut := true")), bb)
    running = asyncio.create_task(run(tree, forever=True))
    for noise in range(5):
        bb["noise"] = noise
        await asyncio.sleep(0)
    assert seen == [0]
    bb["door"] = 1
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == [0, 1]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_timer_wakes_the_tree() -> None:
    tree = BehaviorTree(Sequence(Sleep(0.01), Delay(ScriptNode("done := true"), 0.01)))
    assert await run(tree) is Status.SUCCESS
    assert tree.blackboard["done"] is True


async def test_an_async_chain_goes_on_by_itself() -> None:
    tree = BehaviorTree(AsyncSequence(ScriptNode("x := 1"), ScriptNode("x := 2"), ScriptNode("x := 3")))
    assert await run(tree, poll=0.001) is Status.SUCCESS
    assert tree.blackboard["x"] == 3


async def test_an_action_that_says_nothing_is_asked_again_after_a_while() -> None:
    asked: list[int] = []

    def work(bb: Any) -> Status:
        asked.append(1)
        return Status.SUCCESS if len(asked) == 3 else Status.RUNNING

    assert await run(BehaviorTree(Timeout(work, 60)), poll=0.001) is Status.SUCCESS


async def test_leaving_a_run_halts_it() -> None:
    job = Job()
    running = asyncio.create_task(run(BehaviorTree(Repeat(job, 2))))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert job.log == ["started", "cancelled", "ended"]


def patrol() -> Any:
    """Reactive, with timers, and nothing that is asked twice for one cause."""
    flee = Sequence(ScriptCondition("danger > 2"), ScriptNode("mode := 'flee'"), Sleep(2))
    rest = Sequence(
        ScriptCondition("tired > 1"), ScriptNode("mode := 'rest'"), Delay(ScriptNode("mode := 'rested'"), 3)
    )
    return Selector(flee, rest, Sequence(ScriptNode("mode := 'walk'"), Sleep(1)), memory=False)


def test_event_driven_and_ticked_trees_do_the_same(engine: Engine) -> None:
    for seed in range(60):
        world = random.Random(seed)  # noqa: S311 - repeatable, not secret
        ticked, driven = (
            BehaviorTree(patrol(), Blackboard({"danger": 0, "tired": 0}), engine=engine, clock=lambda: 0.0)
            for _ in "ab"
        )
        ticks = 0
        with alarmed(driven) as alarm:
            for now in range(60):
                if world.random() < 0.2:
                    key, value = world.choice(("danger", "tired")), world.randint(0, 4)
                    ticked.blackboard[key] = driven.blackboard[key] = value
                before = ticked.statuses
                given = ticked.tick(now)
                if alarm.due(now):
                    ticks += 1
                    assert alarm.tick(now) is given
                    assert driven.statuses == ticked.statuses
                elif given is RUNNING:
                    assert before == ticked.statuses
                if given is not RUNNING:  # done: the ticked tree starts anew, so the driven one is told to
                    driven.changed.set()
                assert driven.blackboard["mode"] == ticked.blackboard["mode"]
        assert ticks < 60


def test_an_alarm_counts_every_change_where_a_condition_does_not_say_what_it_reads() -> None:
    @condition()
    def asks(bb: Any) -> bool:
        return True

    tree = BehaviorTree(asks, Blackboard({"x": 0}))
    alarm = Alarm(tree)
    alarm.open()
    alarm.tick(0.0)
    assert not alarm.due(0.0)
    tree.blackboard["x"] = 1
    assert alarm.due(0.0)
    alarm.close()


def test_a_cancelled_task_that_the_tree_did_not_cancel_is_an_error() -> None:
    async def story() -> None:
        async def wait(bb: Any) -> None:
            await asyncio.Event().wait()

        tree = BehaviorTree(wait)
        tree.tick()
        [task] = tree.machine.tasks[0].pending
        task.cancel()
        await tree.changed.wait()
        with pytest.raises(NodeFailed, match="cancelled by somebody else"):
            tree.tick()

    asyncio.run(story())
    assert issubclass(NodeFailed, BehaviorError)


def test_a_waiting_tree_goes_on_at_its_leaf_and_does_the_same_as_from_the_root(engine: Engine) -> None:
    asked: list[int] = []

    def work(bb: Any) -> Status:
        asked.append(bb["turn"])
        return Status(bb["gives"])

    def after(bb: Any) -> None:
        asked.append(-bb["turn"])

    bb = Blackboard({"turn": 0, "gives": int(RUNNING)})
    tree = BehaviorTree(Sequence(Sequence(lambda _: True, work, after), lambda _: True), bb, engine=engine)
    for bb["turn"] in range(1, 5):
        assert tree.tick() is RUNNING
    bb["turn"], bb["gives"] = 5, int(Status.SUCCESS)
    assert tree.tick() is Status.SUCCESS
    assert asked == [1, 2, 3, 4, 5, -5]
    assert set(tree.statuses.values()) == {Status.SUCCESS}
    bb["gives"] = int(RUNNING)
    assert [tree.tick() for _ in range(3)] == [RUNNING] * 3
    tree.halt()
    assert set(tree.statuses.values()) == {Status.SUCCESS, Status.IDLE}
    assert [tree.tick() for _ in range(3)] == [RUNNING] * 3
    taken = tree.snapshot()
    bb["gives"] = int(Status.FAILURE)
    assert tree.tick() is Status.FAILURE
    tree.restore(taken)
    bb["gives"] = 7
    with pytest.raises(NodeFailed, match=r"Sequence/Sequence/work \(Action\) raised ValueError"):
        tree.tick()
    assert RUNNING not in tree.statuses.values()


def test_what_a_waiting_leaf_raises_names_it(engine: Engine) -> None:
    def work(bb: Any) -> Status:
        if bb.now > 3:
            raise ValueError("no fuel")
        return RUNNING

    tree = BehaviorTree(Sequence(lambda _: True, work), engine=engine)
    assert [tree.tick(now) for now in range(4)] == [RUNNING] * 4
    with pytest.raises(NodeFailed, match=r"Sequence/work \(Action\) raised ValueError: no fuel"):
        tree.tick(4)
    assert tree.status is Status.IDLE
