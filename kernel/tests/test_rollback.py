"""The events of a start that is undone."""

from typing import Any

import pytest

from framework import App, AppFailed, AppRolledBack, Component, StartupError


class Base(Component):
    """What others need of the service."""


@pytest.fixture
def log() -> list[Any]:
    return []


@pytest.fixture
def app(log: list[Any]) -> App:
    made = App(plugins=[])
    made.on_rollback(log.append)
    made.on_error(log.append)

    class Service(Base):
        def start(self) -> None:
            log.append("up")

        def stop(self) -> None:
            log.append("down")

    def make() -> Base:
        return Service()

    made.register(make)
    return made


def told(log: list[Any], error: BaseException) -> tuple[list[Any], list[str]]:
    """What came before the two events; what the first says was at fault."""
    rolled_back, failed = log[-2:]
    assert isinstance(rolled_back, AppRolledBack)
    assert isinstance(failed, AppFailed)
    assert failed.error is error
    return log[:-2], [f"{report.phase} {report.unit.rpartition('.')[2]}" for report in rolled_back.reports]


async def test_a_unit_that_fails_is_reported_when_all_is_undone(app: App, log: list[Any]) -> None:
    """K10"""

    class Bad(Component):
        def __init__(self, base: Base) -> None: ...

        async def start(self) -> None:
            raise OSError("no disk")

    app.register(Bad)
    with pytest.raises(StartupError) as caught:
        await app.start()
    before, reports = told(log, caught.value)
    assert before == ["up", "down"]
    assert reports == ["start Bad"]


@pytest.mark.parametrize("phase", ["start", "ready"])
async def test_a_handler_that_fails_is_reported_too(app: App, log: list[Any], phase: str) -> None:
    """K10"""

    def fail() -> None:
        raise OSError("no door")

    getattr(app, f"on_{phase}")(fail)
    with pytest.raises(StartupError) as caught:
        async with app:
            raise AssertionError("not reached")
    before, reports = told(log, caught.value)
    assert before == (["up", "down"] if phase == "ready" else [])
    assert reports == [f"{phase} fail"]


async def test_nothing_is_rolled_back_when_all_goes_well(app: App, log: list[Any]) -> None:
    """K10"""
    async with app:
        pass
    assert log == ["up", "down"]


async def test_a_rollback_handler_that_fails_hides_nothing(
    app: App, log: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """K10"""

    def fail() -> None:
        raise OSError("no disk")

    def stumble() -> None:
        raise ValueError("and more")

    app.on_start(fail)
    app.on_rollback(stumble)
    with pytest.raises(StartupError, match="no disk") as caught:
        await app.start()
    told(log, caught.value)
    assert "stumble of application failed in rollback: ValueError: and more" in caplog.text
