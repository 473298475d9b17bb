"""`FixedStep` turns elapsed seconds into whole steps."""

import math

from hypothesis import given
from hypothesis import strategies as st

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
