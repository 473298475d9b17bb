"""`FixedStep` turns elapsed seconds into whole steps."""

import asyncio
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, Frame, FrameworkError, Manifest, hookimpl
from framework.clock import FixedStep


def test_steps_are_made_when_they_are_due_and_the_rest_is_kept() -> None:
    steps: list[float] = []
    clock = FixedStep(4, steps.append)
    frame = clock.advance(0.125)
    assert (steps, frame.number, frame.alpha) == ([], 0, 0.5)
    frame = clock.advance(0.5)
    assert steps == [0.25, 0.25]
    assert (frame.number, frame.alpha, frame.time) == (1, 0.5, 0.625)
    assert clock.until_next == 0.125


def test_time_beyond_the_catch_up_is_dropped() -> None:
    steps: list[float] = []
    clock = FixedStep(10, steps.append, catch_up=3)
    clock.advance(1000.0)
    assert len(steps) == 3
    assert clock.steps == 3


@given(st.floats(1, 240), st.lists(st.floats(0, 0.02), max_size=60))
def test_as_many_steps_are_made_as_fit_into_the_time_elapsed(rate: float, elapsed: list[float]) -> None:
    steps: list[float] = []
    clock = FixedStep(rate, steps.append, catch_up=1000)
    for seconds in elapsed:
        frame = clock.advance(seconds)
        assert 0 <= frame.alpha < 1
        assert 0 < clock.until_next <= clock.dt
    # Rounding may move the last step to either side of the end.
    assert abs(len(steps) - math.fsum(elapsed) * rate) < 1 + 1e-6
    assert set(steps) <= {clock.dt}


def made(**options: Any) -> tuple[FixedStep, list[float], list[Frame]]:
    """A clock of 4 steps a second, its steps, its frames."""
    steps: list[float] = []
    frames: list[Frame] = []
    return FixedStep(4, steps.append, frames.append, **options), steps, frames


def test_free_running_makes_one_step_for_each_advance() -> None:
    """K38"""
    clock, steps, frames = made(pace="free")
    for _ in range(3):
        assert clock.until_next == 0
        clock.advance(0.0)
    assert steps == [0.25] * 3
    assert [(frame.number, frame.time, frame.alpha) for frame in frames] == [(0, 0.25, 0), (1, 0.5, 0), (2, 0.75, 0)]


def test_by_hand_only_the_steps_asked_for_are_made() -> None:
    """K38"""
    clock, steps, frames = made(pace="manual")
    clock.advance(100.0)
    assert (steps, len(frames)) == ([], 1)
    frame = clock.step(3)
    assert steps == [0.25] * 3
    assert (frame.number, frame.time) == (1, 0.75)
    assert clock.until_next == clock.dt


def test_the_scale_stretches_time() -> None:
    """K38"""
    clock, steps, _ = made(scale=2.0)
    assert clock.until_next == 0.125
    clock.advance(0.25)
    assert len(steps) == 2
    clock.scale = 0.5
    clock.advance(0.25)
    assert len(steps) == 2
    assert clock.until_next == 0.25


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan])
def test_time_does_not_run_backwards(scale: float) -> None:
    """K38"""
    clock, _, _ = made()
    with pytest.raises(FrameworkError, match=r"must be greater than 0, not .*\n  Set paused = True"):
        clock.scale = scale


@pytest.mark.parametrize("pace", ["real", "free", "manual"])
def test_a_paused_clock_draws_and_makes_single_steps(pace: Any) -> None:
    """K38"""
    clock, steps, frames = made(pace=pace)
    clock.paused = True
    clock.advance(100.0)
    assert (steps, len(frames)) == ([], 1)
    clock.step()
    assert (len(steps), clock.steps) == (1, 1)
    clock.paused = False
    clock.advance(0.0)
    assert len(steps) == 1 + (pace == "free")


def test_a_pause_inside_a_step_takes_effect_at_once() -> None:
    """K38"""
    steps: list[float] = []

    def tick(dt: float) -> None:
        steps.append(dt)
        clock.paused = True

    clock = FixedStep(4, tick)
    frame = clock.advance(1.0)
    assert len(steps) == 1
    assert frame.alpha == 1


def test_a_step_inside_a_step_is_refused() -> None:
    """K38"""
    clock = FixedStep(4, lambda dt: clock.step())
    with pytest.raises(FrameworkError, match="inside a step"):
        clock.step()


class World:
    manifest = Manifest("world")

    def __init__(self) -> None:
        self.steps = 0
        self.enough = asyncio.Event()

    @hookimpl
    def tick(self, app: App, dt: float) -> None:
        self.steps += 1
        if self.steps >= 3:
            self.enough.set()


@pytest.mark.parametrize("pace,scale", [("free", 1.0), ("real", 1000.0)])
async def test_an_app_drives_its_clock_as_configured(pace: str, scale: float) -> None:
    """K38"""
    world = World()
    settings = {"tick_pace": pace, "tick_scale": scale, "tick_rate": 50.0, "tick_catch_up": 2}
    async with App(plugins=[world], defaults={"app": settings}) as app:
        assert (app.clock.dt, app.clock.pace, app.clock.scale) == (0.02, pace, scale)
        await asyncio.wait_for(world.enough.wait(), 10)
    assert app.clock.steps == world.steps >= 3
