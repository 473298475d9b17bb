"""Files of every format give the same settings, and what is wrong with them is told with its place."""

from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest

from framework.sources import Layer, Value

FORMATS = {
    "more.toml": '[shop]\ncurrency = "CHF"\nlimit = 3\ntags = ["a", "b"]\n\n[env.live.shop]\nlimit = 4\n',
    "more.yaml": "shop:\n  currency: CHF\n  limit: 3\n  tags: [a, b]\n\nenv:\n  live:\n    shop:\n      limit: 4\n",
    "more.json": '{"shop": {"currency": "CHF", "limit": 3, "tags": ["a", "b"]},"env": {"live": {"shop": {"limit":4}}}}',
    "more.ini": "[shop]\ncurrency = CHF\nlimit = 3\ntags = a, b\n\n[env.live.shop]\nlimit: 4\n",
}
LINES = {"more.toml": (":3", ":7"), "more.yaml": (":3", ":9"), "more.json": ("", ""), "more.ini": (":3", ":7")}


def named(folder: Any, *files: str, **more: str) -> None:
    lists = {"files": list(files), **more}
    folder.write("fw.toml", "[config]\n" + "".join(f"{key} = {value!r}\n" for key, value in lists.items()))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same(folder: Any, name: str) -> None:
    """K42, K40: values know file, and line where the format permits."""
    folder.write(name, FORMATS[name])
    folder.write("fw.toml", f'[config]\nfiles = ["{name}"]\n[env.live]\n')
    app = folder.shop()
    settings = folder.settings()
    assert (settings.currency, settings.limit, settings.tags) == ("CHF", 3, ["a", "b"])
    assert app.config.source("shop", "limit") == f"{name}{LINES[name][0]}"
    live = folder.shop(env="live")
    assert folder.settings(env="live").limit == 4
    assert live.config.source("shop", "limit") == f"{name}{LINES[name][1]}"


def test_later_files_win_over_earlier_ones_and_over_fw_toml(folder: Any) -> None:
    """K40, K41: single keys; lists as a whole."""
    folder.write("a.toml", '[shop]\ntags = ["a1", "a2"]\ncurrency = "A"\n')
    folder.write("b.yaml", "shop:\n  tags: [b]\n")
    folder.write("fw.toml", '[config]\nfiles = ["a.toml", "b.yaml"]\n[shop]\ncurrency = "F"\nlimit = 7\n')
    settings = folder.settings()
    assert (settings.currency, settings.tags, settings.limit) == ("A", ["b"], 7)


LOWEST_FIRST = ("defaults", "files", "secrets", "environment", "flags", "override")


