"""Units start as soon as what they need is up; exactly those that started are stopped, in reverse, once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, Component, ShutdownError, StartupError
from framework.errors import LateError
from framework.lifecycle import TREE_LINES, Lifecycle, Unit, waiting_tree


class Probe:
    """Makes units that log what happens to them; ``at`` says what a unit does at ``start`` or ``stop``."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.at: dict[str, Callable[[], Awaitable[None]]] = {}

    def unit(self, name: str, *needs: str) -> Unit:
        return Unit(name, "application", needs, self._action("start", name), self._action("stop", name))

    def _action(self, phase: str, name: str) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            label = f"{phase} {name}"
            if label in self.at:
                await self.at[label]()
            self.log.append(label)

        return act


async def broken() -> None:
    raise ValueError("broken")


async def for_ever() -> None:
    await asyncio.Event().wait()


def lifecycle(*units: Unit, start_timeout: float = 30.0, stop_timeout: float = 30.0) -> Lifecycle:
    return Lifecycle(units, start_timeout=start_timeout, stop_timeout=stop_timeout)


async def test_units_stop_in_the_reverse_of_the_order_in_which_they_came_up() -> None:
    """K33"""
    probe = Probe()
    life = lifecycle(probe.unit("c", "b"), probe.unit("b", "a"), probe.unit("a"))
    await life.start()
    await life.stop()
    assert probe.log == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]


async def test_units_that_do_not_need_each_other_start_concurrently() -> None:
    """K33: each waits for the other to have begun, so one after the other would never end."""
    probe, meeting = Probe(), asyncio.Barrier(2)

    async def meet() -> None:
        await meeting.wait()

    probe.at = {"start a": meet, "start b": meet}
    life = lifecycle(probe.unit("a"), probe.unit("b"), start_timeout=10)
    await life.start()
    assert sorted(unit.name for unit in life.running) == ["a", "b"]


async def test_a_failure_stops_what_is_up_and_cancels_what_is_starting() -> None:
    """K33"""
    probe = Probe()
    waiting = asyncio.Event()

    async def begin_and_wait() -> None:
        waiting.set()
        await for_ever()

    async def fail_while_the_other_starts() -> None:
        await waiting.wait()
        raise ValueError("broken")

    probe.at = {"start slow": begin_and_wait, "start bad": fail_while_the_other_starts}
    life = lifecycle(probe.unit("a"), probe.unit("slow", "a"), probe.unit("bad", "a"), probe.unit("never", "bad"))
    with pytest.raises(StartupError) as caught:
        await life.start()
    assert probe.log == ["start a", "stop a"]
    assert [(report.unit, report.phase) for report in caught.value.reports] == [("bad", "start")]
    assert isinstance(caught.value.__cause__, ValueError)


async def test_the_message_of_a_failed_start_names_unit_phase_cause_and_place() -> None:
    probe = Probe()
    probe.at = {"start bad": broken}
    with pytest.raises(StartupError) as caught:
        await lifecycle(probe.unit("bad")).start()
    message = str(caught.value)
    assert "bad of application failed in start: ValueError: broken" in message
    assert f"{__file__}:{broken.__code__.co_firstlineno + 1}" in message


async def test_a_failure_to_stop_does_not_keep_the_others_from_stopping() -> None:
    """K33"""
    probe = Probe()
    probe.at = {"stop b": broken}
    life = lifecycle(probe.unit("a"), probe.unit("b", "a"), probe.unit("c", "b"))
    await life.start()
    with pytest.raises(ShutdownError) as caught:
        await life.stop()
    assert probe.log[3:] == ["stop c", "stop a"]
    assert [report.unit for report in caught.value.reports] == ["b"]
    await life.stop()
    assert probe.log[3:] == ["stop c", "stop a"]


async def test_failures_of_the_roll_back_follow_the_first_cause() -> None:
    """K33"""
    probe = Probe()
    probe.at = {"start b": broken, "stop a": broken}
    with pytest.raises(StartupError) as caught:
        await lifecycle(probe.unit("a"), probe.unit("b", "a")).start()
    assert [(report.unit, report.phase) for report in caught.value.reports] == [("b", "start"), ("a", "stop")]


async def test_a_unit_that_starts_too_slowly_is_cancelled_and_named_with_the_setting() -> None:
    """K33"""
    probe = Probe()
    probe.at = {"start slow": for_ever}
    with pytest.raises(StartupError, match=r"slow did not start within 0.01 s.\n.*\[app\] start_timeout") as caught:
        await lifecycle(probe.unit("slow"), start_timeout=0.01).start()
    assert isinstance(caught.value.reports[0].cause, LateError)


async def test_a_time_out_of_the_units_own_is_not_taken_for_ours() -> None:
    probe = Probe()

    async def own() -> None:
        raise TimeoutError("the database did not answer")

    probe.at = {"start slow": own}
    with pytest.raises(StartupError, match="TimeoutError: the database did not answer"):
        await lifecycle(probe.unit("slow")).start()


async def test_a_unit_that_stops_too_slowly_is_cancelled_and_the_others_are_stopped() -> None:
    probe = Probe()
    probe.at = {"stop slow": for_ever}
    life = lifecycle(probe.unit("a"), probe.unit("slow", "a"), stop_timeout=0.01)
    await life.start()
    with pytest.raises(ShutdownError, match=r"slow did not stop within 0.01 s.\n.*\[app\] stop_timeout"):
        await life.stop()
    assert probe.log[-1] == "stop a"


