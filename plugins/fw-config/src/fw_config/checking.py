"""`check`: makes settings as the kernel does, and further those of nested schemas and of types that pydantic knows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import Field, fields, is_dataclass
from typing import Any, get_type_hints

from framework import checking
from framework.checking import Checked, Values, check_default, converted, made, refuse, unknown_key, winner
from framework.errors import ConfigError, InvalidSettings
from framework.secrecy import is_secret
from framework.sources import Value
from fw_config.leaves import checked, is_plain
from fw_config.nesting import Nested, nested_in


def check(section: str, schema: type[Any], layers: Sequence[Values]) -> Checked:
    """The settings of a section, with every problem there is in it."""
    if not is_dataclass(schema) or all(map(is_plain, get_type_hints(schema, include_extras=True).values())):
        return checking.check(section, schema, layers)
    return Table(section, schema, layers).checked()


class Table:
    """A section, or a table below it: its dotted name, its schema, its values in each layer."""

    def __init__(self, name: str, schema: type[Any], layers: Sequence[Values]) -> None:
        self._name, self._schema, self._layers = name, schema, layers
        self._hints = get_type_hints(schema, include_extras=True)
        self._fields = {field.name: field for field in fields(schema)}

    def checked(self) -> Checked:
        """Its settings, or everything that is wrong."""
        problems = list(self._unknown_keys())
        values: dict[str, Any] = {}
        for field in self._fields.values():
            try:
                values |= self._setting(field)
            except InvalidSettings as error:
                problems += error.problems
            except ConfigError as error:
                problems.append(error)
        return Checked(None, problems) if problems else made(self._name, self._schema, values, self._layers)

    def _unknown_keys(self) -> Iterator[ConfigError]:
        for layer in self._layers:
            for key, value in layer.items():
                outer, mark, _ = key.partition("__")
                nests = mark and outer in self._fields and nested_in(self._hints[outer])
                if key not in self._fields and not nests:
                    yield unknown_key(self._name, key, value.source, self._fields)

    def _setting(self, field: Field[Any]) -> dict[str, Any]:
        """The setting by its name; nothing where its default holds. Raises :class:`ConfigError`."""
        name, kind, found = field.name, self._hints[field.name], winner(self._layers, field.name)
        secret = is_secret(field) or (found is not None and found.is_secret)
        nested = nested_in(kind)
        if nested and nested.is_optional and found and found.raw is None:
            return {name: None}
        if nested and nested.shape == "list" and found:
            return {name: _list(f"{self._name}.{name}", nested.schema, _marked(found, secret=secret))}
        if nested and nested.shape != "list":
            place = f"{self._name}.{name}"
            inner = [
                {key: _marked(value, secret=is_secret(field)) for key, value in below(place, name, layer).items()}
                for layer in self._layers
            ]
            if found or any(inner):
                return {name: _nested(place, nested, inner)}
        if found is None:
            check_default(self._name, field)
            return {}
        if is_plain(kind):
            return {name: converted(self._name, name, kind, found, secret)}
        return {name: checked(self._name, name, kind, found, secret=secret)}


def below(place: str, name: str, layer: Values) -> dict[str, Value]:
    """The values of a layer below a key: those of its table, then those named ``KEY__INNER``."""
    found = _items(place, layer[name]) if name in layer and layer[name].raw is not None else {}
    return found | {key.removeprefix(f"{name}__"): v for key, v in layer.items() if key.startswith(f"{name}__")}


def _marked(value: Value, *, secret: bool) -> Value:
    return Value(value.raw, value.source, value.is_text, is_secret=True) if secret else value


def _parsed(value: Value) -> Any:
    """What a variable has as JSON; everything else as it is."""
    if value.is_text and isinstance(value.raw, str):
        with suppress(ValueError):
            return json.loads(value.raw)
    return value.raw


def _items(place: str, value: Value) -> dict[str, Value]:
    raw = _parsed(value)
    if not isinstance(raw, Mapping):
        raise ConfigError(
            f"{value.source}: [{place}] must be a table.",
            remedy=f"Write [{place}] with its keys below it; in a variable, JSON, or one variable for each key.",
        )
    return {
        str(key): Value(item, value.source, value.is_text and isinstance(item, str), value.is_secret)
        for key, item in raw.items()
    }


def _nested(place: str, nested: Nested, inner: Sequence[Values]) -> Any:
    """The settings of a schema, or of one by each name in a table."""
    if nested.shape == "one":
        return _settings(check(place, nested.schema, inner))
    names = dict.fromkeys(key.partition("__")[0] for layer in inner for key in layer)
    results = {n: check(f"{place}.{n}", nested.schema, [below(f"{place}.{n}", n, i) for i in inner]) for n in names}
    refuse([problem for result in results.values() for problem in result.problems])
    return {name: result.settings for name, result in results.items()}


def _list(place: str, schema: type[Any], found: Value) -> list[Any]:
    """Settings in a list: the highest layer that has one has all of it."""
    raw = _parsed(found)
    if not isinstance(raw, list):
        raise ConfigError(
            f"{found.source}: [{place}] must be a list of tables.", remedy=f"Write [[{place}]] over each of them."
        )
    items = [Value(item, found.source, found.is_text, found.is_secret) for item in raw]
    results = [check(f"{place}[{n}]", schema, [_items(f"{place}[{n}]", item)]) for n, item in enumerate(items)]
    refuse([problem for result in results for problem in result.problems])
    return [result.settings for result in results]


def _settings(result: Checked) -> Any:
    refuse(result.problems)
    return result.settings
