"""Which values are secret: the one notion behind messages, ``fw config show`` and the redaction of logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, get_args, get_type_hints


def is_secret(definition: Field[Any]) -> bool:
    """Whether a field of a schema is marked ``field(metadata={"secret": True})``."""
    return bool(definition.metadata.get("secret", False))


def secret_texts(raw: Any, kind: Any) -> Iterator[str]:
    """The secrets in the raw value of a setting of a type that is not secret as a whole: those of nested schemas."""
    for part in (kind, *get_args(kind)):
        if isinstance(part, type) and is_dataclass(part):
            for item in raw if isinstance(raw, list) else [raw]:
                yield from _of_schema(item, part)
        elif isinstance(raw, Mapping) and part in get_args(kind):
            for item in raw.values():
                yield from secret_texts(item, part)


def _of_schema(raw: Any, schema: type[Any]) -> Iterator[str]:
    if not isinstance(raw, Mapping):
        return
    hints = get_type_hints(schema)
    for definition in fields(schema):
        if definition.name not in raw:
            continue
        if is_secret(definition):
            yield from texts(raw[definition.name])
        else:
            yield from secret_texts(raw[definition.name], hints[definition.name])


def texts(raw: Any) -> Iterator[str]:
    """Every scalar in a raw value, as text; none for what is empty."""
    if isinstance(raw, Mapping):
        for item in raw.values():
            yield from texts(item)
    elif isinstance(raw, list | tuple):
        for item in raw:
            yield from texts(item)
    elif raw is not None and raw != "":
        yield str(raw)
