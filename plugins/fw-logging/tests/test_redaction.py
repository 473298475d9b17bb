"""What must not be seen is not seen: in messages, fields, exceptions, of libraries too."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, Config
from fw_config import ConfigChanged
from fw_config.facade import Configuration
from fw_logging import log, redact
from fw_logging.redaction import HIDDEN, Redaction, redaction
from fw_logging.rendering import console_line, json_line
from fw_testing.harness import app_with

MakeApp = Callable[..., App]


@dataclass(frozen=True)
class DatabaseSettings:
    password: str = field(default="", metadata={"secret": True})
    user: str = "shop"


@dataclass(frozen=True)
class ReloadedSettings:
    password: str = field(default="", metadata={"secret": True, "reload": True})


@dataclass(frozen=True)
class BankSettings:
    key: str = field(default="", metadata={"secret": True, "reload": True})


SECRET = 'se"cret\\word/ü &x'


@pytest.fixture
def secretive(logging_app: MakeApp) -> App:
    app = logging_app(sections={"db": {"password": SECRET}})
    app.settings(DatabaseSettings, section="db")
    return app


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Values given by a test are not those of the next."""
    yield
    redaction._given.clear()
    redaction._renew()


async def test_secrets_of_the_configuration_are_hidden_wherever_they_turn_up(secretive: App, journal: Any) -> None:
    async with secretive as app:
        log.info(f"connecting with {SECRET}!")
        log.info("m", url="postgresql://shop:se%22cret%5Cword%2F%C3%BC%20%26x@db/shop")
        log.info("m", nested={"list": [f"x{SECRET}", {SECRET: 1}]})
        log.bind(bound=SECRET).info("m")
        log.error("m", exception=ValueError(f"refused: {SECRET}"))
        log.info("m", settings=app.config.get(DatabaseSettings))
        log.info("m", shown=repr({"p": SECRET}))
        logging.getLogger(__name__).warning("as %s", SECRET, extra={"more": SECRET})
    assert len(journal.of(__name__)) == 8
    for part in (SECRET, "cret", "%22cret"):
        assert part not in str(journal.of(__name__)).replace("test_secrets_of", "").replace("SECRET", "")
    first = journal.of(__name__)[0]
    assert first["message"] == f"connecting with {HIDDEN}!"


