"""Settings are layered, checked against dataclasses, and know where they come from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from framework import App, Config, ConfigError
from framework.config import AppSettings
from framework.sources import Layer, Value, from_code, from_environment, from_file, from_flags


@dataclass(frozen=True)
class Settings:
    port: int = 8000
    host: str = "localhost"
    names: list[str] = field(default_factory=list)
    password: str = field(default="", metadata={"secret": True})

    def __post_init__(self) -> None:
        if self.port > 65535:
            raise ValueError(f"port must be below 65536, not {self.port}")


def refusal(config: Config, schema: type[Any] = Settings) -> str:
    with pytest.raises(ConfigError) as caught:
        config.load(schema, "http")
    return str(caught.value)


def test_later_layers_win_and_lists_replace(tmp_path: Path) -> None:
    """K40, K41: schema defaults, App(defaults=…), files, environment, flags."""
    file = tmp_path / "fw.toml"
    file.write_text('[http]\nport = 2\nnames = ["file"]\nhost = "file"\n', "utf-8")
    code = from_code({"http": {"port": 1, "names": ["code", "code"], "host": "code", "password": "code"}})
    config = Config(
        code, *from_file(file), from_environment({"FW_HTTP__HOST": "variable"}), from_flags(["http.port=4"])
    )
    assert config.load(Settings, "http") == Settings(port=4, host="variable", names=["file"], password="code")
    assert config.get(Settings).port == 4


def test_every_value_knows_its_source(tmp_path: Path) -> None:
    """K40"""
    file = tmp_path / "fw.toml"
    file.write_text("# a comment\n[http]\nport = 2\n", "utf-8")
    config = Config(*from_file(file), from_environment({"FW_HTTP__HOST": "x"}), from_flags(["http.names=a"]))
    sources = {key: value.source for key in ("port", "host", "names") if (value := config.value("http", key))}
    assert sources == {"port": f"{file}:3", "host": "environment variable FW_HTTP__HOST", "names": "--set http.names"}
    assert config.value("http", "password") is None


def test_an_unknown_key_is_an_error_with_place_and_nearest_match(tmp_path: Path) -> None:
    """K41"""
    file = tmp_path / "fw.toml"
    file.write_text("[app]\n\n[http]\nprot = 1\n", "utf-8")
    message = refusal(Config(*from_file(file)))
    assert message.startswith(f"{file}:4: [http] has no setting 'prot'.")
    assert "Did you mean 'port'?" in message


def test_a_wrong_type_is_an_error_with_place_value_and_what_is_wanted() -> None:
    """K41"""
    assert refusal(Config(from_environment({"FW_HTTP__PORT": "eighty"}))) == (
        "environment variable FW_HTTP__PORT: [http] port must be a whole number, not 'eighty'."
    )


def test_a_secret_is_not_shown_in_messages() -> None:
    """K40"""
    message = refusal(Config(from_code({"http": {"password": 12345}})))
    assert "password must be a string" in message
    assert "12345" not in message


def test_every_secret_is_known_as_text_in_whichever_layer() -> None:
    """K40: those a schema marks, nested ones too, and all that a source of secrets gave."""

    @dataclass(frozen=True)
    class Account:
        user: str
        key: str = field(metadata={"secret": True})

    @dataclass(frozen=True)
    class Bank:
        name: str = "bank"
        pins: list[int] = field(default_factory=list, metadata={"secret": True})
        accounts: list[Account] = field(default_factory=list)
        main: Account | None = None
        others: dict[str, Account] = field(default_factory=dict)

    config = Config(
        from_code({"http": {"password": "old", "host": "seen"}, "other": {"x": "unknown"}}),
        from_code({"bank": {"pins": [1234, 0], "main": {"user": "a", "key": "k1"}}}),
        from_code({"bank": {"name": "seen too", "accounts": [{"user": "b", "key": "k2"}]}}),
        Layer("secrets", {"http": {"host": Value("mounted", "a secret file")}}),
        from_environment(
            {
                "FW_HTTP__PASSWORD": "12345",
                "FW_BANK__MAIN__KEY": "k3",
                "FW_BANK__OTHERS__A__KEY": "k4",
                "FW_BANK__ACCOUNTS": '[{"user": "c", "key": "k5"}]',
                "FW_BANK__OTHERS__A__USER": "seen too",
            }
        ),
    )
    config.load(Settings, "http")
    assert config.secrets() == {"old", "mounted", "12345"}
    config._sections[Bank] = "bank"  # the kernel itself converts no nested schemas
    assert config.secrets() == {"old", "mounted", "12345", "1234", "0", "k1", "k2", "k3", "k4", "k5"}
    assert "mounted" not in repr(config.value("http", "host"))


def test_what_a_schema_refuses_is_told_with_the_place() -> None:
    message = refusal(Config(from_flags(["http.port=70000"])))
    assert message == "--set http.port: [http] port must be below 65536, not 70000."


def test_a_setting_without_default_says_how_to_set_it() -> None:
    @dataclass(frozen=True)
    class Needy:
        url: str

    message = refusal(Config(), Needy)
    assert "[http] url is not set" in message
    assert "FW_HTTP__URL" in message


def test_a_schema_that_is_no_dataclass_is_refused() -> None:
    assert "is not a dataclass" in refusal(Config(), int)


def test_settings_nobody_declared_cannot_be_asked_for() -> None:
    with pytest.raises(ConfigError, match=r"No section is described by Settings.\n.*app.settings"):
        Config().get(Settings)


@pytest.mark.parametrize("key", ["start_timeout", "stop_timeout", "tick_rate"])
def test_the_kernels_own_times_and_rates_must_be_positive(key: str) -> None:
    with pytest.raises(ConfigError, match=rf"\[app\] {key} must be greater than 0, not 0.0"):
        Config(from_flags([f"app.{key}=0"])).load(AppSettings, "app")


def test_a_section_of_nothing_is_an_error_with_the_nearest_match() -> None:
    """K41"""
    with pytest.raises(ConfigError, match=r"there is no section \[htpt\].\n.*Did you mean 'http'\?"):
        Config(from_code({"htpt": {"x": 1}})).check_sections({"http": "a plugin", "app": "the kernel"})


def test_a_section_of_a_plugin_that_is_not_installed_says_what_to_install() -> None:
    """K41"""
    app = App(plugins=[], defaults={"telepathy": {"range": 3}})
    with pytest.raises(ConfigError, match="pip install fw-telepathy"):
        app.bootstrap()


def test_sections_of_plugins_that_are_off_are_left_alone(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """K41"""
    site.install("alpha")
    site.install("beta")
    monkeypatch.setenv("FW_ALPHA__ANYTHING", "1")
    App(plugins=["beta"]).bootstrap()
    App(plugins=[]).bootstrap()


def test_the_application_declares_settings_of_its_own() -> None:
    app = App(plugins=[], defaults={"shop": {"port": 5}})
    app.settings(Settings, section="shop")
    app.bootstrap()
    assert app.container.get(Settings).port == 5
    assert app.container.get(Config).get(Settings).port == 5


def test_a_plugins_settings_come_from_its_manifest(site: Any) -> None:
    """K41, K42"""
    site.install(
        "alpha",
        manifest='config = "sample_alpha.config:Settings"\n',
        files={"config.py": "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    size: int = 1\n"},
    )
    app = App(plugins=["alpha"], defaults={"alpha": {"size": 7}})
    app.bootstrap()
    from importlib import import_module

    assert app.container.get(import_module("sample_alpha.config").Settings).size == 7


def test_a_config_schema_that_does_not_exist_is_an_error_naming_plugin_and_key(site: Any) -> None:
    from framework import BootstrapError

    site.install("alpha", manifest='config = "sample_alpha.config:Settings"\n')
    with pytest.raises(BootstrapError) as caught:
        App(plugins=["alpha"]).bootstrap()
    for part in ("alpha (sample-alpha 1.0)", "config = 'sample_alpha.config:Settings'", "-p no:alpha"):
        assert part in str(caught.value)
