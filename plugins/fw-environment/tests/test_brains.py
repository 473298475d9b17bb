"""Any kind of controller may possess any pawn, in the same world."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from multiprocessing.connection import Connection
from typing import Any

import pytest

from fw_behavior import BehaviorTree, Blackboard, Sequence, Sleep
from fw_environment import (
    Action,
    ActionStatus,
    BadDeclaration,
    BotAgent,
    Box,
    CannotRestore,
    Environment,
    NotDeterministic,
    Pawn,
    PlayerController,
    PolicyController,
    Recorder,
    RemoteController,
    ReplayController,
    StepFailed,
    Track,
    TreeController,
    effector,
    find_desync,
    replay,
    sensor,
)


class Cart(Pawn):
    kind = "Cart"
    v: float = 0.0

    @sensor(Box())
    def place(self) -> float:
        return self.x

    @effector(Box(-1, 1))
    def push(self, force: float, dt: float) -> None:
        self.v += force * dt

    def on_update(self, dt: float) -> None:
        self.x += self.v * dt


def world(**options: Any) -> tuple[Environment, Cart]:
    env = Environment(dt=0.1, **options)
    return env, env.spawn(Cart(name="cart"))


def back_and_forth(observation: Any) -> dict[str, float]:
    return {"push": -1.0 if observation["place"] > 0 else 1.0}


def patrol(pawn: Pawn) -> BehaviorTree:
    def push(force: float) -> Any:
        def leaf(bb: Blackboard) -> ActionStatus:
            return pawn.pursue(Action("push", force, 0.3))

        return leaf

    return BehaviorTree(Sequence(push(1.0), Sleep(0.25), push(-1.0)))


def test_a_policy_a_tree_and_a_person_do_the_same_to_the_same_pawn() -> None:
    env, cart = world()
    PolicyController(back_and_forth).possess(cart)
    env.step()
    assert cart.v == 0.1
    assert cart.controller is not None
    cart.controller.release()
    player = PlayerController().possess(cart)
    player.send(Action("push", 0.5))
    env.step(3)
    assert cart.v == pytest.approx(0.15)
    player.release()
    env.step(3)
    assert cart.controller is None


def test_a_tree_runs_on_the_time_of_the_world_and_is_part_of_its_state() -> None:
    env, cart = world(deterministic=True)
    mind = TreeController(patrol).possess(cart)
    speeds = []
    for _ in range(14):
        env.step()
        speeds.append(round(cart.v, 3))
    # Three steps of pushing, a quarter of a second of sleep, three steps back, and again.
    assert speeds == [0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.2, 0.1, 0.0, 0.0, 0.1, 0.2, 0.3, 0.3]
    state = env.snapshot()
    statuses = mind.tree.statuses
    fork = env.fork()
    env.step(9)
    later = env.hash()
    env.restore(state)
    assert mind.tree.statuses == statuses
    env.step(9)
    fork.step(9)
    assert env.hash() == fork.hash() == later
    assert find_desync(env, fork, 30) is None
    saved = env.snapshot().to_bytes()
    fresh, other = world(deterministic=True)
    TreeController(patrol).possess(other)
    fresh.restore(fresh.load(saved))
    assert fresh.hash() == env.hash()


class Nod:
    """The smallest tree there is."""

    def __init__(self) -> None:
        self.ticks = 0

    def tick(self) -> None:
        self.ticks += 1


def test_anything_with_a_tick_is_a_tree() -> None:
    env, cart = world()
    nod = Nod()
    TreeController(nod, decision_period=2).possess(cart)
    env.step(6)
    assert nod.ticks == 3
    with pytest.raises(CannotRestore, match=r"Tree 1: A saved state does not hold a tree"):
        env.fork()


def test_a_deterministic_world_refuses_what_depends_on_real_time() -> None:
    async def fetch(bb: Any) -> None:
        await asyncio.sleep(0)

    async def policy(observation: Any) -> None:
        await asyncio.sleep(0)

    _, cart = world(deterministic=True)
    with pytest.raises(NotDeterministic, match=r"leaf Sequence/fetch: An async action does not give the same"):
        TreeController(lambda pawn: BehaviorTree(Sequence(fetch))).possess(cart)
    with pytest.raises(NotDeterministic, match=r"An async policy"):
        PolicyController(policy).possess(cart)
    assert cart.controller is None


async def test_answers_of_an_async_policy_are_recorded_and_replayed_without_it() -> None:
    asked = []

    async def slow(observation: Any) -> dict[str, float]:
        asked.append(observation["place"])
        await asyncio.sleep(0)
        return {"push": 0.25}

    def make() -> Environment:
        env, cart = world()
        PolicyController(slow).possess(cart)
        return env

    env = make()
    with Recorder(env) as recording:
        for _ in range(10):
            env.step()
            await asyncio.sleep(0)
    assert len(asked) > 2
    count = len(asked)
    again = make()
    assert replay(again, recording) is None
    assert (again.hash(), len(asked)) == (env.hash(), count)
    env.find("cart").controller.release()  # type: ignore[attr-defined]  # a Cart
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_pawn_that_goes_takes_back_the_question_to_its_policy() -> None:
    cancelled = []

    async def endless(observation: Any) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    env, cart = world()
    PolicyController(endless).possess(cart)
    env.step()
    await asyncio.sleep(0)
    env.despawn(cart)
    for _ in range(3):
        await asyncio.sleep(0)
    assert cancelled == [True]


def test_what_a_pawn_did_is_done_again_by_another() -> None:
    env, cart = world()
    PolicyController(back_and_forth, decision_period=3).possess(cart)
    with Track(cart) as track:
        env.step(40)
    assert len(track) == 13
    other_env, other = world()
    other_env.step(0)
    again = ReplayController(track).possess(other)
    other_env.step(40)
    assert (other.x, other.v) == (cart.x, cart.v)
    assert again.over
    assert other_env.fork().hash() == other_env.hash()


def steer(link: Connection) -> None:
    """The other process: push towards 1."""
    try:
        while True:
            place = json.loads(link.recv_bytes())["observation"]["place"]
            link.send_bytes(json.dumps({"action": {"name": "push", "params": 1.0 if place < 1 else -1.0}}).encode())
    except EOFError:
        return


def test_another_process_controls_a_pawn_and_the_recording_needs_it_no_more() -> None:
    env, cart = world(deterministic=True)
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=steer, args=(theirs,))
    process.start()
    theirs.close()
    mind = RemoteController(ours).possess(cart)
    with Recorder(env) as recording:
        while cart.x < 1.0:
            env.step()
            ours.poll(0.05)  # not longer: the answer may have been taken in by the step itself
    process.terminate()
    process.join()
    while not mind.lost:
        env.step()
    ours.close()
    again, other = world(deterministic=True)
    RemoteController(ours).possess(other)
    assert replay(again, recording) is None
    assert other.x >= 1.0


@pytest.mark.parametrize(
    "said", [b"{", b"[]", b'{"action": {"name": "fly"}}', b'{"action": {"name": "push", "params": 7}}']
)
def test_a_remote_answer_that_is_no_action_is_told(said: bytes) -> None:
    env, cart = world()
    ours, theirs = multiprocessing.Pipe()
    RemoteController(ours).possess(cart)
    theirs.send_bytes(said)
    with pytest.raises(StepFailed, match=r"is no action of Cart 1 'cart'"):
        env.step()
    ours.close()
    theirs.close()


def test_a_brain_that_cannot_decide_is_refused() -> None:
    env = Environment(dt=0.1)
    with pytest.raises(BadDeclaration, match=r"The brain of Cart: 5 cannot decide\. Give a controller"):
        BotAgent(env, Cart(), 5)  # type: ignore[arg-type]  # what is refused
    assert not env.entities


@pytest.mark.parametrize("brain", [back_and_forth, Nod(), TreeController(patrol)], ids=["policy", "tree", "controller"])
def test_a_bot_is_pawn_and_brain_in_one(brain: Any) -> None:
    env = Environment(dt=0.1)
    bot = BotAgent(env, Cart(), brain, at=(-1.0, 2.0), period=2)
    env.step(2)
    assert bot.pawn.controller is bot.controller
    assert (bot.pawn.y, bot.controller.decision_period) == (2.0, 2)
    assert (bot.blackboard is not None) == (brain is bot.controller)
    bot.leave()
    assert (env.entities, env.controllers) == ({}, {})
