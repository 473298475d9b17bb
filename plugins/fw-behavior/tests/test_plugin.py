"""Trees that an application declares live as long as it does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from framework import App, Command
from fw_behavior import BehaviorTree, Blackboard, Sequence, condition
from fw_behavior.facade import Behavior
from fw_behavior.minds import Minds


@dataclass(frozen=True)
class Feed(Command[str]):
    animal: str


async def test_a_declared_tree_runs_while_the_application_does_and_its_leaves_send_commands() -> None:
    app = App("zoo", plugins=["behavior"])
    fed, done = [], asyncio.Event()

    @app.handles(Feed)
    async def feed(command: Feed) -> str:
        fed.append(command.animal)
        return f"{command.animal} is full"

    @condition(reads=["hunger"])
    def is_hungry(bb: Any) -> bool:
        return bool(bb["hunger"] > 2)

    async def eat(bb: Any) -> None:
        bb["says"] = await app.dispatch(Feed("bear"))
        bb["hunger"] = 0
        done.set()

    @app.facade(Behavior).tree
    def bear() -> BehaviorTree:
        return BehaviorTree(Sequence(is_hungry, eat), Blackboard({"hunger": 0}))

    async with app:
        minds = app.container.get(Minds)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        [tree] = minds.trees
        assert fed == []
        tree.blackboard["hunger"] = 3
        await done.wait()
        assert (fed, tree.blackboard["says"]) == (["bear"], "bear is full")
        assert minds.health() is None
    assert minds.trees == []


async def test_stopping_cancels_what_runs_and_waits_for_it() -> None:
    app, log = App("zoo", plugins=["behavior"]), []

    async def sleep(bb: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            log.append("awake")

    @app.facade(Behavior).tree
    def bear() -> BehaviorTree:
        return BehaviorTree(sleep)

    async with app:
        for _ in range(3):
            await asyncio.sleep(0)
    assert log == ["awake"]


async def test_a_tree_that_raises_makes_the_application_ill_and_is_told() -> None:
    app, told = App("zoo", plugins=["behavior"]), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))

    @app.facade(Behavior).tree
    def bear() -> BehaviorTree:
        def broken(bb: Any) -> None:
            raise ValueError("no fuel")

        return BehaviorTree(broken)

    async with app:
        for _ in range(3):
            await asyncio.sleep(0)
        assert "broken (Action) raised ValueError: no fuel" in (app.container.get(Minds).health() or "")
    assert len(told) == 1
    asyncio.get_running_loop().set_exception_handler(None)
