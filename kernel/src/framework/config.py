"""`Config`: layered settings that know where they come from, checked against dataclasses."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeVar, cast, get_type_hints

from framework.conversion import convert, type_name
from framework.errors import ConfigError, did_you_mean
from framework.secrecy import is_secret, secret_texts, texts
from framework.sources import Value, from_code, normal

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
        self._sections: dict[type[Any], str] = {}
        self.sealed = False
        """Whether overrides are refused."""

    def copy(self) -> Config:
        """The same layers, with nothing loaded, and open to overrides."""
        return Config(*self._layers)

    def override(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Set values by section that win over every other source, flags included. From ``bootstrap`` and ``register``.

        Settings that were made already are made anew; nothing changes if the new ones are refused. Raises
        :class:`ConfigError`, also for ``[plugins]``, which has been acted on, and later than ``register``.
        """
        caller = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads source files, this costs nothing
        place = f"{caller.f_code.co_filename}:{caller.f_lineno}: config.override()"
        layer = from_code(values, place)
        if self.sealed or "plugins" in layer:
            what = "[plugins] is" if "plugins" in layer else f"[{'], ['.join(layer)}] would be"
            raise ConfigError(
                f"{place}: {what} changed after it was read.",
                remedy="Override in a plugin's `bootstrap` or `register`; or app.bootstrap(flags=…, toggles=…).",
            )
        before = self._layers, dict(self._settings)
        self._layers = (*self._layers, layer)
        try:
            for schema, section in list(self._sections.items()):
                if normal(section) in layer:
                    self.load(schema, section)
        except ConfigError:
            self._layers, self._settings = before
            raise

    def seal(self) -> None:
        """Refuse overrides from now on: what was built holds its settings."""
        self.sealed = True

    def value(self, section: str, key: str) -> Value | None:
        """The winning value of a key with its source, or None if no layer sets it."""
        for layer in reversed(self._layers):
            found = layer.get(normal(section), {}).get(key)
            if found is not None:
                return found
        return None

    def secrets(self) -> frozenset[str]:
        """The raw values, as text, of every secret setting, in whichever layer: what must not be seen in a log.

        Secret is what its schema marks ``field(metadata={"secret": True})``, and all that a source of secrets gave.
        A mapping or list counts by its items, an empty value not at all.
        """
        schemas = {normal(section): schema for schema, section in self._sections.items()}
        return frozenset(
            text
            for layer in self._layers
            for section, values in layer.items()
            for key, value in values.items()
            for text in _secrets_of(value, schemas.get(section), key)
        )

    def unknown_sections(self, known: Iterable[str]) -> set[str]:
        """The sections that some layer sets and that are not among ``known``."""
        return {section for layer in self._layers for section in layer} - {normal(name) for name in known}

    def check_sections(self, known: Mapping[str, str]) -> None:
        """Refuse sections that belong to nothing; ``known`` maps section names to what they belong to."""
        for problem in self.section_problems(known):
            raise problem

    def section_problems(self, known: Iterable[str]) -> Iterator[ConfigError]:
        """An error for each section, in each layer, that is not among ``known``."""
        names = {normal(name): name for name in known}
        for layer in self._layers:
            for section, values in layer.items():
                if section in names or not values:
                    continue
                source = next(iter(values.values())).source
                yield ConfigError(
                    f"{source}: there is no section [{section}].",
                    remedy=did_you_mean(section, known)
                    or f"If it belongs to a plugin, install it: pip install fw-{section.replace('_', '-')}. "
                    f"Known sections: {', '.join(sorted(names.values()))}.",
                )

    def load(self, schema: type[T], section: str) -> T:
        """Make the settings of a section and keep them for :meth:`get`.

        Raises :class:`ConfigError`, naming the place.
        """
        for problem in self.problems(schema, section):
            raise problem
        return cast(T, self._settings[schema])

    def problems(self, schema: type[Any], section: str) -> Iterator[ConfigError]:
        """An error for everything that is wrong with a section; if nothing is, its settings are kept."""
        if not is_dataclass(schema):
            yield ConfigError(f"The schema of [{section}], {schema!r}, is not a dataclass.")
            return
        hints, known, sound = get_type_hints(schema), {f.name: f for f in fields(schema)}, True
        values: dict[str, Any] = {}
        for problem in self._unknown_keys(section, known):
            sound = False
            yield problem
        for name, definition in known.items():
            try:
                values |= self._setting(section, definition, hints[name])
            except ConfigError as error:
                sound = False
                yield error
        if not sound:
            return
        try:
            self._settings[schema], self._sections[schema] = schema(**values), section
        except ValueError as error:
            sources = {self.source(section, name) for name in values if name in str(error)} or {f"[{section}]"}
            yield ConfigError(f"{', '.join(sorted(sources))}: [{section}] {error}.")

    def _setting(self, section: str, definition: Field[Any], kind: Any) -> dict[str, Any]:
        """The value of a key by its name; nothing where its default holds."""
        name, found = definition.name, self.value(section, definition.name)
        if found is not None:
            return {name: self._converted(section, name, kind, found, found.is_secret or is_secret(definition))}
        if definition.default is MISSING and definition.default_factory is MISSING:
            raise ConfigError(
                f"[{section}] {name} is not set, and it has no default.",
                remedy=f"Set it in fw.toml ([{section}] {name} = …) or as {variable(section, name)}.",
            )
        return {}

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

    def _unknown_keys(self, section: str, known: Mapping[str, Any]) -> Iterator[ConfigError]:
        for layer in self._layers:
            for key, value in layer.get(normal(section), {}).items():
                if key not in known:
                    yield ConfigError(
                        f"{value.source}: [{section}] has no setting {key!r}.",
                        remedy=did_you_mean(key, known) or f"It has: {', '.join(sorted(known)) or 'none'}.",
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


def _secrets_of(value: Value, schema: type[Any] | None, key: str) -> Iterable[str]:
    definition = next((f for f in fields(schema) if f.name == key), None) if schema else None
    if value.is_secret or (definition and is_secret(definition)):
        return texts(value.raw)
    return secret_texts(value.raw, get_type_hints(schema)[key]) if schema and definition else ()


def variable(section: str, key: str) -> str:
    """The environment variable of a setting."""
    return f"FW_{normal(section)}__{key}".upper()
