"""K40: the order of all layers of the configuration, and what code may still replace."""

from dataclasses import dataclass, field
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest

from framework import App, Config, ConfigError
from framework.sources import from_code

LOWEST_FIRST = ("defaults", "file", "environment table", "variable", "flag", "override")


@dataclass(frozen=True)
class ShopSettings:
    currency: str = "schema"
    tags: list[str] = field(default_factory=list)


def shop(plugin: Any, hook: str, *overrides: dict[str, Any], **defaults: Any) -> App:
    """An App whose plugin describes [shop] and overrides it in a hook."""

    def act(app: App) -> None:
        for values in overrides:
            app.config.override(values)

    app = App(plugins=[plugin("code", **{hook: act})], defaults={"shop": defaults} if defaults else None)
    app.settings(ShopSettings, section="shop")
    return app


@pytest.mark.parametrize(
    "setting",
    list(chain.from_iterable(combinations(LOWEST_FIRST, count) for count in range(len(LOWEST_FIRST) + 1))),
    ids=lambda setting: "+".join(setting) or "nothing",
)
def test_of_the_layers_that_set_a_key_the_highest_wins(
    setting: tuple[str, ...], plugin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K40: schema, App(defaults=…), file, its [env.NAME], environment, flags, config.override: every combination."""
    written = [f"[{section}]\ncurrency = '{layer}'\n" for layer, section in FILE_SECTIONS.items() if layer in setting]
    (tmp_path / "shop.toml").write_text("[env.live.app]\n" + "".join(written), "utf-8")
    if "variable" in setting:
        monkeypatch.setenv("FW_SHOP__CURRENCY", "variable")
    overrides = [{"shop": {"currency": "override"}}] if "override" in setting else []
    app = shop(plugin, "bootstrap", *overrides, **({"currency": "defaults"} if "defaults" in setting else {}))
    flags = ["shop.currency=flag"] if "flag" in setting else []
    app.bootstrap(config=tmp_path / "shop.toml", env="live", flags=flags)
    assert app.container.get(ShopSettings).currency == (setting[-1] if setting else "schema")


FILE_SECTIONS = {"file": "shop", "environment table": "env.live.shop"}


@pytest.mark.parametrize("hook", ["bootstrap", "register"])
async def test_an_override_reaches_the_kernels_own_settings(hook: str, plugin: Any) -> None:
    """K40"""
    app = shop(plugin, hook, {"app": {"tick_rate": 7.0, "tick_pace": "manual"}})
    async with app:
        assert (app.assembly.settings.tick_rate, app.clock.dt) == (7.0, 1 / 7)


def test_the_last_override_wins_and_lists_replace(plugin: Any) -> None:
    """K40, K41"""
    app = shop(plugin, "register", {"shop": {"tags": ["a", "b"]}}, {"shop": {"tags": ["c"]}})
    app.bootstrap()
    assert app.container.get(ShopSettings).tags == ["c"]


def test_an_override_knows_its_place(plugin: Any) -> None:
    """K40"""
    app = shop(plugin, "bootstrap", {"shop": {"currency": "CHF"}})
    app.bootstrap()
    assert app.config.source("shop", "currency").startswith(f"{__file__}:")
    assert app.config.source("shop", "currency").endswith("config.override()")


def test_an_override_that_is_refused_changes_nothing() -> None:
    """K40"""
    config = Config(from_code({"shop": {"currency": "EUR"}}))
    config.load(ShopSettings, "shop")
    for wrong in ({"currency": 5}, {"curency": "USD"}):
        with pytest.raises(ConfigError, match=r"test_config_layers.py:\d+: config.override\(\): \[shop\]"):
            config.override({"shop": wrong})
        assert config.load(ShopSettings, "shop").currency == "EUR"


@pytest.mark.parametrize("hook", ["bootstrap", "register"])
def test_a_section_of_nothing_is_refused_in_an_override_too(hook: str, plugin: Any) -> None:
    """K41"""
    with pytest.raises(ConfigError, match=r"there is no section \[shpo\]"):
        shop(plugin, hook, {"shpo": {"currency": "CHF"}}).bootstrap()


def test_what_was_acted_on_cannot_be_overridden(plugin: Any) -> None:
    """K40: neither the choice of plugins, nor anything once the application is put together."""
    app = shop(plugin, "bootstrap")
    app.bootstrap()
    with pytest.raises(ConfigError, match=r"\[shop\] would be changed after it was read.\n.*flags="):
        app.config.override({"shop": {"currency": "CHF"}})
    with pytest.raises(ConfigError, match=r"\[plugins\] is changed after it was read.\n.*toggles="):
        Config().override({"plugins": {"disable": ["http"]}})


def test_overrides_of_a_plugin_are_forgotten_when_the_application_is_put_together_without_it(
    plugin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K25, K26, K40"""
    monkeypatch.setenv("FW_PLUGINS__POLICY", "degrade")

    def override_and_fail(app: App) -> None:
        app.config.override({"app": {"tick_rate": 7.0}})
        raise OSError("no disk")

    app = App(plugins=[plugin("code", bootstrap=override_and_fail)])
    app.bootstrap()
    assert set(app.failed) == {"code"}
    assert app.assembly.settings.tick_rate == 60.0
