"""What a line looks like: one record is one line, in either format, whatever is in it."""

import asyncio
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framework import App, ConfigError
from fw_logging import log
from fw_logging.config import LoggingSettings
from fw_logging.pipeline import MOST_LINE
from fw_logging.plain import plain
from fw_logging.rendering import console_line, json_line

MakeApp = Callable[..., App]
HEAD = {"time": "T", "level": "info", "logger": "shop"}


def shown(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in ("time", "level", "logger")}


async def test_a_line_has_time_level_logger_message_and_fields(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        log.warning("stock is low", item="spoon", left=3)
    [line] = journal.of(__name__)
    assert datetime.fromisoformat(line.pop("time")).utcoffset() is not None
    assert line == {"level": "warning", "logger": __name__, "message": "stock is low", "item": "spoon", "left": 3}


@pytest.mark.parametrize("message", ["{", "{item}", "{item!r:>{n}}", "100 %", "%s", "{0}", "<red>"])
async def test_braces_and_percent_signs_mean_nothing(logging_app: MakeApp, journal: Any, message: str) -> None:
    async with logging_app():
        log.info(message, item="spoon")
    assert shown(journal.of(__name__)[0]) == {"message": message, "item": "spoon"}


FORGED = 'sold\n{"level":"info"}\r\x00\x1b[2J\x85\u2028\u2029\u202e\x7f\x9b'


@pytest.mark.parametrize("place", ["message", "field", "name", "nested", "error", "type"])
async def test_nothing_can_begin_another_line(logging_app: MakeApp, journal: Any, place: str) -> None:
    async with logging_app():
        match place:
            case "message":
                log.info(FORGED)
            case "field":
                log.info("sold", item=FORGED)
            case "name":
                log.info("sold", **{FORGED: 1})
            case "nested":
                log.info("sold", items=[{FORGED: FORGED}])
            case "error":
                log.info("sold", exception=ValueError(FORGED))
            case "type":
                log.info("sold", exception=type(FORGED.replace("\0", ""), (Exception,), {})())
    [line] = journal.of(__name__)  # the journal splits at everything that any reader takes for the end of a line
    assert FORGED[:5] in _texts(line)  # it is still there, as data
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", journal.text)


def _texts(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_texts(item)}" for name, item in value.items())
    return " ".join(map(_texts, value)) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("place", ["message", "logger", "level", "item", FORGED])
def test_nothing_can_begin_another_line_on_the_console(place: str) -> None:
    line = console_line({**HEAD, "message": "sold", place: FORGED}).decode()
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", line)


def test_exceptions_on_the_console_are_indented_whatever_they_say() -> None:
    try:
        try:
            raise OSError(FORGED)
        except OSError as error:
            error.add_note("2026-01-01 INFO forged\n2026-01-01 INFO forged")
            raise ExceptionGroup("both", [ValueError("a"), KeyError("b")]) from error
    except ExceptionGroup as error:
        line = console_line({**HEAD, "message": "failed", "exception": plain(error)}).decode()
    first, *rest = line.splitlines()
    assert first == "T INFO    shop: failed"
    assert all(text.startswith("    ") for text in rest)
    for said in ("ExceptionGroup: both", "1: ValueError: a", "2: KeyError: 'b'", "caused by: OSError", "raise OSError"):
        assert said in line


def test_the_console_shows_fields_so_that_they_can_be_told_apart() -> None:
    fields = {"a": "word", "b": "two words", "c": 'quo"te', "d": 1.5, "e": None, "f": [1, "x"], "g": "x=1"}
    line = console_line({**HEAD, "message": "m", **fields}).decode()
    assert line == 'T INFO    shop: m a=word b="two words" c="quo\\"te" d=1.5 e=null f=[1,"x"] g="x=1"\n'


def test_colours_are_for_the_level_only() -> None:
    line = console_line({**HEAD, "message": "\x1b[31mred"}, colours=True).decode()
    assert line == "T \x1b[32mINFO   \x1b[0m shop: \\x1b[31mred\n"


class Rude:
    def __repr__(self) -> str:
        raise OSError("no")

    __str__ = __repr__


class Endless(dict[str, Any]):
    def items(self) -> Any:
        raise OSError("no")


class Size(Enum):
    LARGE = "large"


class Word(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise OSError("no")


@dataclass
class Order:
    number: int
    card: str = field(default="1234", repr=False)
    pin: str = field(default="99", metadata={"secret": True})


circle: list[Any] = []
circle.append(circle)


@pytest.mark.parametrize(
    "value,expected",
    [
        (Order(1), {"number": 1, "pin": "[redacted]"}),
        ({"a": {1: (2, 3)}}, {"a": {"1": [2, 3]}}),
        ({1}, [1]),
        (Size.LARGE, "large"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("/a"), "/a"),
        (datetime(2026, 1, 1), "2026-01-01T00:00:00"),  # noqa: DTZ001 - a naive one is the case
        (b"\x00", "b'\\x00'"),
        (2**70, str(2**70)),
        (10**5000, "<a number of 16610 bits>"),
        (math.nan, None),
        ("\ud800", "\\ud800"),
        (Word("said"), "said"),
        (Rude(), "<Rude, whose repr raised OSError>"),
        ([Rude()], ["<Rude, whose repr raised OSError>"]),
        (list(range(102)), [*range(100), "… 2 more"]),
    ],
    ids=range(16),
)
async def test_any_value_can_be_a_field(logging_app: MakeApp, journal: Any, value: Any, expected: Any) -> None:
    async with logging_app():
        log.info("m", value=value)
    assert journal.of(__name__)[0]["value"] == expected


@pytest.mark.parametrize("value", [Endless(a=1), circle, {"a": circle}, [[[[[[[[[1]]]]]]]]]])
async def test_what_has_no_end_is_shown_as_its_repr(logging_app: MakeApp, journal: Any, value: Any) -> None:
    async with logging_app() as app:
        log.info("m", value=value)
        assert app.logging.flush()
        assert app.logging.counts.lost == 0
    assert len(journal.of(__name__)) == 1


async def test_long_texts_are_cut_and_many_fields_left_out(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        log.info("x" * 10**6, value="y" * 10**6, other=1)
        log.info("many", **{f"field{number}": "z" * 3000 for number in range(1000)})
        log.info("deep", value=[["w" * 900] * 100] * 10)
    assert all(len(line) < MOST_LINE for line in journal.text.splitlines())
    long, many, deep = journal.of(__name__)
    assert long["message"].endswith("x… 984000 more")
    assert long["value"].endswith("y… 996000 more")
    assert long["other"] == 1
    assert many["field0"] == "z" * 3000
    assert deep["value"] == "… left out, the line would be too long"


async def test_fields_named_like_our_own_do_not_replace_them(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        log.info("m", level="debug", logger="other", time="never", message="forged")
    [line] = journal.of(__name__)
    assert (line["level"], line["message"]) == ("info", "m")
    assert (line["level_"], line["logger_"], line["time_"], line["message_"]) == ("debug", "other", "never", "forged")


# What a terminal, a reader of lines or one of JSON may take for something else. All of Unicode would take long to draw.
TEXTS = st.text(
    "aZ09 =,\"'\\{}[]<>%\0\a\b\t\n\v\f\r\x1b\x1c\x7f\x85\x9b\xa0\xe9\u2028\u2029\u202e\ufeff\ud800\udfff\U0001f600"
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = SCALARS | st.lists(SCALARS | st.lists(SCALARS | st.lists(SCALARS, max_size=2), max_size=3), max_size=3)


@settings(deadline=None)  # how long an example takes says how busy the machine is
@given(VALUES)
def test_whatever_is_logged_is_one_line_of_json_and_one_for_people(value: Any) -> None:
    entry = {**HEAD, "message": "m", "value": plain(value)}
    line = json_line(entry).decode()
    assert len(line.splitlines()) == 1
    assert json.loads(line)["message"] == "m"
    assert len(console_line(entry).decode().splitlines()) == 1


async def test_a_message_that_is_no_text_is_shown_as_one(logging_app: MakeApp, journal: Any) -> None:
    messages: list[Any] = [OSError("gone"), 5, None, Rude()]
    async with logging_app():
        for message in messages:
            log.info(message)
    assert [line["message"] for line in journal.of(__name__)] == [
        *("gone", "5", "None"),
        "<Rude, whose repr raised OSError>",
    ]


@pytest.mark.parametrize("zone,offset", [("UTC", "+00:00"), ("Asia/Kathmandu", "+05:45")])
async def test_times_have_the_configured_zone_and_its_offset(
    logging_app: MakeApp, journal: Any, zone: str, offset: str
) -> None:
    async with logging_app(timezone=zone):
        log.info("m")
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{6}}{re.escape(offset)}", journal.lines[0]["time"])


@pytest.mark.parametrize(
    "wrong,said",
    [
        ({"timezone": "Mars/Phobos"}, "timezone 'Mars/Phobos' is not known"),
        ({"levels": ["shop"]}, "levels must be like"),
        ({"levels": ["shop=loud"]}, "levels must be like"),
        ({"queue": 0}, "queue must be at least 1"),
        ({"flush_timeout": 0.0}, "flush_timeout must be greater than 0"),
        ({"output": ""}, "output must be"),
        ({"request_id_header": "X-Id: 1\r\nX"}, "request_id_header must be the name of a header"),
        ({"output": "stderr", "rotation": "1 day"}, "rotation is for files"),
    ],
)
def test_wrong_settings_are_told_with_the_value(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        LoggingSettings(**wrong)


async def test_an_output_that_cannot_be_opened_is_told_before_anything_starts(
    logging_app: MakeApp, tmp_path: Any
) -> None:
    with pytest.raises(ConfigError, match="cannot be opened"):
        logging_app(output=str(tmp_path)).bootstrap()
    with pytest.raises(ConfigError, match="cannot be opened"):
        logging_app(rotation="now and then").bootstrap()


async def test_lines_of_many_threads_are_whole(logging_app: MakeApp, journal: Any) -> None:
    def write(number: int) -> None:
        for turn in range(200):
            log.info("m", number=number, turn=turn, text="x" * 500)

    async with logging_app():
        await asyncio.gather(*(asyncio.to_thread(write, number) for number in range(8)))
    seen = [(line["number"], line["turn"]) for line in journal.of(__name__)]
    assert len(seen) == 1600
    assert all(
        [turn for number, turn in seen if number == wanted] == list(range(200)) for wanted in range(8)
    )  # in order


def lines_of(text: str) -> Iterator[dict[str, Any]]:
    return map(json.loads, text.splitlines())


async def test_stderr_and_stdout_are_the_streams_of_the_time(
    logging_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    for output in ("stderr", "stdout"):
        async with logging_app(output=output):
            log.info("m")
    captured = capsys.readouterr()
    assert [[line["message"] for line in lines_of(text)] for text in captured] == [["m"], ["m"]]
