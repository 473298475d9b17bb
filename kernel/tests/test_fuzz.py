"""Whatever stands in a manifest, a configuration file or a toggle: an error with its place, never a traceback."""

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import App, BootstrapError, ConfigError, Manifest
from framework.config import AppSettings
from framework.errors import InvalidSettings
from framework.inputs import Sources
from framework.sources import from_file

KEYS = st.one_of(
    st.sampled_from([*Manifest.__slots__, "enable", "disable", "policy", "app", "plugins", "env", "tool", "fw"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=8),
)
SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12),
)
VALUES: Any = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=6)
fuzzed = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tells(error: BootstrapError | ConfigError) -> bool:
    """Whether it says what to do: in so many words, or what the value must be."""
    if isinstance(error, InvalidSettings):
        return all(map(tells, error.problems))
    return bool(error.remedy) or " must be " in error.message or " must map " in error.message


def toml(value: Any) -> str:
    """A value as inline TOML: its strings, numbers and lists are JSON's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def document(table: dict[str, Any]) -> str:
    return "".join(f"{quoted(key)} = {toml(value)}\n" for key, value in table.items())


@fuzzed
@given(st.one_of(st.text(max_size=60), st.builds(document, TABLES)))
def test_any_text_is_a_manifest_or_an_error_with_its_place(text: str) -> None:
    try:
        manifest = Manifest.parse(text, "folder/plugin.toml")
    except BootstrapError as error:
        assert str(error).startswith("folder/plugin.toml")
        assert tells(error)
    else:
        assert manifest.name
        assert Manifest(**manifest.table()) == manifest


@fuzzed
@given(st.one_of(st.binary(max_size=60), st.builds(lambda t: document(t).encode(), TABLES)))
def test_any_manifest_on_disk_leaves_the_other_plugins_listed(small_path: None, site: Any, content: bytes) -> None:
    from framework.discovery import installed

    if not (site.folder / "sample_alpha").exists():
        site.install("alpha")
        site.install("beta")
    (site.folder / "sample_alpha" / "plugin.toml").write_bytes(content)
    assert {"alpha", "beta"} <= {plugin.name for plugin in installed()}


@fuzzed
@given(st.one_of(st.binary(max_size=60), st.builds(lambda t: document(t).encode(), TABLES)))
def test_any_configuration_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("fw.toml", "pyproject.toml"):
        (tmp_path / name).write_bytes(content)
        try:
            from_file(tmp_path / name)
            Sources([], {}).read(tmp_path / name, None, (), ())
        except ConfigError as error:
            assert str(tmp_path / name) in error.message
            assert tells(error)


@dataclass(frozen=True)
class Fuzzed:
    """A setting of every kind that the kernel converts."""

    text: str = ""
    count: int = 0
    ratio: float = 0.0
    flag: bool = False
    path: Path = Path()
    choice: Literal["a", "b"] = "a"
    maybe: int | None = None
    names: list[str] = field(default_factory=list)
    pair: tuple[int, ...] = ()


SETTINGS = st.sampled_from([*(f.name for f in fields(AppSettings)), *(f.name for f in fields(Fuzzed)), "policy", "x"])
SECTIONS = st.sampled_from(["app", "plugins", "fuzzed", "fuzed", "env"])


@fuzzed
@given(st.dictionaries(SECTIONS, st.dictionaries(SETTINGS, VALUES, max_size=3), max_size=3))
def test_any_settings_put_an_application_together_or_are_refused_with_place_and_remedy(
    tmp_path: Path, table: dict[str, Any]
) -> None:
    """Of each source: the file, flags, defaults in code."""
    file = tmp_path / "fw.toml"
    file.write_text("".join(f"[{section}]\n{document(values)}" for section, values in table.items()), "utf-8")
    flags = [f"{section}.{key}={value}" for section, values in table.items() for key, value in values.items()]
    for place, defaults, arguments in (
        (str(file), {}, {"config": file}),
        ("--set ", {}, {"flags": flags}),
        ("App(defaults=…)", table, {}),
    ):
        app = App(plugins=[], defaults=defaults)
        app.settings(Fuzzed, section="fuzzed")
        try:
            app.bootstrap(**arguments)
        except (BootstrapError, ConfigError) as error:
            assert place in error.message
            assert tells(error)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "\ufeffname = 'x'"])
def test_deep_nesting_and_marks_are_refused_too(tmp_path: Path, text: str) -> None:
    with pytest.raises(BootstrapError):
        Manifest.parse(text, "folder/plugin.toml")
    (tmp_path / "fw.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError):
        Sources([], {}).read(tmp_path / "fw.toml", None, (), ())


@pytest.mark.parametrize("words", [["-p", "no:"], ["-p", ""], ["-p", "no:no:alpha"]])
def test_odd_toggles_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    from framework.cli import main

    assert main([*words, "plugins", "list"]) == 2
    assert "fw: " in capsys.readouterr().err
