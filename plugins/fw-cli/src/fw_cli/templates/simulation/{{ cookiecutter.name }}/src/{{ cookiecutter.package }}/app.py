"""The world in an application: it makes its steps on the application's clock, beside the clock on the wall."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framework import App
from fw_environment import Environment
from fw_environment.facade import Environments

from {{ cookiecutter.package }}.world import make_world


@dataclass(frozen=True)
class WorldSettings:
    """How many sheep, and what chance follows from."""

    sheep: int = 20
    seed: int = 0


def build(plugins: Sequence[Any] | None = None, defaults: Mapping[str, Mapping[str, Any]] | None = None) -> App:
    """A new application. Tests name plugins and settings; without, `fw.toml` says both."""
    made = App("{{ cookiecutter.name }}", plugins=plugins, defaults=defaults)
    made.settings(WorldSettings, section="{{ cookiecutter.package }}")
    made.facade(Environments).world(meadow)
    return made


def meadow(settings: WorldSettings) -> Environment:
    """The world, when the application starts."""
    return make_world(settings.sheep, settings.seed)


app = build()
