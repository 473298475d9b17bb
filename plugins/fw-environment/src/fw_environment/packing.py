"""Plain data as bytes that are the same in every process and on every supported Python.

Each value is a letter and its raw bytes, little-endian: floats keep every bit, so -0.0 differs from 0.0 and a NaN keeps
its payload. A list is read back as a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct, error, pack_into
from typing import Any

from fw_environment.errors import BadFile, NotPlain

_LENGTH = Struct("<I")
_INT = Struct("<q")
_FLOAT = Struct("<d")


def pack(value: Any, place: str = "The value") -> bytes:
    """The bytes of plain data; `NotPlain` names ``place`` where something in it is not plain."""
    out = bytearray()
    _write(value, out, place)
    return bytes(out)


def _sized(letter: bytes, data: bytes, out: bytearray) -> None:
    out += letter + _LENGTH.pack(len(data)) + data


def _write(value: Any, out: bytearray, place: str) -> None:  # noqa: C901, PLR0912 - a table of types, in order of frequency
    if value is None:
        out += b"n"
    elif value is True or value is False:
        out += b"t" if value else b"f"
    elif isinstance(value, float):
        out += b"d" + _FLOAT.pack(value)
    elif isinstance(value, int):
        if -(2**63) <= value < 2**63:
            out += b"i" + _INT.pack(value)
        else:
            _sized(b"I", str(int(value)).encode(), out)
    elif isinstance(value, str):
        _sized(b"s", value.encode("utf-8", "surrogatepass"), out)
    elif isinstance(value, bytes | bytearray | memoryview):
        _sized(b"b", bytes(value), out)
    elif isinstance(value, tuple | list):
        out += b"l" + _LENGTH.pack(len(value))
        for item in value:
            _write(item, out, place)
    elif isinstance(value, dict):
        out += b"m" + _LENGTH.pack(len(value))
        for key, item in value.items():
            _write(key, out, place)
            _write(item, out, place)
    elif isinstance(value, set | frozenset):
        # A set of texts has another order in every process.
        out += b"S" + _LENGTH.pack(len(value)) + b"".join(sorted(pack(item, place) for item in value))
    else:
        raise NotPlain(place, value)


def pack_column(values: Sequence[Any], place: str) -> bytes:
    """The bytes of one field of many objects: in one go where all are floats, or all are integers."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        code = {float: "d", int: "q"}.get(kinds.pop())
        if code:
            out = bytearray(8 * len(values) + 1)
            out[0] = ord(code)
            try:
                pack_into(f"<{len(values)}{code}", out, 1, *values)
                return bytes(out)
            except error:  # an integer of more than 64 bits
                return b"o" + pack(tuple(values), place)
    # What many objects share, such as an empty tuple or a text, is packed once: by identity, for what is equal may be
    # other bytes.
    packed = {id(value): value for value in values}
    parts = {key: pack(value, place) for key, value in packed.items()}
    return b"ol" + _LENGTH.pack(len(values)) + b"".join([parts[id(value)] for value in values])


def unpack(data: bytes, place: str = "The data") -> Any:
    """What was packed; `BadFile` names ``place`` where the bytes are cut or foreign."""
    reader = _Reader(data, place)
    try:
        value = reader.read()
    except (error, IndexError, KeyError, UnicodeDecodeError, RecursionError, TypeError, ValueError) as problem:
        raise BadFile(place, f"The bytes end early or are no packed data ({problem!r}).", "Make it anew.") from problem
    if reader.at != len(data):
        raise BadFile(place, f"{len(data) - reader.at} bytes too many follow the data.", "Make it anew.")
    return value


class _Reader:
    def __init__(self, data: bytes, place: str) -> None:
        self.data = data
        self.place = place
        self.at = 0
        self.kinds: dict[int, Callable[[], Any]] = {
            ord("n"): lambda: None,
            ord("t"): lambda: True,
            ord("f"): lambda: False,
            ord("d"): lambda: self.number(_FLOAT),
            ord("i"): lambda: self.number(_INT),
            ord("I"): lambda: int(self.sized()),
            ord("s"): lambda: self.sized().decode("utf-8", "surrogatepass"),
            ord("b"): self.sized,
            ord("l"): lambda: tuple([self.read() for _ in range(self.number(_LENGTH))]),
            ord("m"): lambda: {self.read(): self.read() for _ in range(self.number(_LENGTH))},
            ord("S"): lambda: {self.read() for _ in range(self.number(_LENGTH))},
        }

    def read(self) -> Any:
        kind = self.kinds[self.data[self.at]]
        self.at += 1
        return kind()

    def number(self, form: Struct) -> Any:
        (value,) = form.unpack_from(self.data, self.at)
        self.at += form.size
        return value

    def sized(self) -> bytes:
        length: int = self.number(_LENGTH)
        if self.at + length > len(self.data):
            raise IndexError(f"{length} bytes wanted at {self.at}")
        self.at += length
        return self.data[self.at - length : self.at]
