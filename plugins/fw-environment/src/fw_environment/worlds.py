"""`Worlds`: the worlds of an application, stepped by its clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from framework import App, BootstrapError, Component
from framework.clock import Frame
from fw_environment.environment import Environment
from fw_environment.errors import StepFailed
from fw_environment.facade import Environments


@dataclass(slots=True)
class Place:
    """A running world: every how many ticks of the application it makes a step, and how many it has waited."""

    env: Environment
    every: int
    waited: int = 0


class Worlds(Component):
    """Makes the declared worlds, and steps and draws them with the application."""

    def __init__(self, app: App, declared: Environments) -> None:
        self._app = app
        self._declared = declared
        self._places: list[Place] = []

    async def start(self) -> None:
        """Make the worlds. A ``dt`` that the application's clock cannot make is refused; none, no ticks."""
        places: list[Place] = []
        worlds: dict[str, Environment] = {}
        for declaration in self._declared.declared("world"):
            make: Callable[[], Any] = self._app.compile(declaration.item)
            made = make()
            env: Environment = made if isinstance(made, Environment) else await made
            name = declaration.item.__name__
            if name in worlds:
                raise BootstrapError(f"{declaration.place}: a world {name!r} is there already.", remedy="Rename one.")
            worlds[name] = env
            places.append(Place(env, self._every(env, declaration.place)))
        self._places = places
        self._declared.worlds.update(worlds)
        if not places:
            for calls in self._app.calls.values():
                calls.leave_out("environment")

    def _every(self, env: Environment, place: str) -> int:
        step = self._app.clock.dt
        every = round(env.dt / step)
        if every < 1 or abs(env.dt - every * step) > 1e-9 * step:
            raise BootstrapError(
                f"{place}: a world with dt={env.dt:g} s cannot be stepped by a clock of {step:g} s.",
                remedy=f"Give it a dt that is a whole multiple of {step:g}, or change [app] tick_rate.",
            )
        return every

    def tick(self) -> None:
        """One tick of the application. A world whose own clock is paused does not count it; one that failed rests until
        it is restored, and the others go on.
        """
        failed: list[Exception] = []
        for place in self._places:
            if not (place.env.clock.paused or place.env.failure):
                place.waited += 1
                if place.waited >= place.every:
                    place.waited = 0
                    try:
                        place.env.update(place.env.dt)
                    except StepFailed as error:
                        failed.append(error)
        if failed:
            raise failed[0]

    def render(self, frame: Frame) -> None:
        """Let every world draw itself at the moment of the application's frame."""
        for place in self._places:
            alpha = (place.waited + frame.alpha) / place.every
            env = place.env
            env.draw(Frame(frame.number, env.time + alpha * env.dt, alpha))

    def health(self) -> str | None:
        """The world whose last step failed, if there is one."""
        return next(
            (f"World {name!r}: {env.failure}" for name, env in self._declared.worlds.items() if env.failure), None
        )

    def stop(self) -> None:
        """Let go of the worlds."""
        self._places = []
        self._declared.worlds.clear()
