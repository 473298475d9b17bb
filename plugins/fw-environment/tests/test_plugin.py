"""Worlds that an application declares live as long as it does, and make steps on its clock."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from framework import App, Component, StartupError
from framework.clock import Frame
from fw_environment import Environment, EnvironmentEntity
from fw_environment.facade import Environments


class Beacon(EnvironmentEntity):
    kind = "Beacon"
    blinks: int = 0

    def on_update(self, dt: float) -> None:
        self.blinks += 1
        if self.blinks == 7 and self.name == "faulty":
            raise ValueError("short circuit")


def lighthouse(**settings: Any) -> App:
    return App("coast", plugins=["environment"], defaults={"app": {"tick_pace": "manual", "tick_rate": 100} | settings})


async def test_worlds_make_steps_on_the_clock_of_the_application() -> None:
    """DESIGN 9: in an App the world's dt is a whole multiple of the App's."""
    app = lighthouse()

    @app.facade(Environments).world
    def slow() -> Environment:
        env = Environment(dt=0.05, seed=1)
        env.spawn(Beacon())
        return env

    @app.facade(Environments).world
    async def fast(app: App) -> Environment:
        return Environment(dt=0.01)

    async with app:
        worlds = app.facade(Environments).worlds
        assert [*worlds] == ["slow", "fast"]
        app.clock.step(12)
        assert (worlds["slow"].tick, worlds["fast"].tick) == (2, 12)
        worlds["slow"].clock.paused = True
        app.clock.step(10)
        assert (worlds["slow"].tick, worlds["fast"].tick) == (2, 22)
    assert app.facade(Environments).worlds == {}


class Map(Component):
    """A component of the application."""

    def __init__(self) -> None:
        self.up = False

    def start(self) -> None:
        self.up = True


async def test_what_a_world_is_given_of_the_application_has_started_when_it_makes_steps() -> None:
    app = lighthouse()
    seen: list[tuple[str, bool]] = []
    app.register(Map)

    @app.facade(Environments).world
    def coast(chart: Map) -> Environment:
        seen.append(("made", chart.up))
        env = Environment(dt=0.01)
        env.watchers.append(lambda env: seen.append(("step", chart.up)))
        return env

    async with app:
        app.clock.step(1)
    assert seen == [("made", False), ("step", True)]


async def test_frames_lie_between_the_steps_of_each_world() -> None:
    app = lighthouse()
    drawn: list[tuple[float, float]] = []

    @app.facade(Environments).world
    def coast() -> Environment:
        env = Environment(dt=0.04)
        env.renderers.append(lambda world, frame: drawn.append((round(frame.time, 6), round(frame.alpha, 6))))
        return env

    async with app:
        for _ in range(6):
            app.clock.step()
        app.calls["render"].call(app, Frame(9, 0.0, 0.5))
    assert drawn[:6] == [(0.01, 0.25), (0.02, 0.5), (0.03, 0.75), (0.04, 0.0), (0.05, 0.25), (0.06, 0.5)]
    assert drawn[6] == (0.065, 0.625)


@pytest.mark.parametrize("dt", [0.025, 0.001])
async def test_a_step_that_the_clock_cannot_make_is_refused(dt: float) -> None:
    app = lighthouse()

    @app.facade(Environments).world
    def odd() -> Environment:
        return Environment(dt=dt)

    with pytest.raises(StartupError, match=rf"a world with dt={dt} s cannot be stepped by a clock of 0\.01 s"):
        await app.start()


async def test_a_world_that_fails_rests_and_makes_the_application_ill_while_others_go_on() -> None:
    app = lighthouse()

    @app.facade(Environments).world
    def faulty() -> Environment:
        env = Environment(dt=0.01)
        env.spawn(Beacon(name="faulty"))
        return env

    @app.facade(Environments).world
    def sound() -> Environment:
        env = Environment(dt=0.01)
        env.spawn(Beacon())
        return env

    async with app:
        start = app.facade(Environments).worlds["faulty"].snapshot()
        app.clock.step(20)
        worlds = app.facade(Environments).worlds
        assert (worlds["faulty"].tick, worlds["sound"].tick) == (6, 20)
        ill = (await app.health()).ill
        assert "short circuit" in str(ill)
        worlds["faulty"].restore(start)
        app.clock.step(3)
        assert worlds["faulty"].tick == 3
        assert not (await app.health()).ill


async def test_an_application_without_worlds_has_no_clock_to_drive() -> None:
    """ADR 0010: an application pays for what it declares."""
    app = lighthouse(tick_pace="real")
    async with app:
        assert [len(calls) for calls in app.calls.values()] == [0, 0]
        assert "fw ticking" not in {task.get_name() for task in asyncio.all_tasks()}
        assert app.facade(Environments).worlds == {}


async def test_an_application_with_a_world_has_one() -> None:
    app = lighthouse(tick_pace="real")

    @app.facade(Environments).world
    def sea() -> Environment:
        return Environment(dt=0.01)

    async with app:
        assert [len(calls) for calls in app.calls.values()] == [1, 1]
        assert "fw ticking" in {task.get_name() for task in asyncio.all_tasks()}
