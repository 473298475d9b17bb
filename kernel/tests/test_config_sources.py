"""K40, K42: what a plugin adds to the configuration, when settings are made, and how they are read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from framework import App, Config, ConfigError
from framework.checking import Checked, check
from framework.sources import LAYERS, Layer, Value, from_code, from_environment


@dataclass(frozen=True)
class Shop:
    currency: str
    limit: int = field(default=1, metadata={"reload": True})
    password: str = field(default="", metadata={"secret": True})


def layer(name: str, **keys: Any) -> Layer:
    return Layer(name, {"shop": {key: Value(raw, f"a source of {name}") for key, raw in keys.items()}})


@pytest.mark.parametrize("added_first", [True, False])
def test_a_layer_stands_where_its_name_says_whenever_it_is_added(*, added_first: bool) -> None:
    config, order = Config(layer("environment", limit=2)), list(LAYERS)
    for name in order if added_first else reversed(order):
        config.add(lambda _, name=name: [layer(name, currency=name)])  # type: ignore[misc] # mypy knows no such default
    config.describe(Shop, "shop")
    assert config.get(Shop) == Shop("overrides", 2)
    assert [one.name for one in config.layers] == sorted((one.name for one in config.layers), key=LAYERS.index)


def test_settings_are_made_when_the_provider_of_config_has_bootstrapped(plugin: Any) -> None:
    """A required setting may come from a source that a plugin adds; those after it find the settings made."""
    seen: list[str] = []

    def add(app: App) -> None:
        app.config.add(lambda _: [layer("files", currency="CHF")])

    def look(app: App) -> None:
        seen.append(app.config.get(Shop).currency)

    provider = plugin("sources", manifest={"provides": ("config",)}, bootstrap=add)
    app = App(plugins=[provider, plugin("other", bootstrap=look)])
    app.settings(Shop, section="shop")
    app.bootstrap()
    assert seen == ["CHF"]


def test_without_one_what_is_wrong_is_told_before_any_hook_runs(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FW_APP__TICK_RATE", "fast")
    ran: list[str] = []
    with pytest.raises(ConfigError, match="tick_rate must be a number"):
        App(plugins=[plugin("other", bootstrap=lambda app: ran.append("other"))]).bootstrap()
    assert ran == []


def test_what_is_wrong_with_the_kernels_settings_is_told_with_what_is_wrong_with_the_applications(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """K41"""
    monkeypatch.setenv("FW_APP__TICK_RATE", "fast")
    app = App(plugins=[], defaults={"shop": {"limit": "x"}})
    app.settings(Shop, section="shop")
    with pytest.raises(ConfigError) as caught:
        app.bootstrap()
    for part in ("[app] tick_rate", "[shop] currency is not set", "[shop] limit must be"):
        assert part in str(caught.value)


def test_a_wrong_configuration_is_no_fault_of_the_plugin_that_reads_it(
    plugin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K41, K25: it is not degraded away."""
    monkeypatch.setenv("FW_PLUGINS__POLICY", "degrade")

    def refuse(app: App) -> None:
        raise ConfigError("x.yaml:3: no.")

    with pytest.raises(ConfigError, match=r"^x.yaml:3: no.$"):
        App(plugins=[plugin("other", bootstrap=refuse)]).bootstrap()


def test_what_a_source_gives_is_checked_and_refused_as_a_whole() -> None:
    config = Config(layer("files", currency="EUR"))
    config.load(Shop, "shop")
    with pytest.raises(ConfigError, match=r"a source of flags: \[shop\] limit must be a whole number"):
        config.add(lambda _: [layer("flags", limit="many", currency="CHF")])
    assert config.get(Shop) == Shop("EUR")
    assert config.source("shop", "currency") == "a source of files"


@pytest.mark.parametrize("section,key", [("plugins", "disable"), ("app", "target")])
def test_what_was_acted_on_is_refused_in_a_source(section: str, key: str) -> None:
    added = Layer("files", {section: {key: Value([], "x.yaml:7")}})
    with pytest.raises(ConfigError, match=r"x.yaml:7: \[\w+\].* was acted on before this was read"):
        Config().add(lambda _: [added])


def test_once_sealed_nothing_is_added() -> None:
    config = Config()
    config.seal()
    with pytest.raises(ConfigError, match=r"a source of files: \[shop\] would be changed after it was read"):
        config.add(lambda _: [layer("files", limit=1)])


def test_another_check_makes_all_settings_and_one_that_refuses_changes_nothing() -> None:
    """K42"""
    config = Config(layer("files", currency="EUR", limit=3))
    config.load(Shop, "shop")
    config.check_with(lambda section, schema, layers: Checked(Shop("checked by another")))
    assert config.get(Shop).currency == "checked by another"
    with pytest.raises(ConfigError, match="never"):
        config.check_with(lambda section, schema, layers: Checked(None, [ConfigError("never")]))
    config.override({"shop": {"limit": 4}})
    assert config.get(Shop).currency == "checked by another"
    config.check_with(check)
    assert config.get(Shop) == Shop("EUR", 4)


def test_rereading_changes_nothing_until_it_is_adopted() -> None:
    """K40: overrides and sources are there again; only what may change does."""
    now = {"limit": 1, "currency": "EUR"}
    config = Config(read=lambda: [layer("files", **now)])
    config.describe(Shop, "shop")
    config.add(lambda seen: [layer("secrets", password=f"secret {seen.value('shop', 'limit')!r}"[:8])])
    config = config.reread()
    now |= {"limit": 2, "currency": "CHF"}
    fresh = config.reread()
    assert (config.get(Shop), fresh.get(Shop)) == (Shop("EUR", 1, "secret V"), Shop("CHF", 2, "secret V"))
    changes = config.adopt(fresh)
    assert [(change.key, change.needs_restart) for change in changes] == [("currency", True), ("limit", False)]
    assert config.get(Shop) == Shop("EUR", 2, "secret V")
    assert str(changes[1]) == "[shop] limit: 1 (a source of files) → 2 (a source of files)"
    assert str(changes[0]).endswith("; needs a restart")
    assert config.adopt(config.reread())[0].old == "EUR", "it is still waiting"


def test_a_value_in_a_table_has_a_source_too() -> None:
    config = Config(
        from_code({"shop": {"database": {"url": "a", "pool": {"size": 1}}}}, "code"),
        from_environment({"FW_SHOP__DATABASE__POOL__SIZE": "2", "FW_SHOP__DATABASE": '{"key": "k"}'}),
    )
    found = {
        key: value.source for key in ("url", "pool.size", "key") if (value := config.value("shop", f"database.{key}"))
    }
    assert found == {
        "url": "code",
        "pool.size": "environment variable FW_SHOP__DATABASE__POOL__SIZE",
        "key": "environment variable FW_SHOP__DATABASE",
    }
    assert config.value("shop", "database.none") is None
