"""`app_with` and `EventRecorder`."""

import asyncio
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pytest

from framework import App, AppReady, AppStarting, AppStopping, Event, Manifest
from fw_testing.harness import EventRecorder, app_with, merged


@dataclass(frozen=True)
class DoorSettings:
    port: int = 8000
    host: str = "localhost"


class Door:
    manifest = Manifest("door", config="door_settings:DoorSettings")

    def register(self, app: App) -> None: ...


class Guest:
    manifest = Manifest("guest", requires=("door",))

    def register(self, app: App) -> None: ...


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The plugin, with its schema in the module that its manifest names."""
    module = ModuleType("door_settings")
    module.__dict__["DoorSettings"] = DoorSettings
    monkeypatch.setitem(sys.modules, "door_settings", module)
    return Door()


async def test_doors_get_any_free_port_unless_the_test_says_otherwise(door: Any) -> None:
    async with app_with(door) as app:
        assert app.container.get(DoorSettings) == DoorSettings(port=0)
    async with app_with(door, defaults={"door": {"port": 1, "host": "x"}}) as app:
        assert app.container.get(DoorSettings) == DoorSettings(port=1, host="x")


async def test_the_app_has_exactly_these_plugins_and_what_they_require(door: Any) -> None:
    async with app_with(Guest(), door) as app:
        assert [plugin.name for plugin in app.plugins] == ["door", "guest"]
        assert app.container.get(DoorSettings).port == 0
    async with app_with() as app:
        assert app.plugins == []


def test_sections_are_merged_key_by_key() -> None:
    assert merged({"a": {"x": 1, "y": 1}}, {"a": {"y": 2}, "b": {}}) == {"a": {"x": 1, "y": 2}, "b": {}}


class Moved(Event): ...


class Jumped(Moved): ...


async def test_a_recorder_keeps_every_event_in_order() -> None:
    app = app_with()
    recorder = EventRecorder(app)
    async with app:
        await app.publish(Jumped())
        await app.publish(Moved())
    assert [type(event) for event in recorder.events] == [AppStarting, AppReady, Jumped, Moved, AppStopping]
    assert len(recorder.of(Moved)) == 2
    assert recorder.of(AppStopping)[0].reason == "the `async with` block ended"


async def test_the_next_event_of_a_type_can_be_awaited() -> None:
    app = app_with()
    recorder = EventRecorder(app)
    async with app:
        await app.publish(Jumped())
        waiting = asyncio.ensure_future(recorder.next(Moved))
        await asyncio.sleep(0)
        jumped = Jumped()
        await app.publish(jumped)
        assert await waiting is jumped


async def test_an_event_that_does_not_come_is_an_error_that_says_what_came() -> None:
    app = app_with()
    recorder = EventRecorder(app)
    async with app:
        waiting = asyncio.ensure_future(recorder.next(Jumped, timeout=0.01))
        await asyncio.sleep(0)
        await app.publish(Moved())
        with pytest.raises(TimeoutError, match=r"No Jumped within 0.01 s; published meanwhile: Moved"):
            await waiting
