"""Values of types that the kernel does not know, checked by pydantic: constraints, times, tables, sets and the like."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from framework.errors import ConfigError
from framework.sources import Value

SCALARS = (str, int, float, bool, Path, type(None))


def is_plain(kind: Any) -> bool:
    """Whether the kernel converts this type itself; then pydantic is not asked, nor imported."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return all(map(is_plain, inner))
    if origin in (list, Sequence) or (origin is tuple and inner[1:] == (...,)):
        return is_plain(inner[0])
    return origin is Literal or kind in SCALARS or (isinstance(kind, type) and issubclass(kind, Enum))


def checked(section: str, name: str, kind: Any, found: Value, *, secret: bool) -> Any:
    """The value as ``kind``. Raises :class:`ConfigError`, which says what is wanted and never shows the value.

    Text of a variable is parsed; everything else must be of the type itself: ``"80"`` is no number. A number given
    for a `timedelta` is seconds.
    """
    from pydantic import TypeAdapter, ValidationError
    from pydantic.errors import PydanticSchemaGenerationError

    try:
        adapter: TypeAdapter[Any] = _adapter(kind)
    except PydanticSchemaGenerationError as error:
        raise ConfigError(
            f"[{section}] {name} is of type {kind!r}, of which pydantic knows nothing.",
            remedy="Give the field of the schema another type.",
        ) from error
    try:
        return _parsed(adapter, kind, found)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        said = "; ".join(_said(name, fault["loc"], fault["type"] if secret else fault["msg"]) for fault in faults)
        hint = " (the value is secret and not shown)" if secret else ""
        raise ConfigError(f"{found.source}: [{section}] {said}{hint}.", remedy="Correct the value there.") from None


@lru_cache(maxsize=512)
def _cached(kind: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _adapter(kind: Any) -> Any:
    try:
        return _cached(kind)
    except TypeError:  # annotated with something that has no hash
        return _cached.__wrapped__(kind)


def _parsed(adapter: Any, kind: Any, found: Value) -> Any:
    raw = found.raw
    if _is_duration(kind) and (seconds := _seconds(raw, found.is_text)) is not None:
        return adapter.validate_python(seconds)
    if not (found.is_text and isinstance(raw, str)):
        return adapter.validate_json(_as_json(raw), strict=True)
    if raw == "" and type(None) in get_args(kind):
        return None
    if raw.lstrip()[:1] in ("[", "{"):
        return adapter.validate_json(raw, strict=True)
    if get_origin(_bare(kind)) in (list, set, frozenset, tuple):
        return adapter.validate_json(json.dumps([part.strip() for part in raw.split(",") if part.strip()]))
    return adapter.validate_strings(raw)


def _bare(kind: Any) -> Any:
    """Without the metadata of ``Annotated``."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_duration(kind: Any) -> bool:
    return timedelta in (_bare(kind), *map(_bare, get_args(_bare(kind))))


def _seconds(raw: Any, is_text: bool) -> timedelta | None:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return timedelta(seconds=raw)
    with suppress(ValueError):
        return timedelta(seconds=float(raw)) if is_text else None
    return None


def _as_json(raw: Any) -> str:
    """Dates and times, which TOML and YAML have and JSON has not, become text."""
    return json.dumps(raw, default=str)


def _said(name: str, place: Sequence[int | str], words: str) -> str:
    return "".join(_path(name, place)) + f": {words[:1].lower()}{words[1:]}"


def _path(name: str, place: Sequence[int | str]) -> Iterator[str]:
    yield name
    for part in place:
        yield f"[{part}]" if isinstance(part, int) else f".{part}"
