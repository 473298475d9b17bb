"""Between records and the bytes on the wire."""

from typing import Any, TypeVar

import msgspec

from fw_rxon.complaint import complaint_of
from fw_rxon.normal import normal_numbers
from fw_rxon.record import Record
from fw_rxon.wire_error import WireError

R = TypeVar("R", bound=Record)


def encode(record: Record) -> bytes:
    """Write a record as UTF-8 JSON with sorted keys: equal records give equal bytes.

    Raises `WireError` where a free-form member (`params`, `data`, `payload` ...) holds what JSON cannot carry.
    """
    try:
        return msgspec.json.encode(record, order="sorted")
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        name = type(record).__name__
        raise WireError("$", f"cannot be written as JSON: {error}", "use plain JSON values", record=name) from error


def decode(document: bytes | str, record: type[R]) -> R:
    """Read one record of the given type. Raises `WireError` naming the member, the problem and the remedy.

    An integer is accepted for a float, and a float for an integer if its value is integral (`3.0`, not `3.5`).
    """
    try:
        return msgspec.json.decode(document, type=record)
    except msgspec.ValidationError:
        # Off the fast path: either integral floats stand where integers are meant, or the message is wrong.
        return _decode_slowly(document, record)
    except (ValueError, RecursionError) as error:
        raise _unreadable(error, record) from error


def decode_answer(document: bytes | str, record: type[R]) -> R:
    """Read an answer, for which nothing at all and `null` are as good as `{}`."""
    return decode(document if document.strip() not in (b"", "", b"null", "null") else b"{}", record)


def _decode_slowly(document: bytes | str, record: type[R]) -> R:
    plain: Any = None
    try:
        plain = normal_numbers(msgspec.json.decode(document))
        return msgspec.convert(plain, type=record)
    except msgspec.ValidationError as error:
        found = complaint_of(error, plain)
        raise WireError(found.path, found.problem, found.remedy, record=record.__name__) from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(error, record) from error


def _unreadable(error: Exception, record: type[Record]) -> WireError:
    return WireError("$", f"is not readable JSON: {error}", "send one JSON object in UTF-8", record=record.__name__)
