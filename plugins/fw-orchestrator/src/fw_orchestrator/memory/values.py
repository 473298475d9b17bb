"""What may be kept: private copies of records that hold JSON values only."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from fw_orchestrator.store import StoreError

T = TypeVar("T", bound=msgspec.Struct)

_encode = msgspec.json.Encoder().encode
_decoders: dict[type, Callable[[bytes], Any]] = {}


def kept(record: T, what: str) -> T:
    """A private copy of a record. Raises :class:`StoreError`, naming ``what``, if JSON cannot hold it."""
    try:
        text = _encode(record)
        copy: T = _decoder(record)(text)
        # What is None by default is not written: hardly any text has a null in it.
        if b"null" in text and copy != record:
            # NaN and infinity became null here; the standard library's encoder refuses them.
            json.dumps(msgspec.to_builtins(record), allow_nan=False)
        return copy
    except (msgspec.MsgspecError, RecursionError, TypeError, ValueError) as error:
        raise StoreError(
            f"The {what} cannot be stored: {error}.",
            remedy="Data may hold JSON values only: objects, arrays, strings, finite numbers, booleans and null.",
        ) from error


def copied(record: T) -> T:
    """A copy of a kept record that its receiver may do with as it likes."""
    copy: T = _decoder(record)(_encode(record))
    return copy


def _decoder(record: msgspec.Struct) -> Callable[[bytes], Any]:
    """That of its type: looking at the type takes as long as reading a record."""
    kind = type(record)
    found = _decoders.get(kind)
    if found is None:
        found = _decoders[kind] = msgspec.json.Decoder(kind).decode
    return found
