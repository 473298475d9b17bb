"""Secrets from outside stores, by dynaconf's own loaders: Vault, Redis, or any module with their ``load``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from framework.errors import ConfigError
from framework.sources import Layer, Value

OWN = {name: f"dynaconf.loaders.{name}_loader" for name in ("redis", "vault")}


def read_store(name: str, environment: str | None, named_by: str) -> list[Layer]:
    """The layer that a loader gives. Raises :class:`ConfigError` if it is not there or fails, never silently less.

    Its connection is told by variables, as dynaconf documents them: ``VAULT_URL_FOR_DYNACONF`` and so on.
    """
    loader = _loader(name, named_by)
    receiver = Receiver(environment)
    try:
        loader.load(receiver, env=receiver.current_env, silent=False)
    except Exception as error:
        raise ConfigError(
            f"{named_by}: the store {name!r} could not be read: {type(error).__name__}.",
            remedy=f"Check the {name.upper()}_…_FOR_DYNACONF variables and that the store is up.",
        ) from error
    return [_layer(name, receiver.received)]


def _loader(name: str, named_by: str) -> ModuleType:
    if name not in OWN and "." not in name:
        raise ConfigError(
            f"{named_by}: there is no store {name!r}.",
            remedy=f"Write {' or '.join(map(repr, OWN))}, or name a module with a function `load`: 'my_package.store'.",
        )
    try:
        return import_module(OWN.get(name, name))
    except ImportError as error:
        raise ConfigError(
            f"{named_by}: the store {name!r} cannot be used: {error}.",
            remedy=f"Install what it needs: pip install 'dynaconf[{name}]'." if name in OWN else "Install that module.",
        ) from error


class Receiver:
    """What a loader takes for dynaconf's settings: it is told how to reach the store, and hands over what it found.

    So nothing is cast, merged or evaluated. Other attributes are dynaconf's defaults.
    """

    def __init__(self, environment: str | None) -> None:
        self.current_env = environment or "default"
        self.received: dict[str, Any] = {}
        self._options = {"AUTO_CAST_FOR_DYNACONF": False, "ENVVAR_PREFIX_FOR_DYNACONF": "FW", "DYNABOXIFY": False}

    def get(self, key: str, default: Any = None) -> Any:
        """An option by its name."""
        return getattr(self, key, default)

    def __getattr__(self, name: str) -> Any:
        if name in self._options:
            return self._options[name]
        return getattr(import_module("dynaconf.default_settings"), name)

    def set(self, key: str, value: Any, **_: Any) -> None:
        """Take one value."""
        self.received[key] = value

    def update(self, data: Mapping[str, Any], **_: Any) -> None:
        """Take many."""
        self.received |= data


def _layer(name: str, received: Mapping[str, Any]) -> Layer:
    """``{"HTTP": {"TOKEN": …}}`` and ``{"HTTP__TOKEN": …}`` mean the same."""
    found: dict[str, dict[str, Value]] = {}
    for key, value in received.items():
        section, mark, setting = key.lower().partition("__")
        table = {setting: value} if mark else value
        if not isinstance(table, Mapping):
            raise ConfigError(
                f"store {name!r}: {key!r} stands outside any section.",
                remedy=f"Call it SECTION__{key.upper()}, or put it into a table of the section's name.",
            )
        for inner, raw in table.items():
            source = f"store {name!r}: {section}.{inner.lower()}"
            found.setdefault(section, {})[inner.lower()] = Value(raw, source, is_text=isinstance(raw, str))
    return Layer("secrets", found)
