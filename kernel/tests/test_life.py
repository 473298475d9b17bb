"""The life of an application, told as section 8 of the design document tells it: bootstrap, start, ready, stop."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from framework import (
    App,
    AppFailed,
    AppRolledBack,
    BootstrapError,
    Component,
    ConfigError,
    Event,
    ShutdownError,
    StartupError,
)


@dataclass(frozen=True)
class ShopSettings:
    currency: str = "EUR"


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def parts(log: list[str]) -> tuple[type[Component], type[Component]]:
    class Database(Component):
        async def start(self) -> None:
            log.append("database starts")

        async def stop(self) -> None:
            log.append("database stops")

    class Shop(Component):
        def __init__(self, database: Database, settings: ShopSettings) -> None:
            self.currency = settings.currency

        def start(self) -> None:
            log.append(f"shop starts with {self.currency}")

        def stop(self) -> None:
            log.append("shop stops")

    return Database, Shop


@pytest.fixture
def app(log: list[str], parts: tuple[type[Component], type[Component]]) -> App:
    """Its components are registered in an order that only the graph puts right."""
    database, shop = parts
    made = App("acme", plugins=[], defaults={"shop": {"currency": "CHF"}})
    made.settings(ShopSettings, section="shop")
    made.register(shop)
    made.register(database)
    for moment in ("start", "ready", "stop", "rollback", "error"):
        getattr(made, f"on_{moment}")(telling(log, f"on_{moment}"))
    return made


def telling(log: list[str], word: str) -> Any:
    def tell() -> None:
        log.append(word)

    return tell


async def test_bootstrap_start_ready_and_stop_follow_each_other(app: App, log: list[str]) -> None:
    """K10, K33, K35: in the order of dependencies, and back."""
    app.bootstrap()
    assert app.config.get(ShopSettings).currency == "CHF"
    assert log == []  # the configuration is loaded, everything fits, nothing has been started

    await app.start()
    assert log == ["on_start", "database starts", "shop starts with CHF"]
    assert not (await app.health()).ready

    await app.ready()
    assert log[3:] == ["on_ready"]
    assert (await app.health()).ready

    await app.stop()
    assert log[4:] == ["on_stop", "shop stops", "database stops"]
    health = await app.health()
    assert (health.live, health.ready) == (False, False)


def test_bootstrap_checks_what_is_needed_before_anything_starts(app: App, log: list[str]) -> None:
    """K31: the error has the path to what is missing."""

    class Payment: ...

    class Checkout(Component):
        def __init__(self, payment: Payment) -> None: ...

    app.register(Checkout)
    with pytest.raises(BootstrapError) as caught:
        app.bootstrap()
    assert "Checkout" in str(caught.value)
    assert "Payment" in str(caught.value)
    assert log == []


def test_bootstrap_refuses_a_configuration_that_is_wrong(app: App, log: list[str]) -> None:
    """K41"""
    with pytest.raises(ConfigError, match="Did you mean 'currency'"):
        app.bootstrap(flags=["shop.curency=EUR"])
    assert log == []


async def test_stop_lets_tasks_end_before_components_go(app: App, log: list[str]) -> None:
    """K34: what was posted comes to its end while all that it uses is still up."""

    class Sold(Event): ...

    entered, go_on = asyncio.Event(), asyncio.Event()

    @app.handles(Sold)
    async def record(event: Sold) -> None:
        entered.set()
        await go_on.wait()
        log.append("sale recorded")

    app.on_stop(lambda event: go_on.set())
    await app.start()
    await app.ready()
    app.post(Sold())
    await entered.wait()
    await app.stop()
    assert log[-3:] == ["sale recorded", "shop stops", "database stops"]


async def test_what_fails_while_stopping_is_reported_and_the_rest_still_stops(app: App, log: list[str]) -> None:
    """K33"""

    class Stubborn(Component):
        def stop(self) -> None:
            raise OSError("the connection hangs")

    app.register(Stubborn)
    await app.start()
    await app.ready()
    with pytest.raises(ShutdownError, match="the connection hangs"):
        await app.stop()
    assert log[-2:] == ["shop stops", "database stops"]


async def test_a_failing_start_rolls_back_calls_the_hooks_and_tells_every_detail(
    app: App, parts: tuple[type[Component], type[Component]], log: list[str]
) -> None:
    """K33, K10: what was up is stopped in reverse, then on_rollback and on_error hear of it; nothing goes on."""
    heard: list[Any] = []
    app.handles(AppRolledBack)(heard.append)
    app.handles(AppFailed)(heard.append)

    class Checkout(Component):
        def __init__(self, shop: Component) -> None: ...

        async def start(self) -> None:
            raise OSError("no terminal at /dev/card0")

        def stop(self) -> None:
            log.append("checkout stops")

    Checkout.__init__.__annotations__["shop"] = parts[1]  # a class that the fixture made
    app.register(Checkout)
    with pytest.raises(StartupError) as caught:
        await app.start()
    assert log == [
        "on_start",
        "database starts",
        "shop starts with CHF",
        "shop stops",
        "database stops",
        "on_rollback",
        "on_error",
    ]
    [report] = caught.value.reports
    assert (report.phase, report.plugin) == ("start", "application")
    assert isinstance(report.cause, OSError)
    assert caught.value.__cause__ is report.cause  # so the traceback goes down to the line that failed
    message = str(caught.value)
    for part in ("The application did not start.", "Checkout", "OSError: no terminal at /dev/card0", f"at {__file__}:"):
        assert part in message
    rolled_back, failed = heard
    assert rolled_back.reports == (report,)
    assert failed.error is caught.value
    health = await app.health()
    assert (health.live, health.ready) == (False, False)


async def test_a_door_that_does_not_open_stops_everything_again(app: App, log: list[str]) -> None:
    """K34: a failure of ready() is a failed start, too."""

    def door() -> None:
        raise OSError("the door is stuck")

    app.on_ready(door)
    await app.start()
    with pytest.raises(StartupError, match="the door is stuck"):
        await app.ready()
    assert log[-5:] == ["on_stop", "shop stops", "database stops", "on_rollback", "on_error"]
