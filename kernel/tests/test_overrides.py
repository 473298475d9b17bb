"""`app.override`: stand-ins for tests, seen by call sites that were compiled long before."""

from dataclasses import dataclass

import pytest

from framework import App, BootstrapError, Command, Component, Depends


class Clock:
    def now(self) -> str:
        return "real"


class StoppedClock(Clock):
    def now(self) -> str:
        return "stopped"


def make_stopped() -> Clock:
    return StoppedClock()


def zone() -> str:
    return "local"


@dataclass(frozen=True)
class Now(Command[str]):
    pass


class Watch(Component):
    def __init__(self, clock: Clock) -> None:
        self.clock = clock


def make_app(*, with_watch: bool = False) -> App:
    app = App(plugins=[])
    app.provide(Clock, Clock)
    if with_watch:
        app.register(Watch)

    @app.handles(Now)
    def now(command: Now, clock: Clock, where: str = Depends(zone)) -> str:
        return f"{clock.now()} {where}"

    return app


@pytest.mark.parametrize("stand_in", [StoppedClock(), StoppedClock, make_stopped])
async def test_an_override_holds_within_its_block_while_the_app_runs(stand_in: object) -> None:
    """K31"""
    async with make_app() as app:
        assert await app.dispatch(Now()) == "real local"
        before = app.container.get(Clock)
        with app.override(Clock, stand_in):
            assert await app.dispatch(Now()) == "stopped local"
            with app.override(Clock, Clock()):
                assert await app.dispatch(Now()) == "real local"
            assert await app.dispatch(Now()) == "stopped local"
        assert await app.dispatch(Now()) == "real local"
        assert app.container.get(Clock) is before


async def test_an_override_before_the_start_reaches_components_and_ends_with_its_block() -> None:
    """K31"""
    app = make_app(with_watch=True)
    for _ in range(2):
        with app.override(Clock, StoppedClock):
            async with app:
                assert app.container.get(Watch).clock.now() == "stopped"
                assert await app.dispatch(Now()) == "stopped local"
        async with app:
            assert app.container.get(Watch).clock.now() == "real"


async def test_the_factory_named_by_depends_can_be_overridden() -> None:
    """K31"""
    app = make_app()
    with app.override(zone, lambda: "UTC"):
        async with app:
            assert await app.dispatch(Now()) == "real UTC"
    async with app:
        with app.override(zone, "UTC"):
            assert await app.dispatch(Now()) == "real UTC"
        assert await app.dispatch(Now()) == "real local"


async def test_what_is_held_by_something_built_already_cannot_be_overridden() -> None:
    """K31: a stand-in that nobody would see must not pass for one that is used."""
    async with make_app(with_watch=True) as app:
        with pytest.raises(BootstrapError, match=r"Clock cannot be overridden now: Watch, which is built already"):
            app.override(Clock, StoppedClock()).__enter__()
        assert await app.dispatch(Now()) == "real local"


async def test_overriding_what_nothing_provides_is_refused() -> None:
    app = make_app()
    app.bootstrap()
    with pytest.raises(BootstrapError, match="Nothing provides Watch, so it cannot be overridden"):
        app.override(Watch, Watch(Clock())).__enter__()


async def test_a_stand_in_that_waits_must_come_before_the_bootstrap() -> None:
    """K31: call sites were compiled for one that does not wait."""

    async def connected() -> Clock:
        return StoppedClock()

    app = make_app()
    async with app:
        with pytest.raises(
            BootstrapError, match=r"connected is waited for.*\n.*before the application is bootstrapped"
        ):
            app.override(Clock, connected).__enter__()
        assert await app.dispatch(Now()) == "real local"
    with app.override(Clock, connected):
        async with app:
            assert await app.dispatch(Now()) == "stopped local"


async def test_an_override_that_ends_before_the_app_leaves_what_was_provided() -> None:
    """K31: compiled with the stand-in, and used without it."""
    app = make_app()
    override = app.override(Clock, StoppedClock)
    override.__enter__()
    async with app:
        assert await app.dispatch(Now()) == "stopped local"
        override.__exit__(None, None, None)
        assert await app.dispatch(Now()) == "real local"
