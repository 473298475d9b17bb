"""Where values come from, and what is wrong with what is written there."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import ConfigError
from framework.sources import Value, find_file, from_code, from_environment, from_file, from_flags

if TYPE_CHECKING:
    from framework.sources import Layer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fw.toml"


def written(file: Path, text: str, environment: str | None = None) -> list[Layer]:
    file.write_text(text, "utf-8")
    return from_file(file, environment)


def test_a_dash_in_a_section_is_an_underscore_everywhere() -> None:
    assert "store_sql" in from_code({"store-sql": {"url": "x"}})
    assert from_environment({"FW_STORE_SQL__URL": "x"})["store_sql"]["url"].raw == "x"
    assert "store_sql" in from_flags(["store-sql.url=x"])


def test_only_variables_of_the_right_form_count_and_reserved_ones_do_not() -> None:
    """K41"""
    found = from_environment({"FW_HTTP__PORT": "1", "FW_ENV": "x", "FW_CONFIG": "y", "FW_REQUIRE": "z", "HOME": "h"})
    assert found == {"http": {"port": Value("1", "environment variable FW_HTTP__PORT", is_text=True)}}


def test_lines_are_found_in_the_right_section(file: Path) -> None:
    [layer] = written(file, '[a]\nport = 1\n\n[b]\n# port\n"port" = 2\nsub.x = 3\n')
    assert layer["a"]["port"].source == f"{file}:2"
    assert layer["b"]["port"].source == f"{file}:6"
    assert layer["b"]["sub"].source == f"{file}:7"


def test_a_named_environment_is_a_layer_above_the_file(file: Path) -> None:
    """K41"""
    plain, special = written(file, "[http]\nport = 1\n[env.prod.http]\nport = 2\n[env.test.http]\nport = 3\n", "prod")
    assert plain["http"]["port"].raw == 1
    assert special["http"]["port"] == Value(2, f"{file}:4")


def test_an_unknown_environment_is_an_error_that_lists_those_there_are(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"no environment \[env.live\].\n.*It has: prod"):
        written(file, "[env.prod.http]\nport = 2\n", "live")


def test_the_section_of_pyproject_is_read(tmp_path: Path) -> None:
    """K22"""
    path = tmp_path / "pyproject.toml"
    [layer] = written(path, "[project]\nname = 'x'\n[tool.fw.http]\nport = 1\n")
    assert layer == {"http": {"port": Value(1, f"{path}:4")}}


@pytest.mark.parametrize(
    "text,said",
    [
        ("[http\nport = 1", [":1: not valid TOML"]),
        ("[http]\nport = 1\nport = 2\n", [":3: not valid TOML"]),
        ('[http]\nhost = "' + "x", [":2: not valid TOML"]),
        ("[http]\nlist = " + "[" * 5000, [": not valid TOML: nested too deeply"]),
        ("port = 1\n", [":1: 'port' stands outside any section", "such as [app]"]),
        ("env = 3\n", [":1: 'env' stands outside any section"]),
        ("[env]\nprod = 3\n", [":2: 'prod' stands outside any section", "[env.prod.app]"]),
    ],
)
def test_a_broken_file_is_an_error_with_its_place(file: Path, text: str, said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        written(file, text, "prod" if "prod" in text else None)
    assert str(file) in str(caught.value)
    for part in said:
        assert part in str(caught.value)


def test_a_file_that_is_not_text_is_an_error_with_its_name(file: Path) -> None:
    file.write_bytes(b"[http]\n\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"fw.toml:2: not UTF-8: 'utf-8' codec"):
        from_file(file)


def test_a_file_that_is_not_there_is_an_error_with_its_name(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"fw.toml cannot be read: No such file"):
        from_file(file)


@given(st.text())
def test_any_text_gives_layers_or_a_configuration_error(text: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "fw.toml")
        path.write_text(text, "utf-8", errors="surrogatepass")
        with suppress(ConfigError):
            from_file(path)


@pytest.mark.parametrize("text", ["tool = 1\n", "[tool]\nfw = 2\n"])
def test_a_pyproject_whose_table_is_none_is_an_error_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"pyproject.toml: '(tool|fw)' must be a table"):
        written(tmp_path / "pyproject.toml", text)


@pytest.mark.parametrize("flag", ["port=1", "http.port", "=1", ".port=1", "http.=1", ""])
def test_a_flag_written_otherwise_is_an_error_that_shows_the_form(flag: str) -> None:
    with pytest.raises(ConfigError, match=r"is not understood.\n.*Write --set section.key=value"):
        from_flags([flag])


def test_a_flag_may_contain_further_signs() -> None:
    assert from_flags(["store.url=sqlite:///a.b?x=y"])["store"]["url"].raw == "sqlite:///a.b?x=y"


def test_the_file_named_wins_over_the_variable_over_those_in_the_folder(tmp_path: Path) -> None:
    """K22, K41"""
    assert find_file(None, {}, tmp_path) is None
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool.other]\n", "utf-8")
    assert find_file(None, {}, tmp_path) is None
    project.write_text("[tool.fw.app]\n", "utf-8")
    assert find_file(None, {}, tmp_path) == project
    own = tmp_path / "fw.toml"
    own.write_text("", "utf-8")
    assert find_file(None, {}, tmp_path) == own
    assert find_file(None, {"FW_CONFIG": "x.toml"}, tmp_path) == Path("x.toml")
    assert find_file("y.toml", {"FW_CONFIG": "x.toml"}, tmp_path) == Path("y.toml")