@pytest.mark.parametrize("form", ["json", "console"])
async def test_secrets_are_hidden_in_every_format_and_in_further_sinks(
    secretive: App, monkeypatch: pytest.MonkeyPatch, form: str, journal: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FW_LOGGING__FORMAT", form)
    secretive.logging.add_sink(print, format="{message} {extra}")
    async with secretive:
        log.info(f"with {SECRET}", field=SECRET)
    for text in (journal.text, capsys.readouterr().out):
        assert "cret" not in text
        assert f"with {HIDDEN}" in text


async def test_secrets_that_a_reload_brings_are_hidden_before_anybody_has_them(
    journal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K42: also one that a higher source covers, and the old one, which somebody may still hold."""
    secret = tmp_path / "db__password"
    secret.write_text("first-secret", "utf-8")
    monkeypatch.setenv("FW_BANK__KEY", "covers-it")
    (tmp_path / "bank__key").write_text("covered-one", "utf-8")
    app = app_with(
        "logging",
        "config",
        defaults={
            "logging": {"output": str(journal.path)},
            "config": {"secrets": [str(secret), str(tmp_path / "bank__key")]},
        },
    )
    app.settings(ReloadedSettings, section="db")
    app.settings(BankSettings, section="bank")

    @app.handles(ConfigChanged)
    def use(event: ConfigChanged, config: Config) -> None:
        log.info(f"connecting with {config.get(ReloadedSettings).password}")

    async with app:
        secret.write_text("second-secret", "utf-8")
        (tmp_path / "bank__key").write_text("covered-two", "utf-8")
        await app.facade(Configuration).reload()
        log.info("first-secret, second-secret, covered-one, covered-two, covers-it")
    connecting, every = (line["message"] for line in journal.of(__name__))
    assert connecting == f"connecting with {HIDDEN}"
    assert every == ", ".join([HIDDEN] * 5)
    assert not any(word in journal.text for word in ("-secret", "covered-", "covers-"))
    assert "[db] password: " in journal.text
    assert redaction._forms == []


async def test_when_an_app_ends_its_secrets_are_forgotten(secretive: App) -> None:
    """K26"""
    before = list(redaction._forms)
    async with secretive:
        assert len(redaction._forms) > len(before)
    assert redaction._forms == before


async def test_a_value_known_later_can_be_hidden_too(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        token = redact("opensesame")
        log.info(f"the word is {token}")
    assert journal.of(__name__)[0]["message"] == f"the word is {HIDDEN}"


async def test_numbers_that_are_secrets_are_hidden(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        redact("271828")
        log.info("m", pin=271828, other=3)
    [line] = journal.of(__name__)
    assert (line["pin"], line["other"]) == (HIDDEN, 3)


@pytest.mark.parametrize("name", ["password", "DB_PASSWORD", "accessToken", "X-Api-Key", "Authorization", "Set-Cookie"])
@pytest.mark.parametrize("value", ["x", 5, ["x"], {"x": "y"}])
async def test_values_are_hidden_by_the_names_of_fields(
    logging_app: MakeApp, journal: Any, name: str, value: Any
) -> None:
    async with logging_app():
        log.info("m", **{name: value})
        log.info("m", headers={"deep": [{name: value}]})
        logging.getLogger(__name__).info("m", extra={name: value})
    top, deep, library = journal.of(__name__)
    assert top[name] == library[name] == deep["headers"]["deep"][0][name] == HIDDEN


async def test_names_can_be_added(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app(redact=["iban"]):
        log.info("m", IBAN="x", user="y")
    async with logging_app():
        log.info("m", IBAN="x")
    first, second = journal.of(__name__)
    assert (first["IBAN"], first["user"], second["IBAN"]) == (HIDDEN, "y", "x")


@pytest.mark.parametrize(
    "text,expected",
    [
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {HIDDEN}"),
        ("GET /?token=abc&x=1", f"GET /?token={HIDDEN}&x=1"),
        ("password = hunter2, user=ann", f"password = {HIDDEN}, user=ann"),
        ('{"api_key": "abc"}', f'{{"api_key": "{HIDDEN}"}}'),
        ("no secret here", "no secret here"),
        ("a token was made", "a token was made"),
    ],
)
async def test_values_are_hidden_behind_names_in_texts(
    logging_app: MakeApp, journal: Any, text: str, expected: str
) -> None:
    async with logging_app():
        log.info(text)
        log.info("m", value=text, exception=ValueError(text))
    message, fields = journal.of(__name__)
    assert message["message"] == expected
    if "=" in text:  # in fields only where a value is assigned: prose with colons there is common
        assert fields["value"] == fields["exception"]["message"] == expected


def test_short_values_are_not_registered() -> None:
    known = Redaction()
    known.feed("me", ["1", "abc", ""])
    assert known.text("1 abc") == "1 abc"
    assert not known.suspects(b"1 abc", "")


@pytest.mark.parametrize(
    "secrets,text,expected",
    [
        (["secret", "secretive"], "secretive", HIDDEN),
        (["abcdef", "defghi"], "xabcdefghix", f"x{HIDDEN}x"),
        (["aaaa"], "aaaaaa", HIDDEN),
        (["abcd", "efgh"], "abcdefgh", f"{HIDDEN}{HIDDEN}"),
        (["-----BEGIN\nMIIEvQIBADANBgkqhkiG9w0\n-----END"], "MIIEvQIBADANBgkqhkiG9w0", HIDDEN),
    ],
)
def test_overlapping_secrets_are_hidden_as_one(secrets: list[str], text: str, expected: str) -> None:
    known = Redaction()
    known.feed("me", secrets)
    assert known.text(text) == expected


TEXTS = st.text(min_size=4, max_size=30)


@given(st.lists(TEXTS, min_size=1, max_size=5), st.text(max_size=8), st.text(max_size=8))
def test_no_line_with_a_secret_passes_the_first_look(secrets: list[str], before: str, after: str) -> None:
    known = Redaction()
    known.feed("me", secrets)
    for secret in secrets:
        line = json_line({"message": "m", "value": f"{before}{secret}{after}"})
        assert known.suspects(line, "m")
        assert secret not in known.plain([f"{before}{secret}{after}"])[0].replace(HIDDEN, "\0")


async def test_a_secret_that_looks_like_a_part_of_the_line_does_not_break_it(
    logging_app: MakeApp, journal: Any
) -> None:
    async with logging_app():
        for value in ("level", "info", "message", '","', "nabc", "2026", "redacted"):
            redact(value)
        log.info("x\nabc", value="level")
    [line] = journal.lines
    assert (line["level"], line["value"], line["message"]) == ("info", HIDDEN, "x\nabc")


def test_given_values_are_bounded() -> None:
    known = Redaction()
    for number in range(250):
        known._given[f"value{number}"] = None
    known.add("the newest")
    assert len(known._given) == 250
    assert known.text("the newest, value0, value1!") == f"{HIDDEN}, value0, {HIDDEN}!"


def test_the_first_look_does_not_grow_with_the_number_of_secrets() -> None:
    """One pattern, a tree of beginnings: a place in the line is compared with the few that may stand there."""
    few, many = Redaction(), Redaction()
    few.feed("me", ["abcd1234"])
    many.feed("me", [f"{number * 7919:08x}{number:08d}" for number in range(1000)])
    assert few._first_look is not None
    assert many._first_look is not None
    assert many._first_look.pattern.count(b"|") < 1000
    assert not many.suspects(b"xyz" * 1000, "m")


@given(TEXTS, st.text(max_size=8), st.text(max_size=8))
def test_nor_does_one_for_people(secret: str, before: str, after: str) -> None:
    known = Redaction()
    known.feed("me", [secret])
    text = f"{before}{secret}{after}"
    line = console_line({"time": "t", "level": "info", "logger": "l", "message": text})
    assert known.suspects(line, text)
    assert known.suspects(console_line({"time": "t", "level": "i", "logger": "l", "message": "m", "v": text}), "m")
