"""Signatures of messages: an HMAC over a form of JSON that both sides can make from what they hold."""

import hashlib
import hmac
import json
from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from fw_rxon.wire_error import WireError

# Beyond this, other implementations can no longer turn the float into an integer of theirs.
_LIMIT = 2.0**64
_NEVER_SIGNED = ("security", "_signature")


def canonical(document: bytes, *, without: Collection[str] = ()) -> bytes:
    """What is signed of a JSON object: sorted keys, no spaces, no nulls in objects, `1.0` as `1`, text in UTF-8.

    Left out at the top level are `security`, `_signature` and what `without` names. Other floats keep the digits they
    came with, since writers differ in exponents. Raises `WireError` for what is no JSON object.
    """
    try:
        members = json.loads(document, parse_float=_float, parse_int=_integer)
        if not isinstance(members, dict):
            raise ValueError("it is no object")
        for name in (*_NEVER_SIGNED, *without):
            members.pop(name, None)
        return msgspec.json.encode(_without_nulls(members), order="sorted")
    except (ValueError, OverflowError, RecursionError) as error:
        raise WireError("$", f"cannot be signed: {error}", "send one JSON object in UTF-8") from error


def sign(document: bytes, key: str, *, without: Collection[str] = ()) -> str:
    """The signature of a JSON object as 64 hexadecimal digits. Raises `WireError`, and `ValueError` without a key."""
    return _digest(canonical(document, without=without), key)


def is_signed(document: bytes, signature: str, keys: Iterable[str], *, without: Collection[str] = ()) -> bool:
    """Whether one of `keys` made the signature, tried one by one. Raises like `sign`."""
    text = canonical(document, without=without)
    given = signature.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(_digest(text, key).encode(), given) for key in keys)


def _digest(text: bytes, key: str) -> str:
    if not key:
        raise ValueError("nothing can be signed with an empty key")
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def _float(text: str) -> int | msgspec.Raw:
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < _LIMIT else msgspec.Raw(text.encode())


def _integer(text: str) -> int | msgspec.Raw:
    """Numbers that do not fit 64 bits keep their digits: there is no limit to what JSON can say."""
    return int(text) if len(text) < 19 else msgspec.Raw(text.encode())


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_nulls(element) for element in value]
    return value
