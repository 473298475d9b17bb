"""Signatures of messages: an HMAC over a form of JSON that both sides can make from what they hold."""

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

import msgspec

from fw_rxon.wire_error import WireError

# Beyond this, other implementations can no longer turn the float into an integer of theirs.
_LIMIT = 2.0**64
# What `encode` writes is canonical, but for nulls in free-form members and floats that may be integral. Texts that look
# like it only cost time.
_NOT_CANONICAL = re.compile(rb"null|\.0[\],}]|[\[:,]-?[0-9.]+e")
# Without nulls, floats and numbers beyond 64 bits nothing needs to be looked at one by one.
_NOT_PLAIN = re.compile(rb"null|[0-9][.eE]|[0-9]{18}")
_decode = msgspec.json.Decoder().decode
_NEVER_SIGNED = ("security", "_signature")


def canonical(document: bytes, *, without: Collection[str] = ()) -> bytes:
    """What is signed of a JSON object: sorted keys, no spaces, no nulls in objects, `1.0` as `1`, text in UTF-8.

    Left out at the top level are `security`, `_signature` and what `without` names. Other floats keep the digits they
    came with, since writers differ in exponents. Raises `WireError` for what is no JSON object.
    """
    plain = _NOT_PLAIN.search(document) is None
    try:
        members = _decode(document) if plain else _exact(document)
        if not isinstance(members, dict):
            raise ValueError("it is no object")
        for name in (*_NEVER_SIGNED, *without):
            members.pop(name, None)
        return msgspec.json.encode(members if plain else _without_nulls(members), order="sorted")
    except (ValueError, OverflowError, RecursionError) as error:
        raise WireError("$", f"cannot be signed: {error}", "send one JSON object in UTF-8") from error


def sign(document: bytes, key: str, *, without: Collection[str] = ()) -> str:
    """The signature of a JSON object as 64 hexadecimal digits. Raises `WireError`, and `ValueError` without a key."""
    return _digest(canonical(document, without=without), key)


def sign_own(document: bytes, key: str) -> str:
    """`sign` for what `encode` has written and nothing of which is left out: the same, sooner."""
    if not key or _NOT_CANONICAL.search(document):
        return sign(document, key)
    return _digest(document, key)


def is_signed(document: bytes, signature: str, keys: Iterable[str], *, without: Collection[str] = ()) -> bool:
    """Whether one of `keys` made the signature, tried one by one. Raises like `sign`."""
    text = canonical(document, without=without)
    given = signature.encode("utf-8", "surrogatepass")
    return any(hmac.compare_digest(_digest(text, key).encode(), given) for key in keys)


def _digest(text: bytes, key: str) -> str:
    if not key:
        raise ValueError("nothing can be signed with an empty key")
    made = _keyed(key).copy()
    made.update(text)
    return made.hexdigest()


@lru_cache(256)
def _keyed(key: str) -> hmac.HMAC:
    """Making it takes ten times as long as copying and using it; a process knows few keys."""
    return hmac.new(key.encode(), digestmod=hashlib.sha256)


def _exact(document: bytes) -> Any:
    """The same with numbers in the digits that they came with. Takes no more for JSON than the quick decoder."""
    return json.loads(document.decode(), parse_float=_float, parse_int=_integer, parse_constant=_no_json)


def _no_json(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


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