async def test_what_is_no_ordinary_exception_rolls_back_too() -> None:
    """K33"""
    probe = Probe()

    class Abort(BaseException):
        pass

    async def abort() -> None:
        raise Abort

    probe.at = {"start b": abort}
    with pytest.raises(BaseExceptionGroup) as caught:
        await lifecycle(probe.unit("a"), probe.unit("b", "a")).start()
    assert caught.group_contains(Abort)
    assert probe.log == ["start a", "stop a"]


def test_an_exit_during_the_start_rolls_back_too() -> None:
    """K33: a task group lets SystemExit through unwrapped, and so does the loop."""
    probe = Probe()

    async def leave() -> None:
        raise SystemExit(3)

    probe.at = {"start b": leave}

    async def main() -> None:
        await lifecycle(probe.unit("a"), probe.unit("b", "a")).start()

    with pytest.raises(SystemExit):
        asyncio.run(main())
    assert probe.log == ["start a", "stop a"]


GRAPHS = st.lists(st.sets(st.integers(0, 7), max_size=3), min_size=1, max_size=8).map(
    lambda shape: {f"u{n}": {f"u{need}" for need in needs if need < n} for n, needs in enumerate(shape)}
)


@given(
    GRAPHS,
    st.sets(st.integers(0, 7), max_size=3),
    st.sets(st.integers(0, 7), max_size=3),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
)
def test_whatever_fails_exactly_those_started_are_stopped_in_reverse_once(
    graph: dict[str, set[str]], bad_starts: set[int], bad_stops: set[int], turns: list[int]
) -> None:
    """K33, on random graphs with failures at random units and starts of random length."""
    started: list[str] = []
    stopped: list[str] = []
    stops_badly = bool({f"u{number}" for number in bad_stops} & graph.keys())

    def actions(name: str) -> tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]:
        number = int(name[1:])

        async def start() -> None:
            assert graph[name] <= set(started)
            for _ in range(turns[number]):
                await asyncio.sleep(0)
            if number in bad_starts:
                raise ValueError(name)
            started.append(name)

        async def stop() -> None:
            stopped.append(name)
            if number in bad_stops:
                raise OSError(name)

        return start, stop

    life = lifecycle(*(Unit(name, "application", sorted(needs), *actions(name)) for name, needs in graph.items()))

    async def main() -> None:
        before = asyncio.all_tasks()
        bad = {f"u{number}" for number in bad_starts} & graph.keys()
        if bad:
            with pytest.raises(StartupError) as failed:
                await life.start()
            assert failed.value.reports[0].unit in bad
        else:
            await life.start()
            assert set(started) == set(graph)
            with pytest.raises(ShutdownError) if stops_badly else nullcontext():
                await life.stop()
        assert asyncio.all_tasks() == before

    asyncio.run(main())
    assert stopped == started[::-1]
    assert life.running == []


@given(GRAPHS, st.integers(0, 12))
def test_a_start_cancelled_at_any_moment_leaves_nothing(graph: dict[str, set[str]], moment: int) -> None:
    """K33"""
    log: list[tuple[str, str]] = []

    def act(phase: str, name: str) -> Callable[[], Awaitable[None]]:
        async def action() -> None:
            await asyncio.sleep(0)
            log.append((phase, name))

        return action

    life = lifecycle(
        *(Unit(n, "application", sorted(needs), act("up", n), act("down", n)) for n, needs in graph.items())
    )

    async def main() -> Any:
        task = asyncio.ensure_future(life.start())
        for _ in range(moment):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            await life.stop()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(main()) == set()
    up = [name for phase, name in log if phase == "up"]
    down = [name for phase, name in log if phase == "down"]
    assert down == up[::-1]


async def test_a_start_that_takes_too_long_shows_what_still_waits_for_what() -> None:
    """K33: the tree, each unit opened up once."""
    app = App(plugins=[], defaults={"app": {"start_timeout": 0.01}})

    class Disk(Component):
        async def start(self) -> None:
            await asyncio.Event().wait()

    class Quick(Component): ...

    class Store(Component):
        def __init__(self, disk: Disk, quick: Quick) -> None: ...

    class Api(Component):
        def __init__(self, store: Store) -> None: ...

    class Jobs(Component):
        def __init__(self, store: Store) -> None: ...

    for kind in (Disk, Quick, Store, Api, Jobs):
        app.register(kind)
    with pytest.raises(StartupError) as caught:
        await app.start()
    here = "application:test_a_start_that_takes_too_long_shows_what_still_waits_for_what.<locals>."
    tree = str(caught.value).replace(here, "").partition("Not up yet:\n")[2].splitlines()
    assert [line.removeprefix("    ") for line in tree[:5]] == [
        "Api waits for",
        "  Store waits for",
        "    Disk is starting",
        "Jobs waits for",
        "  Store waits, see above",
    ]
    assert "[app] start_timeout" in tree[5]


def test_a_long_tree_is_cut() -> None:
    tree = waiting_tree({f"u{number}": () for number in range(100)})
    assert len(tree.splitlines()) == TREE_LINES + 3
    assert f"… and {100 - TREE_LINES} lines more" in tree
