"""Stores of secrets, through loaders written for dynaconf."""

import sys
from typing import Any

import pytest

FAKE = """\
def load(obj, env=None, silent=True, key=None, validate=False):
    assert silent is False
    assert obj.get("ENVVAR_PREFIX_FOR_DYNACONF") == obj.ENVVAR_PREFIX_FOR_DYNACONF == "FW"
    assert obj.get("NO_SUCH_OPTION", 3) == 3
    obj.update({"SHOP": {"PASSWORD": "12345", "LIMIT": "7"}}, loader_identifier="fake", tomlfy=True)
    obj.set("SHOP__URL", f"@get {env}")
"""


@pytest.fixture
def fake(folder: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes a module of a store that is named fake."""
    monkeypatch.syspath_prepend(folder.path)

    def write(text: str) -> None:
        folder.write("stores/fake.py", text)
        folder.write("stores/__init__.py", "")
        for name in ("stores", "stores.fake"):
            sys.modules.pop(name, None)
        folder.write("fw.toml", '[config]\nstores = ["stores.fake"]\n[env.live]\n')

    yield write
    for name in ("stores", "stores.fake"):
        sys.modules.pop(name, None)


def test_what_a_loader_gives_is_secret_and_read_as_it_is(folder: Any, fake: Any) -> None:
    """K42, K40: `12345` stays text, `@get` is evaluated by nobody, and variables win."""
    fake(FAKE)
    app = folder.shop(env="live", flags=("shop.limit=8",))
    settings = app.config.get(folder.schema)
    assert (settings.password, settings.limit, settings.url) == ("12345", 8, "@get live")
    assert app.config.source("shop", "password") == "store 'stores.fake': shop.password"
    assert app.config.secrets() == {"12345", "7", "@get live"}


@pytest.mark.parametrize(
    "text,said",
    [
        ("import no_such_module", "the store 'stores.fake' cannot be used: No module named 'no_such_module'"),
        ("def load(*_, **__): raise OSError('hunter2')", "the store 'stores.fake' could not be read: OSError.\n"),
        ("def load(obj, **_): obj.set('X', 'hunter2')", "store 'stores.fake': 'X' stands outside any section"),
        ("def load(obj, **_): obj.set('SHOP__LIMIT', 'hunter2')", "[shop] limit must be a whole number"),
        ("def load(obj, **_): obj.set('SHOP__PASWORD', 'hunter2')", "Did you mean 'password'?"),
    ],
)
def test_a_loader_that_fails_is_never_silent(folder: Any, fake: Any, text: str, said: str) -> None:
    fake(text)
    message = folder.refusal()
    assert said in message
    assert "hunter2" not in message


def test_a_store_that_does_not_exist_is_refused_with_those_that_do(folder: Any) -> None:
    folder.write("fw.toml", '[config]\nstores = ["valt"]\n')
    assert "there is no store 'valt'.\n  Write 'redis' or 'vault'" in folder.refusal()


def test_vault_without_its_client_says_what_to_install(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hvac", None)
    monkeypatch.delitem(sys.modules, "dynaconf.loaders.vault_loader", raising=False)
    folder.write("fw.toml", '[config]\nstores = ["vault"]\n')
    message = folder.refusal()
    assert "fw.toml:2: the store 'vault' cannot be used" in message
    assert "pip install 'dynaconf[vault]'" in message
