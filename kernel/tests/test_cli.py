"""The command `fw`, run as a program."""

import json
from typing import Any

import pytest

from framework.cli import USAGE, main


def is_help(shown: str) -> bool:
    """Whether the kernel's commands and options were shown, with those of installed plugins in between or without."""
    commands, options = USAGE.split("\noptions:")
    return shown.startswith(commands) and shown.endswith(options)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_lists_the_commands(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert is_help(shown)
    assert "plugins list" in shown


def test_the_version_is_that_of_the_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"fw {version('fw-core')}\n"


@pytest.mark.parametrize("words", [["rnu"], ["plugins"], ["plugins", "lits"], ["--verison"]])
def test_an_unknown_command_is_shown_and_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    shown = capsys.readouterr().err
    assert " ".join(words) in shown
    assert "fw --help" in shown


def test_plugins_list_shows_each_plugin_with_version_and_state(fw: Any, site: Any) -> None:
    """K24's beginnings: the reason why one is off."""
    site.install("alpha", manifest='summary = "First"\n', version="2.3", hooks="raise SystemError('not imported')\n")
    site.install("beta", manifest='modes = ["sim"]\n')
    site.install("broken", manifest="requires = 3\n")
    done = fw.run("plugins", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["alpha"] == {
        "name": "alpha",
        "version": "2.3",
        "distribution": "sample-alpha",
        "state": "on",
        "reason": "",
        "summary": "First",
    }
    assert (rows["beta"]["state"], rows["beta"]["reason"][:18]) == ("off", "made for mode sim,")
    assert rows["broken"]["state"] == "broken"
    assert "requires must be a list" in rows["broken"]["reason"]


def test_plugins_list_is_a_table_for_people(fw: Any, site: Any) -> None:
    """K22: and it follows the folder's configuration."""
    site.install("alpha", manifest='summary = "First"\n', version="2.3")
    site.install("beta")
    fw.write("fw.toml", '[plugins]\ndisable = ["beta"]\n')
    done = fw.run("plugins", "list")
    lines = [line.split(maxsplit=3) for line in done.stdout.splitlines()]
    assert ["alpha", "2.3", "on", "First"] in lines
    [beta] = [line for line in lines if line[:1] == ["beta"]]
    assert beta[2] == "off"
    assert beta[3].startswith("disabled by ")
    assert beta[3].endswith("fw.toml:2")


def test_plugins_list_refuses_options_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugins", "list", "--yaml"]) == 2
    assert "unknown option '--yaml'; it takes --json" in capsys.readouterr().err


def test_a_broken_configuration_file_is_one_message(fw: Any) -> None:
    fw.write("fw.toml", "[plugins\n")
    done = fw.run("plugins", "list")
    assert done.returncode == 2
    assert "fw.toml:1: not valid TOML" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_module_is_the_command(fw: Any) -> None:
    assert is_help(fw.run("--help").stdout)


@pytest.mark.parametrize("words", [["run", "--mdoe", "web"], ["run", "a:b", "c:d"], ["run", "--log-level", "loud"]])
def test_wrong_options_of_run_are_refused_with_its_usage(fw: Any, words: list[str]) -> None:
    done = fw.run(*words)
    assert done.returncode == 2
    assert "usage: fw run" in done.stderr


def test_help_of_run_names_every_option(fw: Any) -> None:
    """K35"""
    shown = fw.run("run", "--help").stdout
    assert all(option in shown for option in ("--mode", "--config", "--env", "--log-level", "--set", "-p"))
