"""The world in an application."""

from typing import Any

from fw_environment.facade import Environments

from {{ cookiecutter.package }}.app import build
from {{ cookiecutter.package }}.world import count


async def test_the_application_steps_its_world() -> None:
    settings: dict[str, dict[str, Any]] = {
        "app": {"tick_rate": 20, "tick_pace": "manual"},
        "{{ cookiecutter.package }}": {"sheep": 7},
    }
    app = build(["environment"], settings)
    async with app:
        world = app.facade(Environments).worlds["meadow"]
        app.clock.step(5)
        assert (world.tick, count(world)) == (5, 7)