@pytest.mark.parametrize(
    "setting",
    list(chain.from_iterable(combinations(LOWEST_FIRST, count) for count in range(len(LOWEST_FIRST) + 1))),
    ids=lambda setting: "+".join(setting) or "nothing",
)
def test_of_all_layers_the_highest_wins(folder: Any, setting: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """K40: schema, App(defaults=…), files, secrets, environment, flags, config.override(): every combination."""
    if "files" in setting:
        folder.write("more.yaml", "shop: {currency: files}")
    if "secrets" in setting:
        folder.write("mounted/shop__currency", "secrets\n")
    (folder.path / "mounted").mkdir(exist_ok=True)
    files = '"more.yaml"' if "files" in setting else ""
    folder.write("fw.toml", f'[config]\nfiles = [{files}]\nsecrets = ["mounted"]\n')
    if "environment" in setting:
        monkeypatch.setenv("FW_SHOP__CURRENCY", "environment")

    class Code:
        def register(self, app: Any) -> None:
            if "override" in setting:
                app.config.override({"shop": {"currency": "override"}})

    defaults = {"shop": {"currency": "defaults"}} if "defaults" in setting else None
    flags = ("shop.currency=flags",) if "flags" in setting else ()
    app = folder.shop(folder.schema, Code(), defaults=defaults, flags=flags)
    assert app.config.get(folder.schema).currency == (setting[-1] if setting else "EUR")


@pytest.mark.parametrize(
    "name,text,said",
    [
        ("x.toml", "[shop\n", "x.toml:1: not valid TOML"),
        ("x.yaml", "shop: [1\n", "x.yaml is not valid YAML"),
        ("x.yaml", "shop:\n  limit: 1\n  limit: 2\n", 'x.yaml is not valid YAML: line 3: found duplicate key "limit"'),
        ("x.yaml", "shop: 1\n---\nshop: 2\n", "x.yaml is not valid YAML"),
        ("x.yaml", "shop: !!python/object/apply:os.getcwd []\n", "could not determine a constructor"),
        ("x.yaml", "- shop\n", "x.yaml holds no sections"),
        ("x.yaml", "shop:\n  1: x\n", "the key 1 is no text"),
        ("x.yaml", "limit: 3\n", "x.yaml:1: 'limit' stands outside any section"),
        ("x.json", '{"shop": {"limit": 1, "limit": 2}}', "the key 'limit' stands there twice"),
        ("x.json", '{"shop": {"limit": NaN}}', "NaN is no number of JSON"),
        ("x.json", "[" * 100_000, "x.json is not valid JSON"),
        ("x.json", "7", "x.json holds no sections"),
        ("x.ini", "limit = 1\n", "x.ini is not valid INI: MissingSectionHeaderError, line 1"),
        ("x.ini", "[shop]\nlimit = 1\nlimit = 2\n", "x.ini is not valid INI: DuplicateOptionError, line 3"),
        ("x.ini", "[shop]\n\nlimit\n", "x.ini is not valid INI: ParsingError, line 3"),
        ("x.py", "import os", "x.py is Python, which would be run rather than read"),
        ("x.txt", "", "the format of x.txt is not known"),
        ("x.yaml", "shop:\n  limit: many\n", "x.yaml:2: [shop] limit must be a whole number, not 'many'"),
        ("x.yaml", "shop:\n  limt: 3\n", "Did you mean 'limit'?"),
        ("x.yaml", "shpo:\n  limit: 3\n", "x.yaml:2: there is no section [shpo]"),
        ("x.yaml", "plugins:\n  disable: [http]\n", "x.yaml:2: [plugins] was acted on before this was read"),
        ("x.yaml", "app:\n  target: a:b\n", "x.yaml:2: [app] target was acted on before this was read"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_and_nothing_starts(folder: Any, name: str, text: str, said: str) -> None:
    """K41"""
    folder.write(name, text)
    named(folder, name)
    message = folder.refusal()
    assert said in message
    assert "\n  " in message or "must be" in message, "it has no remedy"


def test_all_files_are_looked_at_before_anything_is_refused(folder: Any) -> None:
    folder.write("a.yaml", "shop: [")
    folder.write("b.json", "{")
    named(folder, "a.yaml", "b.json", "gone.toml", "c.py")
    message = folder.refusal()
    for part in ("a.yaml is not valid", "b.json is not valid", "gone.toml cannot be read", "c.py is Python"):
        assert part in message


def test_what_is_wrong_in_many_places_is_told_at_once(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """K41"""
    folder.write("more.yaml", "shop:\n  limit: many\n")
    folder.write("fw.toml", '[config]\nfiles = ["more.yaml"]\n[shop]\ntag = []\n[app]\ntick_rate = "x"\n')
    monkeypatch.setenv("FW_APP__STOP_TIMEOUT", "soon")
    message = folder.refusal()
    for part in ("more.yaml:2", "fw.toml:4: [shop] has no setting 'tag'", "[app] tick_rate", "FW_APP__STOP_TIMEOUT"):
        assert part in message


def test_yaml_is_of_version_1_2_and_a_norwegian_shop_stays_one(folder: Any) -> None:
    folder.write("x.yaml", "shop:\n  currency: no\n  tags: [yes, on, 012]\n")
    named(folder, "x.yaml")
    assert "[shop] tags must be a list of strings" in folder.refusal()
    folder.write("x.yaml", "shop:\n  currency: no\n  tags: [yes, on]\n")
    assert (folder.settings().currency, folder.settings().tags) == ("no", ["yes", "on"])


def test_nothing_in_an_ini_file_is_replaced(folder: Any) -> None:
    folder.write("x.ini", "[shop]\nurl = %(currency)s\ncurrency = $HOME\n")
    named(folder, "x.ini")
    assert folder.settings().url == "%(currency)s"
    assert folder.settings().currency == "$HOME"


def test_a_wrong_section_of_this_plugin_is_told_like_any_other(folder: Any) -> None:
    folder.write("fw.toml", '[config]\nfiels = ["x"]\n')
    assert "fw.toml:2: [config] has no setting 'fiels'.\n  Did you mean 'files'?" in folder.refusal()


def test_the_variables_of_a_file_count_only_if_asked_for_and_real_ones_win(
    folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "# ours\n\nFW_SHOP__CURRENCY='CHF'\nexport FW_SHOP__LIMIT=3 # three\nOTHER=1\nFW_SHOP__URL=${HOME}/x\n"
    folder.write(".env", text)
    folder.write("fw.toml", "")
    assert folder.settings().currency == "EUR"
    named(folder, dotenv=".env")
    monkeypatch.setenv("FW_SHOP__CURRENCY", "USD")
    app = folder.shop()
    settings = folder.settings()
    assert (settings.currency, settings.limit, settings.url) == ("USD", 3, "${HOME}/x")
    assert app.config.source("shop", "limit") == ".env:4: FW_SHOP__LIMIT"
    assert app.config.source("shop", "currency") == "environment variable FW_SHOP__CURRENCY"


@pytest.mark.parametrize(
    "text,said", [("FW_SHOP__LIMIT=1\n\n=3\n", ".env:3: this is no"), ("\nFW_ENV=x\n", ".env:2: FW_ENV is read before")]
)
def test_a_file_of_variables_is_read_strictly(folder: Any, text: str, said: str) -> None:
    folder.write(".env", text)
    named(folder, dotenv=".env")
    assert said in folder.refusal()


def test_a_variable_of_a_file_that_lacks_an_underscore_is_told(folder: Any) -> None:
    folder.write(".env", "FW_OTHER_THING=1\nFW_SHOP_LIMIT=2\n")
    named(folder, dotenv=".env")
    assert folder.refusal() == ".env:2: FW_SHOP_LIMIT sets nothing.\n  Write FW_SHOP__LIMIT."


def test_a_layer_has_one_of_the_known_names() -> None:
    with pytest.raises(ValueError, match=r"'vault' is no layer.*defaults, files, secrets, environment, flags"):
        Layer("vault", {})


def test_a_plugin_adds_layers_of_its_own(folder: Any) -> None:
    """K40: whatever the order in which they come, each stands where its name says."""

    class Code:
        def bootstrap(self, app: Any) -> None:
            app.config.add(lambda _: [Layer("flags", {"shop": {"limit": Value(2, "a flag")}})])
            app.config.add(
                lambda _: [Layer("secrets", {"shop": {"limit": Value(1, "a secret"), "url": Value("u", "s")}})]
            )

    app = folder.shop(folder.schema, Code())
    assert app.config.get(folder.schema).limit == 2
    assert app.config.secrets() == {"1", "u"}


def test_paths_are_relative_to_the_current_folder(folder: Any, tmp_path: Path) -> None:
    folder.write("sub/x.json", '{"shop": {"limit": 5}}')
    named(folder, "sub/x.json")
    assert folder.settings().limit == 5
    named(folder, str(tmp_path / "sub" / "x.json"))
    assert folder.settings().limit == 5
