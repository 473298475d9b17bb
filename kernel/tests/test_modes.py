"""Modes, and the event loop that `run` uses."""

import asyncio
from typing import Any

import pytest

from framework import App, BootstrapError, Component, FrameworkError, Manifest, hookimpl

SCRIPT = """
import asyncio
from framework import App, Component

app = App("tool", plugins=[])

class Service(Component):
    def stop(self):
        print("service stopped", flush=True)

app.register(Service)

@app.on_ready
async def command():
    await asyncio.sleep(0)
    print("working", flush=True)
"""


def test_a_command_line_application_stops_when_its_command_is_done(fw: Any) -> None:
    """K36"""
    fw.write("app.py", SCRIPT)
    done = fw.run("run", "--mode", "cli")
    assert (done.returncode, done.stdout.splitlines()) == (0, ["working", "service stopped"])
    assert "tool is stopping: its command is done" in done.stderr


def test_a_command_that_fails_is_told_in_a_few_lines(fw: Any) -> None:
    """K36"""
    fw.write("app.py", SCRIPT + "    raise OSError('no paper')\n")
    done = fw.run("run", "--mode", "cli")
    assert done.returncode == 4
    assert "command of application failed in ready: OSError: no paper" in done.stderr
    assert "Traceback" not in done.stderr


class World(Component):
    modes = frozenset({"sim", "training"})


def test_needing_something_outside_the_mode_is_refused() -> None:
    """K36"""

    class Camera(Component):
        def __init__(self, world: World) -> None: ...

    app = App(plugins=[])
    app.register(World)
    app.register(Camera)
    app.bootstrap(mode="sim")
    with pytest.raises(BootstrapError) as caught:
        app.bootstrap(mode="web")
    message = str(caught.value)
    assert "Nothing provides World, which " in message
    assert "Camera(world) needs. It is there, but made for mode sim or training, not web." in message
    assert "Run with --mode sim, add 'web' to its modes" in message


def test_a_handler_that_needs_something_outside_the_mode_is_refused() -> None:
    """K36"""
    app = App(plugins=[])
    app.register(World)

    @app.on_ready
    def show(event: object, world: World) -> None: ...

    with pytest.raises(BootstrapError, match="made for mode sim or training, not worker"):
        app.bootstrap(mode="worker")


def test_modes_are_an_open_set_but_a_slip_is_told() -> None:
    """K36"""
    app = App(plugins=[])
    app.register(World)
    app.bootstrap(mode="training")
    with pytest.raises(BootstrapError, match=r"made for mode 'trainin'.\n  Did you mean 'training'\?"):
        app.bootstrap(mode="trainin")


class OwnLoop(asyncio.SelectorEventLoop):
    """A loop that can be told from the usual one."""


def looping(name: str) -> Any:
    class Looping:
        manifest = Manifest(name)

        @hookimpl
        def bootstrap(self, app: App) -> None:
            app.use_loop(OwnLoop)

    return Looping()


def test_a_plugin_may_supply_the_event_loop() -> None:
    """K37"""
    app, found = App(plugins=[looping("qt")]), list[asyncio.AbstractEventLoop]()

    @app.on_ready
    async def look() -> None:
        found.append(asyncio.get_running_loop())

    for _ in range(2):
        app.run(mode="cli")
    assert [type(loop) for loop in found] == [OwnLoop, OwnLoop]


def test_two_plugins_that_supply_it_are_refused() -> None:
    """K37"""
    with pytest.raises(BootstrapError, match=r"Both 'qt' and 'uv' supply the event loop.\n    Switch one of them off"):
        App(plugins=[looping("qt"), looping("uv")]).bootstrap()


async def test_inside_a_running_loop_it_does_not_matter() -> None:
    """K37"""
    here = asyncio.get_running_loop()
    async with App(plugins=[looping("qt")]) as app:
        assert app.loop_factory is OwnLoop
        assert asyncio.get_running_loop() is here


async def test_run_inside_a_running_loop_says_what_to_do() -> None:
    """K35"""
    with pytest.raises(FrameworkError, match=r"loop that runs already.\n  Use `async with app:`"):
        App("shop", plugins=[]).run(mode="cli")
