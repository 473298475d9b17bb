"""The conformance kit finds what plugins do wrong when they start and stop: each of these is broken on purpose."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from framework import App
from fw_testing.life_checks import (
    a_cancelled_start_leaves_nothing,
    a_failed_start_leaves_nothing,
    neighbours_that_raise_change_nothing,
    runs_in_two_apps_at_once,
    starts_and_stops_alone_twice,
    starts_and_stops_with_all_installed,
)
from fw_testing.rebuild_checks import rebuilding_leaves_nothing

from .conftest import AS_OBJECT, GONGS, done

TASK = """
import asyncio
from framework import hookimpl

class Plugin:
    @hookimpl
    def start(self, app):
        app.left = asyncio.create_task(asyncio.Event().wait(), name="clapper")

plugin = Plugin()
"""
THREAD = """
import threading

def start(app):
    app.done = threading.Event()
    threading.Thread(target=app.done.wait, args=(2,), name="ringer").start()
"""
DESCRIPTOR = """
files = []

def start(app):
    files.append(open(__file__))
"""


@pytest.mark.parametrize(
    "hooks,what",
    [(TASK, "the task clapper"), (THREAD, "the thread ringer"), (DESCRIPTOR, r"the descriptor \d+ \(.*plugin.py\)")],
    ids=["task", "thread", "descriptor"],
)
async def test_what_is_left_running_or_open_is_named(bells: Any, hooks: str, what: str) -> None:
    said = await bells.fault(starts_and_stops_alone_twice, as_object(hooks))
    assert re.search(rf"leaves behind: {what}", said), said
    assert "after its first stop, alone" in said
    assert "Cancel, join or close in stop()" in said


def as_object(hooks: str) -> str:
    """The hooks as an object called `plugin`, which is what the entry point names."""
    return hooks if "plugin =" in hooks else f"{hooks}\n{AS_OBJECT}"


async def test_a_thread_that_was_told_to_end_may_take_a_moment(bells: Any) -> None:
    hooks = """
import threading, time

def start(app):
    app.done = threading.Event()
    threading.Thread(target=lambda: (app.done.wait(), time.sleep(0.05))).start()

def stop(app):
    app.done.set()
"""
    await done(starts_and_stops_alone_twice, bells.trial({"fw_bells/plugin.py": as_object(hooks)}))


async def test_state_in_the_hooks_object_shows_with_two_apps_at_once(bells: Any) -> None:
    hooks = """
state = {}

def start(app):
    state["app"] = app

def stop(app):
    del state["app"]
"""
    with pytest.raises(Exception, match="KeyError: 'app'"):
        await bells.fault(runs_in_two_apps_at_once, as_object(hooks))


async def test_one_that_takes_the_other_app_down_is_told(bells: Any) -> None:
    hooks = """
apps = []

def start(app):
    apps.append(app)

def stop(app):
    for other in apps:
        other.is_ready = False
"""
    said = await bells.fault(runs_in_two_apps_at_once, as_object(hooks))
    assert "does not run in two Apps at once" in said
    assert "Keep state out of the hooks." in said


async def test_one_that_does_not_bear_company_is_told_why(bells: Any) -> None:
    bells.install(GONGS)
    hooks = """
def start(app):
    if len(app.plugins) > 1:
        raise RuntimeError("not in company")
"""
    said = await bells.fault(starts_and_stops_with_all_installed, as_object(hooks))
    assert "is left out beside " in said
    assert "RuntimeError: not in company" in said


HALF = """
import asyncio

async def start(app):
    app.left = asyncio.create_task(asyncio.Event().wait(), name="clapper")
    await asyncio.sleep(0)
    await asyncio.sleep(0)

async def stop(app):
    app.left.cancel()
    await asyncio.wait([app.left])
"""


@pytest.mark.parametrize(
    "check,end", [(a_cancelled_start_leaves_nothing, "cancelled"), (a_failed_start_leaves_nothing, "failed")]
)
async def test_a_start_that_does_not_clean_up_after_itself_is_told_where(bells: Any, check: Any, end: str) -> None:
    said = await bells.fault(check, as_object(HALF))
    assert "leaves behind: the task clapper" in said
    assert f"after a start {end} at {bells.site}/fw_bells/plugin.py:6 (start of bells)" in said
    assert "a start() that fails cleans up after itself" in said


@pytest.mark.parametrize(
    "check,caught",
    [(a_cancelled_start_leaves_nothing, "OSError"), (a_failed_start_leaves_nothing, "asyncio.CancelledError")],
    ids=["cleans up only when it fails", "cleans up only when it is cancelled"],
)
async def test_a_failure_and_a_cancellation_are_two_things(bells: Any, check: Any, caught: str) -> None:
    hooks = f"""
import asyncio

async def start(app):
    app.left = asyncio.create_task(asyncio.Event().wait(), name="clapper")
    try:
        await asyncio.sleep(0)
    except {caught}:
        app.left.cancel()
        raise

async def stop(app):
    app.left.cancel()
    await asyncio.wait([app.left])
"""
    assert "leaves behind: the task clapper" in await bells.fault(check, as_object(hooks))


async def test_each_await_is_tried_however_late_it_comes(bells: Any) -> None:
    hooks = """
import asyncio

