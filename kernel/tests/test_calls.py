"""`GuardedCalls`: one plugin that raises does not stop the others."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.calls import PATIENCE, GuardedCalls


def raising_at(calls: set[int]) -> tuple[list[int], Callable[..., Any]]:
    seen: list[int] = []

    def tick(app: object, dt: float) -> None:
        seen.append(len(seen))
        if seen[-1] in calls:
            raise ValueError("broken")

    return seen, tick


def test_all_are_called_in_order_with_the_arguments() -> None:
    log: list[Any] = []
    calls = GuardedCalls(
        "tick", [("a", lambda app, dt: log.append(("a", dt))), ("b", lambda app, dt: log.append(("b", dt)))]
    )
    calls.call(None, 0.5)
    assert log == [("a", 0.5), ("b", 0.5)]
    assert len(calls) == 2
    assert calls.calls == 1


def test_an_exception_is_logged_with_plugin_and_hook_and_the_next_is_called(caplog: pytest.LogCaptureFixture) -> None:
    _, broken = raising_at({0})
    seen, healthy = raising_at(set())
    GuardedCalls("tick", [("bad", broken), ("good", healthy)]).call(None, 0.1)
    assert seen == [0]
    assert "plugin 'bad' raised in tick: ValueError('broken')" in caplog.text


def test_a_plugin_that_keeps_raising_is_left_out_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    """K12"""
    seen, broken = raising_at(set(range(100)))
    healthy, good = raising_at(set())
    calls = GuardedCalls("tick", [("bad", broken), ("good", good)])
    for _ in range(10):
        calls.call(None, 0.1)
    assert len(seen) == PATIENCE
    assert len(healthy) == 10
    assert calls.errors == {"bad": PATIENCE}
    assert calls.quarantined == {"bad"}
    assert "left out" in caplog.text


@given(st.sets(st.integers(0, 30)))
def test_it_is_left_out_exactly_after_so_many_failures_in_a_row(bad: set[int]) -> None:
    """K12"""
    logging.getLogger("framework").disabled = True
    try:
        seen, tick = raising_at(bad)
        calls = GuardedCalls("tick", [("p", tick)])
        for _ in range(31):
            calls.call(None, 0.1)
    finally:
        logging.getLogger("framework").disabled = False
    ends = [n + 1 for n in range(PATIENCE - 1, 31) if {n - back for back in range(PATIENCE)} <= bad]
    assert len(seen) == (ends[0] if ends else 31)
    assert calls.quarantined == ({"p"} if ends else set())


def test_what_is_no_ordinary_exception_passes_through() -> None:
    def interrupted(app: object, dt: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        GuardedCalls("tick", [("p", interrupted)]).call(None, 0.1)
