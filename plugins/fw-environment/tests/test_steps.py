"""The order of a step, the clock, actions, events, inputs."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import numpy as np
import pytest

from fw_environment import (
    Action,
    ActionStatus,
    BadDeclaration,
    Box,
    EntityController,
    Environment,
    EnvironmentEntity,
    NotNow,
    OutOfSpace,
    Pawn,
    PlayerController,
    StepFailed,
    System,
    UnknownName,
    effector,
    sensor,
)

log: list[str] = []


class Robot(Pawn):
    @sensor(Box())
    def position(self) -> float:
        return self.x

    @effector(Box(-10, 10))
    def move(self, speed: float, dt: float) -> None:
        log.append(f"move {self.id}")
        self.x += speed * dt

    @effector(Box())
    def reach(self, goal: float, dt: float) -> bool | None:
        self.x += math.copysign(min(1.0, abs(goal - self.x)), goal - self.x)
        return True if self.x == goal else None

    def on_update(self, dt: float) -> None:
        log.append(f"update {self.id}")


class Hopper(Pawn):
    @effector(Box(0, 5, shape=2))
    def hop(self, by: tuple[float, float], dt: float) -> None:
        self.x += by[0] * dt


class Chaser(EntityController):
    def update(self, dt: float) -> None:
        log.append(f"control {self.id}")

    def decide(self, observation: Any) -> Action:
        log.append(f"decide {self.id} at {observation['position']:g}")
        return Action("move", 1.0)


class Weather(System):
    def update(self, dt: float) -> None:
        log.append("system")


def test_a_step_goes_input_decide_act_systems_events() -> None:
    env = Environment(dt=1.0)
    env.add_system(Weather())
    env.events.on("gust")(lambda env: log.append("event"))
    first, second = env.spawn(Robot()), env.spawn(Robot())
    for robot in (first, second):
        Chaser().possess(robot)
    player = PlayerController().possess(env.spawn(Robot()))
    env.events.at(1.0, "gust")
    player.send(Action("move", 0.0))
    log.clear()
    env.step()
    assert log == [
        *("control 1", "control 2"),
        *("decide 1 at 0", "decide 2 at 0"),  # all decide before anything moves
        *("move 3", "move 1", "move 2"),
        *("update 1", "update 2", "update 3"),
        *("system", "event"),
    ]
    assert (first.x, second.x, env.time) == (1.0, 1.0, 1.0)


class Watcher(Pawn):
    @sensor(Box())
    def others(self) -> float:
        return float(len(self.env.actions))

    @effector(Box())
    def note(self, value: float, dt: float) -> None:
        log.append(f"{self.id} saw {value:g}")


class Noting(EntityController):
    def decide(self, observation: Any) -> Action:
        return Action("note", observation["others"])


def test_all_perceive_before_anything_that_one_decides_has_begun() -> None:
    env = Environment(dt=1.0)
    for _ in range(3):
        Noting().possess(env.spawn(Watcher()))
    log.clear()
    env.step()
    assert log == ["1 saw 0", "2 saw 0", "3 saw 0"]


class Odd(EntityController):
    what: Any = None

    def decide(self, observation: Any) -> Any:
        return Action("hop", (1.0, 9.0)) if self.what == "far" else self.what


@pytest.mark.parametrize(
    "decided, told",
    [
        ("up", r"Odd 2 raised NoAction: Odd 2 decided 'u'\. A decision is an Action, several of them, or None"),
        (5, r"Odd 2 raised NoAction: Odd 2 decided 5"),
        ("far", r"Odd 2 raised OutOfSpace: Effector 'hop' of Hopper 2"),
    ],
)
def test_a_decision_that_is_none_names_who_decided(decided: Any, told: str) -> None:
    env = Environment(dt=1.0)
    for what in (None, decided, None):
        Odd(what=what).possess(env.spawn(Hopper()))
    with pytest.raises(StepFailed, match=rf"Step 0, phase decide: {told}"):
        env.step()
    assert env._turn is None


def test_an_async_decision_is_refused() -> None:
    class Slow(EntityController):
        async def decide(self, observation: Any) -> None:  # type: ignore[override]  # what is refused
            """Never called."""

    hopper = Environment().spawn(Hopper())
    with pytest.raises(BadDeclaration, match=r"Slow\.decide: It is an async function.*PolicyController"):
        Slow().possess(hopper)
    assert hopper.controller is None


def test_the_clock_of_the_kernel_drives_the_world() -> None:
    """DESIGN 9, K38: one accumulator, with time scale, pause and single step."""
    env = Environment(dt=0.1)
    frames: list[float] = []
    env.renderers.append(lambda env, frame: frames.append(round(frame.alpha, 6)))
    env.clock.pace = "real"
    env.clock.advance(0.25)
    assert (env.tick, frames) == (2, [0.5])
    env.clock.scale = 2.0
    env.clock.advance(0.1)
    assert env.tick == 4
    env.clock.paused = True
    env.clock.advance(10.0)
    assert env.tick == 4
    env.step()
    assert (env.tick, env.clock.dt) == (5, 0.1)


def test_what_is_drawn_lies_between_the_last_two_steps() -> None:
    env = Environment(dt=0.1)
    env.interpolation.on = True
    cart = env.spawn(Robot(), at=(10.0, 0.0))
    cart.angle = 3.0
    PlayerController().possess(cart).send(Action("move", 10.0))
    assert env.interpolation.place(cart, 0.5) == (10.0, 0.0, 3.0)
    env.step()
    cart.angle = -3.0  # a turn of 0.28, not of 6
    x, _, angle = env.interpolation.place(cart, 0.25)
    assert x == pytest.approx(10.25)
    assert abs(math.remainder(angle - math.pi, math.tau)) < 0.15
    assert env.interpolation.place(cart, 1.0)[0] == cart.x


@pytest.mark.parametrize("dt", [0.0, -1.0, math.nan])
def test_a_step_lasts_longer_than_nothing(dt: float) -> None:
    with pytest.raises(ValueError, match=r"greater than 0"):
        Environment(dt=dt)


def test_an_action_lasts_its_duration_and_tells_how_far_it_is() -> None:
    env = Environment(dt=0.1)
    robot = env.spawn(Robot())
    handle = robot.act(Action("move", 1.0, duration=0.3))
    progress = []
    while handle.running:
        env.step()
        progress.append(round(handle.progress, 3))
    assert progress == [0.333, 0.667, 1.0]
    assert robot.x == pytest.approx(0.3)
    assert (handle.status, env.actions) == (ActionStatus.DONE, [])


def test_an_effector_ends_its_action_and_a_new_one_takes_its_place() -> None:
    env = Environment(dt=0.1)
    robot = env.spawn(Robot())
    handle = robot.act(Action("reach", 2.5, math.inf))
    env.step(2)
    assert (handle.status, handle.progress) == (ActionStatus.RUNNING, 0.0)
    env.step()
    assert (handle.status, robot.x) == (ActionStatus.DONE, 2.5)
    first, second = robot.act(Action("reach", 9.0, 5.0)), robot.act(Action("reach", 0.0, 0.1))
    env.step()
    assert (first.status, second.status) == (ActionStatus.CANCELLED, ActionStatus.DONE)


async def test_an_action_can_be_awaited() -> None:
    env = Environment(dt=0.1)
    robot = env.spawn(Robot())

    async def walk() -> list[ActionStatus]:
        done = await robot.act(Action("move", 1.0, 0.2))
        gone = robot.act(Action("move", 1.0, 9.0))
        env.despawn(robot)
        return [done, await gone]

    task = asyncio.create_task(walk())
    while not task.done():
        await asyncio.sleep(0)
        env.step()
    assert task.result() == [ActionStatus.DONE, ActionStatus.CANCELLED]


def test_pursue_tells_each_end_once() -> None:
    env = Environment(dt=0.1)
    robot = env.spawn(Robot())
    told = []
    for _ in range(4):
        told.append(robot.pursue(Action("move", 1.0, 0.2)).name)
        env.step()
    assert told == ["RUNNING", "RUNNING", "DONE", "RUNNING"]
    robot.acts["move"].cancel()
    assert robot.pursue(Action("move", 1.0, 0.2)) is ActionStatus.FAILED, "a leaf that was cancelled has failed"


def test_pursue_knows_its_action_however_the_value_is_written() -> None:
    env = Environment(dt=0.1)
    robot = env.spawn(Hopper())
    for place in [1, 2], (1, 2), np.array([1.0, 2.0]):
        robot.pursue(Action("hop", place, 1.0))
        env.step()
    assert robot.acts["hop"].ticks == 3


@pytest.mark.parametrize("params", [11, -10.5, math.nan, "fast", None, (1.0,)])
def test_a_value_outside_of_the_space_is_refused_where_it_is_given(params: Any) -> None:
    robot = Environment().spawn(Robot(name="r2"))
    with pytest.raises(OutOfSpace, match=r"Effector 'move' of Robot 1 'r2' takes Box\(low=-10"):
        robot.act(Action("move", params))
    assert robot.acts == {}


def test_an_unknown_effector_is_named_with_the_nearest_one() -> None:
    robot = Environment().spawn(Robot())
    with pytest.raises(UnknownName, match=r"no effector of Robot 1 'mov'. Did you mean 'move'"):
        robot.act(Action("mov", 1.0))


def test_events_happen_at_their_own_time_in_order() -> None:
    env = Environment(dt=0.5)
    seen: list[tuple[str, float]] = []

    @env.events.on("tell")
    def tell(world: Environment, what: str) -> None:
        seen.append((what, world.events.now))
        if what == "first":
            world.events.after(0.1, "tell", "caused")

    env.events.at(0.3, "tell", "late")
    env.events.at(0.1, "tell", "first")
    env.events.at(0.3, "tell", "later")
    gone = env.events.at(0.2, "tell", "cancelled")
    env.events.at(0.5, "tell", "edge")
    env.events.at(0.6, "tell", "next step")
    assert env.events.cancel(gone)
    assert not env.events.cancel(gone)
    env.step()
    assert seen == [("first", 0.1), ("caused", 0.2), ("late", 0.3), ("later", 0.3), ("edge", 0.5)]
    with pytest.raises(NotNow, match=r"Event 'tell' at 0.4 s lies before 0.5 s"):
        env.events.at(0.4, "tell", "too late")
    with pytest.raises(UnknownName, match=r"no event handler 'tel'. Did you mean 'tell'"):
        env.events.at(1.0, "tel")


def test_who_is_spawned_in_a_step_is_there_at_once_and_acts_from_the_next_on() -> None:
    class Mother(EnvironmentEntity):
        kind = "Mother"
        seen: int = 0

        def on_update(self, dt: float) -> None:
            if self.env.tick == 0:
                self.env.spawn(Mother(name="child"))
                self.seen = len(self.env.entities)
            log.append(self.name or "mother")

    env = Environment()
    mother = env.spawn(Mother())
    log.clear()
    env.step(2)
    assert (mother.seen, log) == (2, ["mother", "mother", "child"])


def test_who_is_despawned_in_a_step_leaves_at_its_end_with_all_its_parts() -> None:
    class Mortal(EnvironmentEntity):
        kind = "Mortal"

        def on_update(self, dt: float) -> None:
            self.env.despawn(self)
            self.env.despawn(self)
            log.append(f"{self.name} {len(self.env.entities)}")

        def on_despawn(self) -> None:
            log.append(f"{self.name} gone")

    env = Environment()
    whole = env.spawn(Mortal(name="whole"))
    part = whole.add(Mortal(name="part"))
    log.clear()
    env.step()
    assert log == ["whole 2", "part 2", "whole gone", "part gone"]
    assert env.entities == {}
    assert not part.alive
    with pytest.raises(NotNow, match=r"is not in this world"):
        env.despawn(whole)


def test_possession_changes_at_the_end_of_the_step() -> None:
    class Fickle(EntityController):
        kind = "Fickle"

        def update(self, dt: float) -> None:
            self.release()
            Fickle().possess(self.pawn)
            assert self.possessing

    env = Environment()
    robot = env.spawn(Robot())
    first = Fickle().possess(robot)
    env.step()
    assert not first.possessing
    assert robot.controller is not first
    assert [*env.controllers] == [2]
    with pytest.raises(NotNow, match=r"possessed by Fickle 2. Release it first"):
        Chaser().possess(robot)


def test_decisions_are_spread_over_their_period() -> None:
    env = Environment(dt=0.1)
    for _ in range(4):
        Chaser(decision_period=2).possess(env.spawn(Robot()))
    decided = []
    for _ in range(4):
        log.clear()
        env.step()
        decided.append([int(line.split()[1]) for line in log if line.startswith("decide")])
    assert decided == [[2, 4], [1, 3], [2, 4], [1, 3]]


def test_a_failing_step_names_who_and_when_and_the_world_waits_for_a_restore() -> None:
    class Bomb(EnvironmentEntity):
        kind = "Bomb"
        fuse: int = 2

        def on_update(self, dt: float) -> None:
            self.fuse -= 1
            if self.fuse == 0:
                raise ValueError("boom")

    env = Environment()
    bomb = env.spawn(Bomb(name="b"))
    state = env.snapshot()
    with pytest.raises(StepFailed, match=r"Step 1, phase act: Bomb 1 'b' raised ValueError: boom") as caught:
        env.step(5)
    assert isinstance(caught.value.cause, ValueError)
    with pytest.raises(NotNow, match=r"stands where it failed"):
        env.step()
    with pytest.raises(NotNow, match=r"A snapshot of a world in the middle of a failed step"):
        env.snapshot()
    env.restore(state)
    assert (bomb.fuse, env.failure) == (2, "")
    env.step()


def test_state_cannot_be_taken_or_put_inside_a_step() -> None:
    class Meddler(EnvironmentEntity):
        kind = "Meddler"

        def on_update(self, dt: float) -> None:
            self.env.snapshot()

    env = Environment()
    env.spawn(Meddler())
    with pytest.raises(StepFailed, match=r"A snapshot was asked for inside a step"):
        env.step()
