"""`GuardedCalls`: one plugin that raises does not stop the others."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, Manifest, PluginQuarantined, ShutdownError, hookimpl
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


def test_a_plugin_with_nothing_to_do_is_not_called() -> None:
    log: list[str] = []
    calls = GuardedCalls("tick", [("a", lambda app, dt: log.append("a")), ("b", lambda app, dt: log.append("b"))])
    calls.leave_out("a")
    calls.call(None, 0.5)
    assert log == ["b"]
    assert len(calls) == 1
    assert not calls.quarantined


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


def wrapping(name: str, log: list[str], *, yields: int = 1, breaks: str = "") -> tuple[str, Callable[..., Any]]:
    """A wrapper that logs its name before and after, yields so often, and raises before or after."""

    def wrapper(first: object, second: object) -> Iterator[None]:
        log.append(f"{name}+")
        if breaks == "before":
            raise ValueError(name)
        for _ in range(yields):
            yield
        if breaks == "after":
            raise ValueError(name)
        log.append(f"{name}-")

    return name, wrapper


@given(st.lists(st.sampled_from(["", "before", "after"]), max_size=4), st.booleans())
def test_wrappers_nest_and_one_that_raises_stops_nobody(breaks: list[str], broken: bool) -> None:
    """K2, K12"""
    logging.getLogger("framework").disabled = True
    log: list[str] = []

    def tick(app: object, dt: float) -> None:
        log.append("tick")
        if broken:
            raise ValueError

    wrappers = [wrapping(f"w{number}", log, breaks=what) for number, what in enumerate(breaks)]
    calls = GuardedCalls("tick", [("p", tick)], wrappers)
    try:
        calls.call(None, 0.1)
    finally:
        logging.getLogger("framework").disabled = False
    after = [f"w{number}-" for number, what in enumerate(breaks) if not what]
    assert log == [*(f"w{number}+" for number in range(len(breaks))), "tick", *reversed(after)]
    failed = {f"w{number}": 1 for number, what in enumerate(breaks) if what}
    assert calls.errors == {**failed, **({"p": 1} if broken else {})}


@pytest.mark.parametrize("yields,said", [(0, "did not yield"), (2, "yielded twice")])
def test_a_wrapper_that_does_not_yield_once_is_told(yields: int, said: str, caplog: pytest.LogCaptureFixture) -> None:
    """K2"""
    log: list[str] = []
    calls = GuardedCalls(
        "render", [("p", lambda app, frame: log.append("render"))], [wrapping("w", log, yields=yields)]
    )
    for _ in range(PATIENCE + 1):
        calls.call(None, None)
    assert log.count("render") == PATIENCE + 1
    assert log.count("w+") == PATIENCE
    assert f"the wrapper of render {said}" in caplog.text
    assert calls.quarantined == {"w"}


async def test_wrappers_of_plugins_stand_around_all_ticks(caplog: pytest.LogCaptureFixture) -> None:
    """K2: that of a required plugin is outermost."""
    log: list[str] = []

    def plugin(name: str, *requires: str) -> Any:
        class Plugin:
            manifest = Manifest(name, requires=requires)

            @hookimpl(wrapper=True)
            def tick(self, dt: float) -> Iterator[None]:
                log.append(f"{name}+")
                yield
                log.append(f"{name}-")

            @hookimpl
            def render(self) -> None:
                log.append(f"draw {name}")

        return Plugin()

    app = App(plugins=[plugin("inner", "outer"), plugin("outer")], defaults={"app": {"tick_pace": "manual"}})
    async with app:
        app.clock.step()
        assert log == ["outer+", "inner+", "inner-", "outer-", "draw outer", "draw inner"]
        assert {name: calls.calls for name, calls in app.calls.items()} == {"tick": 1, "render": 1}


class Raising:
    manifest = Manifest("raising")

    @hookimpl
    def tick(self, app: App) -> None:
        raise ValueError("broken")


async def test_a_quarantine_is_an_event() -> None:
    """K12"""
    app, heard = App(plugins=[Raising()]), asyncio.Queue[PluginQuarantined]()
    app.handles(PluginQuarantined)(heard.put)
    async with app:
        event = await asyncio.wait_for(heard.get(), 10)
    assert (event.plugin, event.hook, str(event.error)) == ("raising", "tick", "broken")
    assert app.calls["tick"].errors == {"raising": PATIENCE}


async def test_a_quarantine_ends_a_deterministic_run() -> None:
    """K12"""
    app = App(plugins=[Raising()], defaults={"app": {"deterministic": True}})
    await app.start()
    await app.ready()
    assert await asyncio.wait_for(app.wait_stop_requested(), 10) == "a step failed"
    assert not (await app.health()).live
    with pytest.raises(ShutdownError, match=r"failed in tick: Plugin 'raising' raised in tick 3 times in a row"):
        await app.stop()
