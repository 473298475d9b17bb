"""Lines: one record as one line of JSON, or as one for people. Nothing in a record can begin another line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from fw_logging.failure import Failure
from fw_logging.words import described_number

Render = Callable[[dict[str, Any]], bytes]

_NAMED_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Controls, what some readers take for the end of a line, what turns the direction of writing, halves of surrogates.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ODD_IN_JSON = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_BARE = re.compile(r"[^\s\"'\\=\[\]{}]+")
_COLOURS = {"debug": "36", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}


def json_line(entry: Any) -> bytes:
    """The record, or any plain value, as a line of JSON.

    Whole numbers beyond 64 bits become texts, not-a-number becomes null.
    """
    try:
        line = orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE)
    except (TypeError, ValueError):
        line = orjson.dumps(_tamed(entry), option=orjson.OPT_APPEND_NEWLINE)
    if line.isascii() and b"\x7f" not in line:
        return line
    return _ODD_IN_JSON.sub(lambda odd: f"\\u{ord(odd[0]):04x}", line.decode()).encode()


def _tamed(value: Any) -> Any:
    """What JSON, or its writer, cannot say in other words; the values are plain."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 63:
        return described_number(value)
    if isinstance(value, Mapping):
        return {_tamed(str(name)): _tamed(item) for name, item in value.items()}
    return [_tamed(item) for item in value] if isinstance(value, list) else value


def console_line(entry: dict[str, Any], *, colours: bool = False) -> bytes:
    """The record for people: time, level, logger, message, then ``name=value``; exceptions below it, indented."""
    fields = dict(entry)
    time, level, logger, message = (_words(fields.pop(name)) for name in ("time", "level", "logger", "message"))
    shown = f"{level.upper():<7}"
    if colours:
        shown = f"\x1b[{_COLOURS.get(level, '35')}m{shown}\x1b[0m"
    failures = {name: value for name, value in fields.items() if isinstance(value, Failure)}
    beside = pairs({name: value for name, value in fields.items() if name not in failures})
    lines = [f"{time} {shown} {logger}: {message}{' ' if beside else ''}{beside}"]
    for name, failure in failures.items():
        lines += _failure_lines(failure, name if name != "exception" else "", "    ")
    return "\n".join([*lines, ""]).encode()


def pairs(fields: Mapping[str, Any]) -> str:
    """Fields for people: ``name=value``, separated by spaces."""
    return " ".join(f"{_words(name)}={_value(value)}" for name, value in fields.items())


def written(text: str) -> set[bytes]:
    """The ways in which a text may stand in a line, of either format."""
    return {json_line(text)[1:-2], _words(text).encode(), _words(_quoted(text)).encode()}


def _words(text: object) -> str:
    """A text without anything that moves the cursor."""
    return _ODD.sub(_escaped, str(text))


def _escaped(odd: re.Match[str]) -> str:
    number = ord(odd[0])
    return _NAMED_CONTROLS.get(odd[0], f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}")


def _value(value: Any) -> str:
    if isinstance(value, str):
        if _BARE.fullmatch(value):
            return _words(value)
        return f'"{_words(_quoted(value))}"'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return described_number(value) if isinstance(value, int) else str(value)
    return _words(json_line(value).decode()[:-1])


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _failure_lines(failure: Mapping[str, Any], title: str, indent: str) -> list[str]:
    head = f"{failure['type']}: {failure['message']}" if failure["message"] else str(failure["type"])
    lines = [f"{indent}{f'{_words(title)}: ' if title else ''}{_words(head)}"]
    for frame in failure.get("stack", ()):
        lines.append(_words(f"{indent}  at {frame['file']}:{frame['line']} in {frame['function']}"))
        if frame["code"]:
            lines.append(_words(f"{indent}       {frame['code']}"))
    lines += [_words(f"{indent}  note: {note}") for note in failure.get("notes", ())]
    for number, part in enumerate(failure.get("exceptions", ()), 1):
        lines += _failure_lines(part, f"{number}", f"{indent}  ")
    if "more" in failure:
        lines.append(f"{indent}  … {failure['more']} more")
    for key, words in (("cause", "caused by"), ("context", "while handling")):
        if key in failure:
            lines += _failure_lines(failure[key], words, indent)
    return lines
