"""The line about a request that is put together quickly says what the general way says, and hides what that hides."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App
from fw_http.facade import Http
from fw_logging import redact
from fw_logging.access_line import AccessLines
from fw_logging.config import LoggingSettings
from fw_logging.context import chosen_id
from fw_logging.pipeline import Pipeline
from fw_logging.redaction import HIDDEN, redaction

MakeApp = Callable[..., App]
MOMENT = 1_700_000_000.25


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test hides is not hidden in the next."""
    yield
    redaction.forget("test")
    redaction._given.clear()
    redaction._renew()


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessLines]:
    pipeline = Pipeline(LoggingSettings(format="json", output=str(tmp_path_factory.mktemp("log") / "log")), 20)
    yield AccessLines(pipeline, with_query=False)
    pipeline.close()


@dataclass(frozen=True)
class DatabaseSettings:
    password: str = field(default="", metadata={"secret": True})


class Resource:
    def __init__(self, canonical: str) -> None:
        self.canonical = canonical


ROUTES = [None, *map(Resource, ("/", "/items/{number}", "/ü", '/"', "/a={b}", "/token={token}"))]


def both(lines: AccessLines, *values: Any) -> tuple[bytes, bytes]:
    """The line as it is made quickly where that may be, and as it is always made otherwise."""
    general = lines._pipeline.line("fw_logging.access", 20, "request", lines._fields(*values), {}, MOMENT)[0]
    return lines._line(MOMENT, *values), general


@given(
    identifier=st.sampled_from(["a" * 32, "order-7", "token=abc", "a.b:c/d@e+f=g"]),
    method=st.sampled_from(["GET", "POST", "M-SEARCH", "password=x"]),
    route=st.sampled_from(ROUTES),
    target=st.one_of(st.text(max_size=60), st.text('/abc%?=&"\\ \x7f\n:', max_size=60), st.just("/" + "x" * 3000)),
    status=st.integers(100, 599),
    size=st.one_of(st.none(), st.integers(0, 2**40)),
    micros=st.integers(0, 10**9),
    peer=st.one_of(st.none(), st.sampled_from(["127.0.0.1", "::1%lo", "", "token=x"]), st.text(max_size=20)),
)
def test_the_quick_line_says_what_the_general_one_says(
    lines: AccessLines,
    identifier: str,
    method: str,
    route: Any,
    target: str,
    status: int,
    size: int | None,
    micros: int,
    peer: str | None,
) -> None:
    quick, general = both(lines, identifier, method, route, target, status, size, micros / 1e6, peer)
    assert quick.endswith(b"\n")
    assert len(quick.decode().splitlines()) == 1
    shown, expected = json.loads(quick), json.loads(general)
    assert abs(shown.pop("ms") - expected.pop("ms")) < 0.0021
    assert list(shown.items()) == list(expected.items())


VALUES = ("a" * 32, "GET", Resource("/items/{number}"), "/items/7", 200, 123_456, 0.5, "127.0.0.1")


@pytest.mark.parametrize("secret", ["aaaa", "/items/7", "/items/{number}", "123456", "127.0.0.1", "request", "access"])
def test_a_secret_is_hidden_whatever_it_equals(lines: AccessLines, secret: str) -> None:
    redaction.feed("test", [secret])
    quick, general = both(lines, *VALUES)
    assert json.loads(quick) == json.loads(general)
    assert HIDDEN.encode() in quick


async def served(app: App, *targets: str) -> None:
    @app.facade(Http).route("/items/{_number}")
    async def item() -> int:
        return 1

    async with app, aiohttp.ClientSession(app.http.url) as session:
        for target in targets:
            async with session.get(target) as answer:
                await answer.read()
        await asyncio.sleep(0)


async def test_what_became_secret_meanwhile_is_hidden(logging_app: MakeApp, journal: Any) -> None:
    """The line waits for the writer, which makes it; what a handler has redacted by then is hidden."""
    app = logging_app("http", sections={"http": {"port": 0}})

    @app.facade(Http).route("/sign/{word}")
    async def sign(word: str) -> int:
        redact(word)
        return 1

    async with app, aiohttp.ClientSession(app.http.url) as session, session.get("/sign/opensesame") as answer:
        await answer.read()
    [line] = journal.of("fw_logging.access")
    assert line["path"] == f"/sign/{HIDDEN}"


async def test_lines_that_wait_are_made_before_secrets_are_forgotten(logging_app: MakeApp, journal: Any) -> None:
    """K26: what the configuration hides is hidden until the last line is written."""
    app = logging_app("http", sections={"http": {"port": 0}, "db": {"password": "hunter2x"}})
    app.settings(DatabaseSettings, section="db")
    await served(app, *["/items/hunter2x"] * 50)
    assert [line["path"] for line in journal.of("fw_logging.access")] == [f"/items/{HIDDEN}"] * 50


async def test_nothing_is_lost_at_a_clean_stop(logging_app: MakeApp, journal: Any) -> None:
    await served(logging_app("http", sections={"http": {"port": 0}}), *(f"/items/{number}" for number in range(300)))
    assert [line["path"] for line in journal.of("fw_logging.access")] == [f"/items/{number}" for number in range(300)]


async def test_a_second_sink_gets_the_record(logging_app: MakeApp, journal: Any, tmp_path: Path) -> None:
    app = logging_app("http", sections={"http": {"port": 0}})
    app.logging.add_sink(str(tmp_path / "second"), serialize=True)
    await served(app, "/items/7")
    [line] = [line for line in (tmp_path / "second").read_text("utf-8").splitlines() if '"/items/7"' in line]
    assert json.loads(line)["record"]["extra"]["route"] == "/items/{_number}"
    assert len(journal.of("fw_logging.access")) == 1


async def test_what_the_door_refuses_is_a_line(logging_app: MakeApp, journal: Any) -> None:
    app = logging_app("http", sections={"http": {"port": 0}})
    async with app, aiohttp.ClientSession(app.http.url) as session:
        for target in ("/%0aforged", "/items/7"):
            async with session.get(target, headers={"Host": "evil.example"}) as answer:
                assert answer.status in (400, 421)
    bad, other = journal.of("fw_logging.access")
    assert (bad["status"], bad["method"], bad["route"], bad["request_id"], bad["ms"]) == (400, "GET", None, None, None)
    assert bad["peer"] == "127.0.0.1"
    assert (other["status"], other["refused"].partition(" does")[0]) == (421, "The server")


async def test_refusals_are_no_lines_where_the_access_log_is_off(logging_app: MakeApp, journal: Any) -> None:
    app = logging_app("http", sections={"http": {"port": 0}}, access=False)
    async with app, aiohttp.ClientSession(app.http.url, headers={"Host": "evil.example"}) as session:
        async with session.get("/first") as answer:
            assert answer.status == 421
        async with session.get("/second") as answer:
            assert answer.status == 421
    assert journal.of("fw_logging.access") == []


def test_new_ids_are_all_different() -> None:
    made = [chosen_id(None, None) for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {len(identifier) for identifier in made} == {32}