async def start(app):
    for _ in range(30):
        await asyncio.sleep(0)
    app.left = asyncio.create_task(asyncio.Event().wait(), name="clapper")
    await asyncio.sleep(0)

async def stop(app):
    app.left.cancel()
    await asyncio.wait([app.left])
"""
    for check in (a_cancelled_start_leaves_nothing, a_failed_start_leaves_nothing):
        assert "plugin.py:8 (start of bells)" in await bells.fault(check, as_object(hooks))


async def test_an_await_that_opens_a_door_is_tried_too(bells: Any) -> None:
    hooks = """
import asyncio

def register(app):
    app.on_ready(open_door)

async def open_door(event):
    door.append(asyncio.create_task(asyncio.Event().wait(), name="door"))
    await asyncio.sleep(0)

door = []

async def stop(app):
    if app.is_ready or len(door) == 1:
        door[0].cancel()
        await asyncio.wait(door)
        door.append(None)
"""
    trial = bells.trial({"fw_bells/plugin.py": as_object(hooks)})
    with pytest.raises(pytest.fail.Exception, match=r"plugin.py:9 \(handlers of AppStarting and AppReady\)"):
        await done(a_cancelled_start_leaves_nothing, trial)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()


async def test_one_that_is_deaf_to_cancellation_is_told(bells: Any) -> None:
    hooks = """
import asyncio
from contextlib import suppress

def register(app):
    app.on_ready(open_door)

async def open_door(event):
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
"""
    said = await bells.fault(a_cancelled_start_leaves_nothing, as_object(hooks))
    assert "goes on starting although it was cancelled" in said
    assert "plugin.py:10" in said
    assert "Do not suppress asyncio.CancelledError" in said


async def test_what_is_there_only_beside_a_sound_neighbour_is_told(bells: Any) -> None:
    hooks = """
class Clapper:
    pass

def register(app):
    if not app.failed:
        app.provide(Clapper, Clapper)
"""
    said = await bells.fault(neighbours_that_raise_change_nothing, as_object(hooks))
    assert "behaves otherwise beside a plugin that raises in bootstrap: what it has: " in said
    assert "fw_bells.plugin.Clapper, singleton" in said
    assert "unless plugin.toml requires them" in said


async def test_one_that_falls_with_a_neighbour_is_told(bells: Any) -> None:
    hooks = """
def start(app):
    if app.failed:
        raise RuntimeError("not without it")
"""
    said = await bells.fault(neighbours_that_raise_change_nothing, as_object(hooks))
    assert "is left out beside a plugin that raises in bootstrap" in said
    assert "not without it" in said


async def test_one_that_cannot_stop_beside_one_that_cannot_is_told(bells: Any) -> None:
    hooks = """
def stop(app):
    if app.failed:
        raise OSError("stuck")
"""
    said = await bells.fault(neighbours_that_raise_change_nothing, as_object(hooks))
    assert "who failed to stop" in said


async def test_an_error_in_tick_that_a_neighbour_brings_about_is_told(bells: Any) -> None:
    hooks = """
def tick(app, dt):
    if app.calls["tick"].errors:
        raise RuntimeError("somebody else raised")
"""
    said = await bells.fault(neighbours_that_raise_change_nothing, as_object(hooks))
    assert "raises in tick: its errors in tick and render: [" in said


async def test_the_probe_is_asked_in_every_app_that_is_ready(bells: Any) -> None:
    asked: list[bool] = []

    async def probe(app: App) -> None:
        await asyncio.sleep(0)
        asked.append(app.is_ready)

    counts = []
    for check in (starts_and_stops_alone_twice, runs_in_two_apps_at_once, rebuilding_leaves_nothing):
        asked.clear()
        await done(check, bells.trial(probe=probe))
        counts.append(len(asked))
        assert all(asked)
    assert counts == [2, 3, 4]


async def test_a_probe_that_raises_fails_the_check(bells: Any) -> None:
    def probe(app: App) -> None:
        raise AssertionError("it does not ring")

    with pytest.raises(AssertionError, match="it does not ring"):
        await done(starts_and_stops_alone_twice, bells.trial(probe=probe))


async def test_settings_reach_every_app_in_a_folder_of_its_own(bells: Any) -> None:
    hooks = """
def start(app):
    from fw_bells.config import Settings
    assert app.container.get(Settings).size == 3
"""
    files = {"fw_bells/plugin.py": as_object(hooks)}
    await done(starts_and_stops_alone_twice, bells.trial(files, settings={"bells": {"size": 3}}))
    folders: list[Path] = []

    def settings(folder: Path) -> Any:
        folders.append(folder)
        return {"bells": {"size": 3 + len(list(folder.iterdir()))}}

    await done(runs_in_two_apps_at_once, bells.trial(files, settings=settings))
    assert len(set(folders)) == len(folders) == 2


async def test_what_an_application_declares_is_used_in_every_app(bells: Any) -> None:
    hooks = """
from fw_bells.facade import Bells

def start(app):
    assert [declaration.item for declaration in app.facade(Bells).declared("bell")] == ["big"]
"""
    files = {"fw_bells/plugin.py": as_object(hooks)}
    for check in (starts_and_stops_alone_twice, rebuilding_leaves_nothing, neighbours_that_raise_change_nothing):
        await done(check, bells.trial(files, use=lambda app: app.bells.declare("bell", "big")))
