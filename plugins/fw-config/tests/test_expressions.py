"""A value is what is written: dynaconf's expressions are refused wherever they may stand."""

from importlib import import_module
from typing import Any

import pytest

from fw_config.expressions import TOKENS

EVIL = ["@get shop.password", "@read_file /etc/passwd", "@format {env[HOME]}", "@jinja {{ 1 }}", "@int 3", "@merge a"]


def test_every_word_that_dynaconf_evaluates_is_known() -> None:
    assert set(import_module("dynaconf.utils.parse_conf").converters) <= TOKENS


@pytest.mark.parametrize("value", EVIL)
def test_an_expression_in_a_variable_is_refused(folder: Any, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FW_SHOP__URL", value)
    message = folder.refusal()
    assert f"environment variable FW_SHOP__URL: [shop] url begins with '{value.partition(' ')[0]}'" in message
    assert "\n  Write the value itself" in message


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("name", ["fw.toml", "x.toml", "x.yaml", "x.json", "x.ini"])
def test_an_expression_in_a_file_is_refused(folder: Any, name: str, value: str) -> None:
    texts = {
        "toml": f"[shop]\nurl = '{value}'\n",
        "yaml": f'shop:\n  url: "{value}"\n',
        "json": f'{{"shop": {{"url": "{value}"}}}}',
        "ini": f"[shop]\nurl = {value}\n",
    }
    folder.write(name, texts[name.partition(".")[2]])
    if name != "fw.toml":
        folder.write("fw.toml", f"[config]\nfiles = ['{name}']\n")
    message = folder.refusal()
    assert name in message.partition(": [shop] url begins with")[0]


def test_an_expression_is_found_however_deep_and_a_graph_is_walked_once(folder: Any) -> None:
    bomb = "\n".join(f"  t{n}: &t{n} [{', '.join([f'*t{n - 1}'] * 9)}]" for n in range(1, 25))
    folder.write("x.yaml", f"shop:\n  t0: &t0 ['@get x']\n{bomb}\n")
    folder.write("fw.toml", "[config]\nfiles = ['x.yaml']\n")
    assert "begins with '@get'" in folder.refusal()


def test_all_expressions_are_told_at_once(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FW_SHOP__URL", "@get a")
    folder.write("fw.toml", "[shop]\ncurrency = '@none'\n")
    message = folder.refusal(flags=("shop.tags=@json []",))
    assert message.count("begins with") == 3


@pytest.mark.parametrize("value", ["@alice", "a@get b", "@", "@ get", "@GET x", "user@format.example"])
def test_what_only_looks_alike_is_a_value(folder: Any, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FW_SHOP__URL", value)
    assert folder.settings().url == value


def test_a_key_that_would_make_dynaconf_merge_or_include_is_unknown(folder: Any) -> None:
    folder.write("x.yaml", "shop:\n  dynaconf_merge: true\n")
    folder.write("y.yaml", "dynaconf_include: [x.py]\n")
    folder.write("fw.toml", "[config]\nfiles = ['x.yaml']\n")
    assert "x.yaml:2: [shop] has no setting 'dynaconf_merge'" in folder.refusal()
    folder.write("fw.toml", "[config]\nfiles = ['y.yaml']\n")
    assert "y.yaml:1: 'dynaconf_include' stands outside any section" in folder.refusal()
