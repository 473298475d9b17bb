"""The harbour in an application: stepped in its `tick`, drawn in its `render`."""

from __future__ import annotations

from framework import App
from fw_environment import Environment
from fw_environment.facade import Environments
from trained_agent.harbour import Harbour
from trained_agent.window import Window


def make_app(env: Environment, speed: float = 1.0) -> App:
    """An application that shows the world in a window until all ships have come. ``speed``: its seconds in a real one.

    The world makes 10 steps a second, the window 60 frames: between steps ships are where they are on their way.
    """
    app = App("harbour", plugins=["environment"], defaults={"app": {"tick_rate": 60, "tick_scale": speed}})
    app.register(Window)

    @app.facade(Environments).world
    def harbour(window: Window) -> Environment:
        env.interpolation.on = True
        env.renderers.append(window.draw)
        return env

    def stop_when_finished(world: Environment) -> None:
        if world.system(Harbour).finished:
            app.request_stop("All ships have come.")

    env.watchers.append(stop_when_finished)
    return app
