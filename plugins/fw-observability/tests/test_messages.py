"""Commands and events are measured by type."""

import asyncio
from dataclasses import dataclass

import pytest

from framework import App, Command, Event, UnhandledCommand
from fw_testing.harness import app_with


@dataclass(frozen=True)
class Add(Command[int]):
    left: int
    right: int


@dataclass(frozen=True)
class Fail(Command[None]):
    pass


@dataclass(frozen=True)
class Told(Event):
    pass


def make_app(**settings: bool) -> App:
    app = app_with("observability", defaults={"observability": settings})

    @app.handles(Add)
    async def add(command: Add) -> int:
        return command.left + command.right

    @app.handles(Fail)
    async def fail(command: Fail) -> None:
        raise OSError("disk")

    @app.handles(Told)
    def hear(event: Told) -> None: ...

    return app


def counts(app: App) -> dict[tuple[str, ...], float]:
    [handled] = [family for family in app.metrics.families if family.name == "messages_handled"]
    return {values: series.value for values, series in handled.series if series.value}


async def test_each_type_is_counted_by_outcome_and_timed() -> None:
    """K7: a wrapper, composed once for each type."""
    app = make_app()
    async with app:
        assert await app.dispatch(Add(1, 2)) == 3
        assert await app.dispatch(Add(3, 4)) == 7
        await app.publish(Told())
        with pytest.raises(OSError, match="disk"):
            await app.dispatch(Fail())
        assert counts(app) == {("Add", "ok"): 2, ("Told", "ok"): 1, ("Fail", "error"): 1}
        [seconds] = [one for one in app.metrics.families if one.name == "message_duration_seconds"]
        assert {values: series.count for values, series in seconds.series} == {("Add",): 2, ("Told",): 1, ("Fail",): 1}


async def test_a_handler_that_is_cancelled_is_no_error() -> None:
    app = make_app()
    begun = asyncio.Event()

    @dataclass(frozen=True)
    class Wait(Command[None]):
        pass

    @app.handles(Wait)
    async def wait(command: Wait) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with app:
        waiting = asyncio.create_task(app.dispatch(Wait()))
        await begun.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert [values[1] for values in counts(app)] == ["cancelled"]


async def test_a_command_that_nobody_handles_is_counted_and_still_an_error() -> None:
    @dataclass(frozen=True)
    class Nothing(Command[None]):
        pass

    app = make_app()
    async with app:
        with pytest.raises(UnhandledCommand):
            await app.dispatch(Nothing())
        assert [values[1] for values in counts(app)] == ["error"]


@pytest.mark.parametrize("setting", ["messages", "enabled"])
async def test_they_are_not_wrapped_where_that_is_switched_off(setting: str) -> None:
    async with make_app(**{setting: False}) as app:
        assert await app.dispatch(Add(1, 2)) == 3
        assert not [one for one in app.metrics.families if one.name.startswith("message")]


async def test_two_apps_and_a_restart_do_not_mix() -> None:
    """K5, K26"""
    one, other = make_app(), make_app()
    for _ in range(2):
        async with one, other:
            await one.dispatch(Add(1, 2))
            assert counts(one) == {("Add", "ok"): 1}
            assert counts(other) == {}
