"""`layers`: everything that ``[config]`` names, as layers of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from framework.checking import refuse
from framework.config import Config
from framework.errors import ConfigError, InvalidSettings
from framework.sources import Layer
from fw_config.config import ConfigSettings
from fw_config.expressions import expressions


def layers(config: Config) -> list[Layer]:
    """Read all sources that section ``[config]`` of ``config`` names.

    Raises :class:`ConfigError`: all that cannot be read, and every expression in what could be.
    """
    found: list[Layer] = []
    problems: list[ConfigError] = []
    for read in _readers(config):
        try:
            found += read()
        except InvalidSettings as error:
            problems += error.problems
        except ConfigError as error:
            problems.append(error)
    problems += expressions([*config.layers, *found])
    refuse(problems)
    return found


def _readers(config: Config) -> Iterator[Callable[[], Iterable[Layer]]]:
    """Imports what reads a kind of source only if there is one."""
    settings, environment = config.get(ConfigSettings), config.environment
    for name in settings.files:
        from fw_config.files import read_file

        yield partial(read_file, Path(name), environment, config.source("config", "files"))
    for name in settings.stores:
        from fw_config.stores import read_store

        yield partial(read_store, name, environment, config.source("config", "stores"))
    for name in settings.secrets:
        from fw_config.secrets import read_secrets

        yield partial(read_secrets, Path(name), environment, config.source("config", "secrets"))
    if settings.dotenv:
        from fw_config.dotenv import read_dotenv

        yield partial(read_dotenv, Path(settings.dotenv), config.source("config", "dotenv"))
