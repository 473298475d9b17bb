"""What may be kept: private copies of records that hold JSON values only."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec

from fw_orchestrator.store import StoreError

T = TypeVar("T", bound=msgspec.Struct)


def kept(record: T, what: str) -> T:
    """A private copy of a record. Raises :class:`StoreError`, naming ``what``, if JSON cannot hold it."""
    try:
        text = msgspec.json.encode(record)
        copy = msgspec.json.decode(text, type=type(record))
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
    return msgspec.json.decode(msgspec.json.encode(record), type=type(record))
