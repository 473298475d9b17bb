"""`fw config show` and `fw config check`"""

import json
from typing import Any

import pytest

FILE = """\
[shop]
currency = "CHF"
password = "hunter2"

[env.test.shop]
limit = 3
"""


def rows(done: Any) -> dict[tuple[str, str], dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return {(row["section"], row["key"]): row for row in json.loads(done.stdout)}


def test_every_setting_is_shown_with_value_and_source(shop: Any) -> None:
    """K40"""
    shop.write("fw.toml", FILE)
    words = ("config", "show", "shop", "--config", "fw.toml", "--env", "test", "--json", "--set", "app.tick_rate=30")
    found = rows(shop.run(*words, FW_APP__STOP_TIMEOUT="5"))
    assert (found["shop", "currency"]["value"], found["shop", "currency"]["source"]) == ("CHF", "fw.toml:2")
    assert (found["shop", "limit"]["value"], found["shop", "limit"]["source"]) == (3, "fw.toml:6")
    assert found["app", "stop_timeout"]["source"] == "environment variable FW_APP__STOP_TIMEOUT"
    assert found["app", "tick_rate"]["source"] == "--set app.tick_rate"
    assert (found["app", "start_timeout"]["value"], found["app", "start_timeout"]["source"]) == (30.0, "default")


@pytest.mark.parametrize("form", [[], ["--sources"], ["--json"]])
def test_secrets_are_masked(shop: Any, form: list[str]) -> None:
    shop.write("fw.toml", FILE)
    done = shop.run("config", "show", "shop", "--config", "fw.toml", *form)
    assert "CHF" in done.stdout
    assert "***" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_defaults_are_marked_and_sources_are_shown_on_demand(shop: Any) -> None:
    plain = shop.run("config", "show", "shop", "--set", "shop.limit=3").stdout.splitlines()
    assert 'currency = "EUR"  # default' in plain
    assert 'limit = "3"' in plain
    sourced = shop.run("config", "show", "shop", "--set", "shop.limit=3", "--sources").stdout.splitlines()
    assert 'limit = "3"  # --set shop.limit' in sourced


def test_sections_of_plugins_for_other_modes_are_shown_too_and_those_of_disabled_plugins_are_not(fw: Any) -> None:
    schema = "from dataclasses import dataclass\n@dataclass\nclass S:\n    depth: int = 1\n"
    for name in ("alpha", "beta"):
        fw.install(name, manifest=f'modes = ["sim"]\nconfig = "sample_{name}.config:S"\n')
        (fw.site / f"sample_{name}" / "config.py").write_text(schema, "utf-8")
    shown = fw.run("config", "show", "-p", "no:beta").stdout
    assert "[alpha]" in shown
    assert "[beta]" not in shown
    assert "[alpha]" not in fw.run("config", "show", "--mode", "other").stdout


def test_check_says_all_problems_at_once_with_place_and_remedy(shop: Any) -> None:
    """K41"""
    shop.write("fw.toml", '[shop]\ncurrancy = "CHF"\nlimit = "many"\npassword = 7\n\n[shpo]\nx = 1\n')
    done = shop.run("config", "check", "shop", "--config", "fw.toml", FW_APP__TICK_RATE="fast")
    assert done.returncode == 2
    for part in (
        "fw.toml:2: [shop] has no setting 'currancy'",
        "Did you mean 'currency'?",
        "fw.toml:3: [shop] limit must be a whole number, not 'many'",
        "fw.toml:4: [shop] password must be a string, not the value given",
        "fw.toml:7: there is no section [shpo]",
        "Did you mean 'shop'?",
        "environment variable FW_APP__TICK_RATE: [app] tick_rate must be a number, not 'fast'",
    ):
        assert part in done.stderr
    assert done.stdout == "5 problems found.\n"


def test_check_of_a_sound_configuration_succeeds(shop: Any) -> None:
    done = shop.run("config", "check", "shop", "--set", "shop.limit=3")
    assert (done.returncode, done.stdout) == (0, "The configuration is sound.\n")


def test_check_says_what_only_a_bootstrap_shows(shop: Any) -> None:
    shop.write("cut.py", (shop.folder / "shop.py").read_text("utf-8").replace("(Till, Cart, Database)", "(Till, Cart)"))
    done = shop.run("config", "check", "cut")
    assert (done.returncode, done.stdout) == (2, "1 problem found.\n")
    assert "Database" in done.stderr


@pytest.mark.parametrize(
    "text", ["[shop\n", "x = 1\n", "shop = 3\n", "[env]\nx = 1\n", "\x00", "[shop.currency]\nx = 1\n"]
)
def test_files_that_make_no_sense_are_refused_in_order(shop: Any, text: str) -> None:
    shop.write("fw.toml", text)
    done = shop.run("config", "check", "shop", "--config", "fw.toml")
    assert done.returncode == 2
    assert "fw.toml" in done.stderr


@pytest.mark.parametrize("words", [[], ["shwo"], ["show", "--yaml"], ["check", "--env", "nope", "--config", "fw.toml"]])
def test_wrong_words_are_refused(shop: Any, words: list[str]) -> None:
    shop.write("fw.toml", FILE)
    done = shop.run("config", *words)
    assert done.returncode == 2
    assert done.stderr
