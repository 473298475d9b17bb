"""`Config`: layered settings that know where they come from, checked against dataclasses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, cast, get_type_hints

from framework.conversion import convert, type_name
from framework.errors import ConfigError
from framework.sources import Value, normal

T = TypeVar("T")
POLICIES = ("strict", "degrade")


@dataclass(frozen=True)
class AppSettings:
    """Section ``[app]``: the kernel's own settings. Times in seconds, rates per second.

    ``target`` is what ``fw run`` runs when the command line names nothing. ``expose`` opens doors to messages, each
    as ``DOOR:MESSAGE``. ``health_timeout`` is for each component's ``health()``. ``tick_pace`` and ``tick_scale`` are
    those of :class:`framework.clock.FixedStep`; at most ``tick_catch_up`` late steps are made up for. In a
    ``deterministic`` run a plugin that keeps raising in ``tick`` or ``render`` ends the run.
    """

    target: str = "app:app"
    expose: list[str] = field(default_factory=list)
    start_timeout: float = 30.0
    stop_timeout: float = 30.0
    health_timeout: float = 5.0
    tick_rate: float = 60.0
    tick_catch_up: int = 5
    tick_pace: Literal["real", "free", "manual"] = "real"
    tick_scale: float = 1.0
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name in ("start_timeout", "stop_timeout", "health_timeout", "tick_rate", "tick_catch_up", "tick_scale"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")


@dataclass(frozen=True)
class PluginSettings:
    """Section ``[plugins]``: which plugins are on, and what happens if one fails: ``strict`` or ``degrade``."""

    enable: list[str] = field(default_factory=list)
    disable: list[str] = field(default_factory=list)
    policy: str = "strict"

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise ValueError(f"policy must be {' or '.join(POLICIES)}, not {self.policy!r}")


KERNEL_SECTIONS: Mapping[str, type[Any]] = {"app": AppSettings, "plugins": PluginSettings}


class Config:
    """The settings of an application: layers of values, the last one wins.

    Give it the layers lowest first; see :mod:`framework.sources`.
    """

    def __init__(self, *layers: Mapping[str, Mapping[str, Value]]) -> None:
        self._layers = layers
        self._settings: dict[type[Any], Any] = {}

    def value(self, section: str, key: str) -> Value | None:
        """The winning value of a key with its source, or None if no layer sets it."""
        for layer in reversed(self._layers):
            found = layer.get(normal(section), {}).get(key)
            if found is not None:
                return found
        return None

    def unknown_sections(self, known: Iterable[str]) -> set[str]:
        """The sections that some layer sets and that are not among ``known``."""
        return {section for layer in self._layers for section in layer} - {normal(name) for name in known}

    def check_sections(self, known: Mapping[str, str]) -> None:
        """Refuse sections that belong to nothing; ``known`` maps section names to what they belong to."""
        names = {normal(name): name for name in known}
        for layer in self._layers:
            for section, values in layer.items():
                if section in names or not values:
                    continue
                near = get_close_matches(section, names, 1)
                source = next(iter(values.values())).source
                raise ConfigError(
                    f"{source}: there is no section [{section}].",
                    remedy=f"Did you mean [{names[near[0]]}]?"
                    if near
                    else f"If it belongs to a plugin, install it: pip install fw-{section.replace('_', '-')}. "
                    f"Known sections: {', '.join(sorted(known))}.",
                )

    def load(self, schema: type[T], section: str) -> T:
        """Make the settings of a section and keep them for :meth:`get`.

        Raises :class:`ConfigError`, naming the place.
        """
        if not is_dataclass(schema):
            raise ConfigError(f"The schema of [{section}], {schema!r}, is not a dataclass.")
        hints, known = get_type_hints(schema), {f.name: f for f in fields(schema)}
        self._check_keys(section, known)
        values: dict[str, Any] = {}
        for name, definition in known.items():
            found = self.value(section, name)
            if found is not None:
                values[name] = self._converted(
                    section, name, hints[name], found, definition.metadata.get("secret", False)
                )
            elif definition.default is MISSING and definition.default_factory is MISSING:
                raise ConfigError(
                    f"[{section}] {name} is not set, and it has no default.",
                    remedy=f"Set it in fw.toml ([{section}] {name} = …) or as {variable(section, name)}.",
                )
        try:
            settings = schema(**values)
        except ValueError as error:
            sources = {self.source(section, name) for name in values if name in str(error)} or {f"[{section}]"}
            raise ConfigError(f"{', '.join(sorted(sources))}: [{section}] {error}.") from error
        self._settings[schema] = settings
        return cast(T, settings)

    def source(self, section: str, name: str) -> str:
        """Where the winning value of a key comes from, or ``its default``."""
        found = self.value(section, name)
        return found.source if found else "its default"

    def _converted(self, section: str, name: str, kind: Any, found: Value, secret: bool) -> Any:
        try:
            return convert(found.raw, kind, from_text=found.is_text)
        except ValueError as error:
            shown = "the value given" if secret else repr(found.raw)
            detail = f" ({error})" if str(error) and not secret else ""
            raise ConfigError(
                f"{found.source}: [{section}] {name} must be {type_name(kind)}, not {shown}{detail}."
            ) from None

    def _check_keys(self, section: str, known: Mapping[str, Any]) -> None:
        for layer in self._layers:
            for key, value in layer.get(normal(section), {}).items():
                if key not in known:
                    near = get_close_matches(key, known, 1)
                    raise ConfigError(
                        f"{value.source}: [{section}] has no setting {key!r}.",
                        remedy=f"Did you mean {near[0]!r}?"
                        if near
                        else f"It has: {', '.join(sorted(known)) or 'none'}.",
                    )

    def get(self, schema: type[T]) -> T:
        """The settings made from ``schema``. Raises :class:`ConfigError` if nothing declared it."""
        try:
            return cast(T, self._settings[schema])
        except KeyError:
            raise ConfigError(
                f"No section is described by {schema.__qualname__}.",
                remedy="Declare it: app.settings(Schema, section=…).",
            ) from None


def variable(section: str, key: str) -> str:
    """The environment variable of a setting."""
    return f"FW_{normal(section)}__{key}".upper()
