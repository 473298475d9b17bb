"""Checks the values of a section against its schema: what the kernel does with scalars, and what others build on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, TypeAlias, get_type_hints

from framework.conversion import convert, type_name
from framework.errors import ConfigError, InvalidSettings, did_you_mean
from framework.secrecy import is_secret, texts
from framework.sources import Value, normal

Values: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True)
class Checked:
    """The settings of a section; None if there are problems."""

    settings: Any
    problems: Sequence[ConfigError] = ()


Check: TypeAlias = Callable[[str, type[Any], Sequence[Values]], Checked]
"""Makes the settings of a section of its name, its schema and its values in each layer, lowest first."""


def check(section: str, schema: type[Any], layers: Sequence[Values]) -> Checked:
    """Convert each value to the type of its field: scalars and lists of them, see :mod:`framework.conversion`."""
    if not is_dataclass(schema):
        return Checked(None, [ConfigError(f"The schema of [{section}], {schema!r}, is not a dataclass.")])
    hints, known = get_type_hints(schema), {f.name: f for f in fields(schema)}
    problems, values = list(unknown_keys(section, known, layers)), {}
    for name, definition in known.items():
        found = winner(layers, name)
        try:
            if found is not None:
                values[name] = converted(section, name, hints[name], found, found.is_secret or is_secret(definition))
            else:
                check_default(section, definition)
        except ConfigError as error:
            problems.append(error)
    return Checked(None, problems) if problems else made(section, schema, values, layers)


def winner(layers: Sequence[Values], key: str) -> Value | None:
    """The value of the highest layer that sets a key."""
    return next((layer[key] for layer in reversed(layers) if key in layer), None)


def unknown_keys(section: str, known: Mapping[str, Any], layers: Sequence[Values]) -> Iterator[ConfigError]:
    """An error, with the nearest match, for each key in each layer that is not among ``known``."""
    for layer in layers:
        for key, value in layer.items():
            if key not in known:
                yield unknown_key(section, key, value.source, known)


def unknown_key(section: str, key: str, source: str, known: Mapping[str, Any]) -> ConfigError:
    """The error for a key that a section does not have."""
    remedy = did_you_mean(key, known) or f"It has: {', '.join(sorted(known)) or 'none'}."
    return ConfigError(f"{source}: [{section}] has no setting {key!r}.", remedy=remedy)


def check_default(section: str, definition: Field[Any]) -> None:
    """Raise :class:`ConfigError` for a field that nothing sets and that has no default."""
    if definition.default is MISSING and definition.default_factory is MISSING:
        raise ConfigError(
            f"[{section}] {definition.name} is not set, and it has no default.",
            remedy=f"Set it in fw.toml ([{section}] {definition.name} = …) or as {variable(section, definition.name)}.",
        )


def made(section: str, schema: type[Any], values: Mapping[str, Any], layers: Sequence[Values]) -> Checked:
    """The settings from converted values; or what the schema's own ``__post_init__`` says, with the places."""
    try:
        return Checked(schema(**values))
    except ValueError as error:
        said = str(error)
    found = {name: winner(layers, name) for name in values}
    sources = {value.source for name, value in found.items() if value and name in said} or {f"[{section}]"}
    for definition in fields(schema):
        value = found.get(definition.name)
        if value and (value.is_secret or is_secret(definition)):
            for text in texts(value.raw):
                said = said.replace(repr(text), "the value given").replace(text, "the value given")
    return Checked(None, [ConfigError(f"{', '.join(sorted(sources))}: [{section}] {said}.")])


def converted(section: str, name: str, kind: Any, found: Value, secret: bool) -> Any:
    """The value as ``kind``. Raises :class:`ConfigError`, which does not show it if it is secret."""
    try:
        return convert(found.raw, kind, from_text=found.is_text)
    except ValueError as error:
        shown = "the value given" if secret else repr(found.raw)
        detail = f" ({error})" if str(error) and not secret else ""
        raise ConfigError(
            f"{found.source}: [{section}] {name} must be {type_name(kind)}, not {shown}{detail}."
        ) from None


def variable(section: str, key: str) -> str:
    """The environment variable of a setting."""
    return f"FW_{normal(section)}__{key}".replace(".", "__").upper()


def refuse(problems: Sequence[ConfigError]) -> None:
    """Raise what there is: nothing, the one, or all as :class:`InvalidSettings`."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InvalidSettings(problems)
