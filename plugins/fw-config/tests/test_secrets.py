"""Secrets: read as they are written, shown nowhere, known to whoever hides them in logs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

RAW = [
    "12345",
    "1_000",
    "0x10",
    "true",
    "null",
    "1e3",
    " a b ",
    "@get shop.url",
    "@format {env[HOME]}",
    "%(x)s",
    "pä$s",
]


@dataclass(frozen=True)
class VaultSettings:
    password: str
    pin: int = 0


@pytest.mark.parametrize("secret", RAW)
def test_a_mounted_secret_is_read_as_it_is(folder: Any, secret: str) -> None:
    """K40: no cast, no expression; only the line end that an editor adds is taken away."""
    folder.write("run/secrets/shop__password", f"{secret}\n")
    folder.write("fw.toml", '[config]\nsecrets = ["run/secrets"]\n')
    app = folder.shop()
    assert app.config.get(folder.schema).password == secret
    assert app.config.source("shop", "password") == "run/secrets/shop__password"
    assert app.config.secrets() == {secret}


@pytest.mark.parametrize("secret", ["12345", "1_000", "0x10", "true", "1e3", "012"])
@pytest.mark.parametrize("form", ["yaml", "json", "ini"])
def test_a_secret_in_a_file_stays_the_text_that_is_written(folder: Any, form: str, secret: str) -> None:
    """K40: `12345` stays text, whatever the format takes it for."""
    written = {
        "yaml": f"shop:\n  password: {secret}\n",
        "json": json.dumps({"shop": {"password": secret}}),
        "ini": f"[shop]\npassword = {secret}\n",
    }
    folder.write(f"secret.{form}", written[form])
    folder.write("fw.toml", f'[config]\nsecrets = ["secret.{form}"]\n')
    assert folder.settings().password == secret


def test_a_bare_number_in_json_stays_text_too_and_toml_asks_for_quotes(folder: Any) -> None:
    folder.write("secret.json", '{"shop": {"password": 12345.10}}')
    folder.write("fw.toml", '[config]\nsecrets = ["secret.json"]\n')
    assert folder.settings().password == "12345.10"
    folder.write("secret.toml", "[shop]\npassword = 12345\n")
    folder.write("fw.toml", '[config]\nsecrets = ["secret.toml"]\n')
    message = folder.refusal()
    assert "secret.toml:2: [shop] password must be a string, not the value given" in message
    assert "12345" not in message


def test_a_secret_number_is_parsed_where_a_number_is_wanted(folder: Any) -> None:
    folder.write("s/shop__password", "x")
    folder.write("s/FW_SHOP__PIN", "1234\n")
    folder.write("fw.toml", '[config]\nsecrets = ["s"]\n')
    assert folder.settings(VaultSettings) == VaultSettings("x", 1234)


def test_a_variable_that_holds_a_secret_is_read_as_it_is(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FW_SHOP__PASSWORD", "12345")
    assert folder.settings().password == "12345"


def test_secrets_win_over_files_and_variables_over_secrets(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """K40"""
    folder.write("more.yaml", "shop: {password: file, url: file, currency: file}")
    folder.write("s/shop__password", "secret")
    folder.write("s/shop__url", "secret")
    folder.write("fw.toml", '[config]\nfiles = ["more.yaml"]\nsecrets = ["s"]\n')
    monkeypatch.setenv("FW_SHOP__URL", "variable")
    settings = folder.settings()
    assert (settings.password, settings.url, settings.currency) == ("secret", "variable", "file")


def test_later_secrets_win_over_earlier_ones(folder: Any) -> None:
    folder.write("a/shop__password", "a")
    folder.write("b.ini", "[shop]\npassword = b\n[env.live.shop]\npassword = live\n")
    folder.write("fw.toml", '[config]\nsecrets = ["a", "b.ini"]\n[env.live]\n')
    assert folder.settings().password == "b"
    assert folder.settings(env="live").password == "live"


def test_a_single_file_may_be_named_and_the_mounting_systems_own_are_left_alone(folder: Any) -> None:
    """As Kubernetes mounts them: the files are links into `..data`, a link to a folder of the time."""
    folder.write("s/..2026/shop__password", "one")
    (folder.path / "s" / "..data").symlink_to("..2026")
    (folder.path / "s" / "shop__password").symlink_to("..data/shop__password")
    folder.write("fw.toml", '[config]\nsecrets = ["s"]\n')
    assert folder.settings().password == "one"
    folder.write("fw.toml", '[config]\nsecrets = ["s/shop__password"]\n')
    assert folder.settings().password == "one"


@pytest.mark.parametrize(
    "file,named,said",
    [
        ("s/password", "s", "the name of the secret file s/password does not say which setting it is"),
        ("s/__x", "s", "does not say which setting"),
        ("s/x__", "s", "does not say which setting"),
        ("s/t/shop__password", "s", "s/t is a folder in a folder of secrets"),
        ("s/shop__password", "gone", "does not say which setting"),
        ("s/shop__password", "gone__x", "gone__x cannot be read: No such file"),
        ("s/shop__passwort", "s", "s/shop__passwort: [shop] has no setting 'passwort'.\n  Did you mean 'password'?"),
        ("s/shpo__password", "s", "s/shpo__password: there is no section [shpo]"),
        ("x.py", "x.py", "x.py is Python"),
    ],
)
def test_what_cannot_be_a_secret_is_refused(folder: Any, file: str, named: str, said: str) -> None:
    folder.write(file, "hunter2")
    folder.write("fw.toml", f'[config]\nsecrets = ["{named}"]\n')
    message = folder.refusal()
    assert said in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "name,text",
    [
        ("x.yaml", "shop:\n  password: hunter2\n  password: hunter2\n"),
        ("x.yaml", "shop: {password: hunter2\n"),
        ("x.yaml", "hunter2: hunter2\n{"),
        ("x.json", '{"shop": {"password": hunter2}}'),
        ("x.ini", "[shop]\nhunter2\n"),
        ("x.ini", "hunter2\n"),
        ("x.toml", "[shop]\npassword = hunter2\n"),
        ("x.toml", "[shop]\nlimit = 'hunter2'\n"),
        ("x.yaml", "shop:\n  limit: hunter2\n"),
        ("x.yaml", "shop:\n  tags: {a: hunter2}\n"),
    ],
)
def test_no_message_quotes_a_file_of_secrets(folder: Any, name: str, text: str) -> None:
    """K40"""
    folder.write(name, text)
    folder.write("fw.toml", f'[config]\nsecrets = ["{name}"]\n')
    message = folder.refusal()
    assert name in message
    assert "hunter2" not in message


def test_what_a_schema_says_of_its_secret_is_masked(folder: Any) -> None:
    """K40"""

    @dataclass(frozen=True)
    class Strict:
        password: str = field(default="", metadata={"secret": True})

        def __post_init__(self) -> None:
            raise ValueError(f"password is too short: {self.password!r}")

    folder.write("fw.toml", '[shop]\npassword = "hunter2"\n')
    assert folder.refusal(Strict) == "fw.toml:2: [shop] password is too short: the value given.".replace(
        "fw.toml", str(folder.path / "fw.toml")
    )


def test_everything_from_a_source_of_secrets_is_one(folder: Any) -> None:
    folder.write("s.yaml", "shop:\n  url: u1\n  tags: [t1, t2]\n")
    folder.write("fw.toml", '[config]\nsecrets = ["s.yaml"]\n[shop]\npassword = "p"\ncurrency = "CHF"\n')
    assert folder.shop().config.secrets() == {"u1", "t1", "t2", "p"}
