"""Which values are secret: the one notion behind messages, ``fw config show`` and the redaction of logs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import Field, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints


def is_secret(definition: Field[Any]) -> bool:
    """Whether a field of a schema is marked ``field(metadata={"secret": True})``."""
    return bool(definition.metadata.get("secret", False))


def secret_texts(raw: Any, kind: Any, path: Sequence[str] = ()) -> Iterator[str]:
    """The secrets in the raw value of a setting of a type that is not secret as a whole: those of nested schemas.

    With ``path`` it is the value of something further inside, as in ``FW_SHOP__DATABASE__PASSWORD``.
    """
    parts = get_args(kind)
    if path and get_origin(kind) is dict:
        yield from secret_texts(raw, parts[1], path[1:])
        return
    if isinstance(raw, str) and raw.lstrip()[:1] in ("[", "{"):  # a variable has tables and lists as JSON
        import json

        with suppress(ValueError):
            raw = json.loads(raw)
    for part in (kind, *parts):
        if isinstance(part, type) and is_dataclass(part):
            if path:
                yield from _of_schema({path[0]: raw}, part, path[1:])
                continue
            for item in raw if isinstance(raw, list) else [raw]:
                yield from _of_schema(item, part)
        elif isinstance(raw, Mapping) and part in parts and not path:
            for item in raw.values():
                yield from secret_texts(item, part)


def _of_schema(raw: Any, schema: type[Any], path: Sequence[str] = ()) -> Iterator[str]:
    if not isinstance(raw, Mapping):
        return
    hints = get_type_hints(schema)
    for definition in fields(schema):
        if definition.name not in raw:
            continue
        if is_secret(definition):
            yield from texts(raw[definition.name])
        else:
            yield from secret_texts(raw[definition.name], hints[definition.name], path)


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


def masked(setting: Any) -> Any:
    """A value of a setting as it may be shown: as it is, the secret fields of nested settings as ``***``."""
    if is_dataclass(setting) and not isinstance(setting, type):
        return {
            f.name: "***" if is_secret(f) and getattr(setting, f.name) else masked(getattr(setting, f.name))
            for f in fields(setting)
        }
    if isinstance(setting, list | tuple):
        return [masked(item) for item in setting]
    if isinstance(setting, Mapping):
        return {key: masked(item) for key, item in setting.items()}
    return setting


def hidden(raw: Any, secrets: Collection[str]) -> Any:
    """A raw value with ``***`` for every scalar in it whose text is among ``secrets``."""
    if isinstance(raw, Mapping):
        return {key: hidden(item, secrets) for key, item in raw.items()}
    if isinstance(raw, list | tuple):
        return [hidden(item, secrets) for item in raw]
    return "***" if str(raw) in secrets else raw
