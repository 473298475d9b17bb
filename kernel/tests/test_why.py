"""K24: `fw plugins why` gives every reason for the state of a plugin."""

import json
from typing import Any

import pytest

from framework.cli import main

FACADE = """
from framework import Facade

class Bells(Facade):
    def ring(self):
        self.declare("ring", None)
"""


def why(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["plugins", "why", *words, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_disabled_plugin_names_file_and_line_and_what_falls_with_it(fw: Any, site: Any) -> None:
    site.install("alpha", version="2.3")
    site.install("beta", manifest='requires = ["alpha"]\n')
    site.install("gamma", manifest='requires = ["beta"]\n')
    fw.write("fw.toml", '[plugins]\n# not today\ndisable = ["alpha"]\n')
    shown = fw.run("plugins", "why", "alpha").stdout.splitlines()
    assert shown[0] == "alpha (sample-alpha 2.3) is off in mode web" or shown[0].endswith("is off in mode worker")
    assert shown[1].startswith("  because: disabled by ")
    assert shown[1].endswith("fw.toml:3")
    assert shown[2:] == ["  required by: beta", "  off because of it: beta, gamma"]


def test_a_dependency_gives_its_own_reason(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("alpha")
    site.install("beta", manifest='requires = ["alpha"]\n')
    found = why(capsys, "beta", "-p", "no:alpha")
    assert (found["state"], found["reasons"]) == ("off", ["requires 'alpha', which is disabled by -p no:alpha"])


@pytest.mark.parametrize(
    "words,reason",
    [
        ([], "installed, made for every mode, and nothing switches it off"),
        (["-p", "alpha"], "enabled by -p alpha"),
    ],
)
def test_a_plugin_that_is_on_says_why(
    site: Any, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
) -> None:
    site.install("alpha", manifest="guard = true\n")
    found = why(capsys, "alpha", *words)
    assert (found["state"], found["guard"], found["reasons"]) == ("on", True, [reason])


def test_a_mode_is_a_reason(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("alpha", manifest='modes = ["sim"]\n')
    assert why(capsys, "alpha", "--mode", "web")["reasons"] == ["made for mode sim, not web"]
    assert why(capsys, "alpha", "--mode", "sim")["reasons"][0].startswith("installed, made for mode sim, which this is")


def test_a_broken_manifest_and_a_failing_import_are_told_with_their_place(
    site: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    site.install("alpha", manifest="requires = 3\n")
    site.install("beta", hooks="\n1 / 0\n", version="3.1")
    alpha, beta = why(capsys, "alpha"), why(capsys, "beta")
    assert (alpha["state"], beta["state"]) == ("broken", "broken")
    assert "requires must be a list" in alpha["failure"][0]
    assert "beta (sample-beta 3.1) failed in import of" in beta["failure"][0]
    assert beta["failure"][1].endswith("plugin.py:2")


def test_the_target_shows_idle_declarations(fw: Any, site: Any) -> None:
    """K23"""
    site.install("bells", manifest='[facades]\nbells = "sample_bells.facade:Bells"\n', files={"facade.py": FACADE})
    fw.write("app.py", "from framework import App\napp = App()\napp.bells.ring()\napp.bells.ring()\n")
    found = json.loads(fw.run("plugins", "why", "bells", "app", "-p", "no:bells", "--json").stdout)
    assert [place.rpartition("app.py:")[2] for place in found["idle"]] == ["3", "4"]
    done = fw.run("-p", "no:bells", "plugins", "why", "bells", "app")
    assert "idle declaration: " in done.stdout


def test_a_choice_that_fails_as_a_whole_is_a_reason(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("alpha", manifest='requires = ["absent"]\n')
    assert "requires 'absent', which is not installed" in why(capsys, "alpha")["reasons"][0]


def test_an_unknown_name_gives_the_nearest(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("alpha")
    assert main(["plugins", "why", "alpah"]) == 2
    assert "Did you mean 'alpha'?" in capsys.readouterr().err
