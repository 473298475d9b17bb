"""K20: commands of `fw` and members of the App that manifests name."""

import sys
from typing import Any

import pytest

from framework import App, BootstrapError, Manifest
from framework.cli import main

COMMAND = '[commands.ring]\nhelp = "Rings a bell"\nrun = "sample_bells.commands:ring"\n'
RING = """
import argparse
from framework import FrameworkError

def ring(arguments):
    parser = argparse.ArgumentParser(prog="fw ring")
    parser.add_argument("times", type=int)
    times = parser.parse_args(arguments).times
    if times > 9:
        raise FrameworkError(f"{times} times is too loud.", remedy="Ring less.")
    print("ding " * times)
    return times
"""


@pytest.fixture
def bells(site: Any) -> None:
    site.install("bells", manifest=COMMAND, files={"commands.py": RING})


@pytest.mark.usefixtures("bells")
def test_help_lists_the_commands_of_plugins_without_importing_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["ring", "Rings", "a", "bell"] in lines
    assert "sample_bells" not in sys.modules


@pytest.mark.usefixtures("bells")
def test_a_command_gets_the_rest_of_the_line_and_gives_the_exit_status(fw: Any) -> None:
    done = fw.run("ring", "3")
    assert (done.returncode, done.stdout, done.stderr) == (3, "ding ding ding \n", "")
    assert "usage: fw ring" in fw.run("ring", "--help").stdout
    assert fw.run("ring", "often").returncode == 2


def test_a_command_may_have_two_words_of_which_another_plugin_has_the_first(
    site: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    two = COMMAND.replace("commands.ring", 'commands."ring out"').replace("bells", "gongs")
    site.install("bells", manifest=COMMAND, files={"commands.py": RING})
    site.install("gongs", manifest=two, files={"commands.py": RING.replace("ding", "dong")})
    assert main(["ring", "out", "2"]) == 2
    assert main(["ring", "2"]) == 2
    assert capsys.readouterr().out == "dong dong \nding ding \n"
    assert main(["--help"]) == 0
    assert "  ring out " in capsys.readouterr().out
    assert main(["-p", "no:gongs", "ring", "out", "2"]) == 2
    assert "command 'ring out' belongs to plugin 'gongs', disabled" in capsys.readouterr().err


@pytest.mark.usefixtures("bells")
def test_an_error_of_a_command_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ring", "10"]) == 1
    assert capsys.readouterr().err == "fw: 10 times is too loud.\n  Ring less.\n"


@pytest.mark.usefixtures("bells")
def test_a_command_of_a_disabled_plugin_says_what_disables_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-p", "no:bells", "ring", "1"]) == 2
    assert "command 'ring' belongs to plugin 'bells', disabled by -p no:bells" in capsys.readouterr().err
    assert main(["-p", "no:bells", "-p", "bells", "ring", "1"]) == 1


def test_a_command_of_a_plugin_for_another_mode_runs(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("bells", manifest='modes = ["never"]\n' + COMMAND, files={"commands.py": RING})
    assert main(["ring", "0"]) == 0


@pytest.mark.usefixtures("bells")
def test_two_plugins_with_one_command_are_an_error_naming_both(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("gongs", manifest=COMMAND)
    assert main(["ring", "1"]) == 2
    assert "plugins 'bells' and 'gongs' both have a command 'ring'" in capsys.readouterr().err
    assert main(["-p", "no:gongs", "ring", "1"]) == 1


def test_a_command_that_does_not_exist_names_plugin_key_and_remedy(
    site: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    site.install("bells", manifest=COMMAND)
    assert main(["ring"]) == 2
    shown = capsys.readouterr().err
    for part in ("bells (sample-bells 1.0)", "commands.ring.run = 'sample_bells.commands:ring'", "-p no:bells"):
        assert part in shown


OPTION = '[commands."run --loudly"]\nhelp = "rings while it runs"\nrun = "sample_bells.commands:ring"\n'


def test_a_plugin_adds_an_option_to_run(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """It gets the rest of the line, `-p` before the command included, and imports nothing but its own module."""
    files = {"commands.py": "def ring(arguments):\n    print(arguments)\n"}
    site.install("bells", manifest=OPTION, files=files)
    assert main(["-p", "no:gongs", "run", "--env", "test", "--loudly", "shop", "--times=2"]) == 0
    assert capsys.readouterr().out == "['-p', 'no:gongs', '--env', 'test', 'shop', '--times=2']\n"
    with pytest.raises(SystemExit, match="0"):
        main(["run", "--help"])
    assert ["--loudly", "rings", "while", "it", "runs"] in [
        line.split() for line in capsys.readouterr().out.splitlines()
    ]


def test_an_option_of_a_disabled_plugin_says_what_disables_it(site: Any, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("bells", manifest=OPTION)
    assert main(["-p", "no:bells", "run", "--loudly"]) == 2
    assert "'run --loudly' belongs to plugin 'bells', disabled by -p no:bells" in capsys.readouterr().err


def test_an_option_that_no_plugin_adds_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["run", "--loudly", "--tune", "x"])
    assert "unrecognized arguments: --loudly --tune" in capsys.readouterr().err


def test_an_option_of_a_package_that_is_not_installed_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("framework.discovery.installed", list)
    with pytest.raises(SystemExit, match="2"):
        main(["run", "shop", "--reload"])
    assert "--reload comes with fw-cli: pip install fw-cli" in capsys.readouterr().err


FACADE = """
from framework import Facade

class Bells(Facade):
    def ring(self, times):
        return self.declare("ring", times)
"""
MEMBER = '[facades]\nbells = "sample_bells.facade:Bells"\n[members]\nring = "bells.ring"\n'


def test_a_member_of_a_facade_is_an_attribute_of_the_app(site: Any) -> None:
    site.install("bells", manifest=MEMBER, files={"facade.py": FACADE})
    app = App(plugins=["bells"])
    assert app.ring(2).item == 2
    assert [declaration.item for declaration in app.bells.declared("ring")] == [2]


def test_two_plugins_that_add_one_attribute_are_an_error(plugin: Any) -> None:
    def both(name: str) -> Any:
        facades = {"bells": "framework.facade:Facade"}
        return plugin(name, manifest={"facades": facades}, register=lambda app: None)

    with pytest.raises(BootstrapError, match=r"'a' and 'b' both add app\.bells"):
        App(plugins=[both("a"), both("b")]).bootstrap()


def test_an_attribute_that_no_plugin_adds_says_what_to_install(site: Any) -> None:
    """K23"""
    site.install("bells", manifest=MEMBER, files={"facade.py": FACADE})
    app = App()
    with pytest.raises(AttributeError, match=r"'schedule'.*pip install fw-scheduler"):
        _ = app.schedule
    with pytest.raises(AttributeError, match=r"Did you mean 'bells'\?.*pip install fw-bels"):
        _ = app.bels


@pytest.mark.parametrize(
    "text,said",
    [
        ('members = {a = "b"}', "members must map names to 'facade.member'"),
        ('members = {a = "b.c"}', "members.a = 'b.c' does not begin with a facade of this plugin"),
        ('commands = {a = "b:c"}', "a command must be a table of a help text and a 'module:function'"),
        ("commands = 3", "a command must be a table"),
        ('[commands.a]\nhelp = "x"', "a command must be a table"),
        ('[commands.run]\nhelp = "x"\nrun = "b:c"', "'run' cannot be a command of fw"),
        ('[commands."run -a"]\nhelp = "x"\nrun = "b:c"', "'run -a' cannot be a command of fw"),
        ('[commands."run --a b"]\nhelp = "x"\nrun = "b:c"', "'run --a b' cannot be a command of fw"),
        ('[commands."a b c"]\nhelp = "x"\nrun = "b:c"', "'a b c' cannot be a command of fw"),
    ],
)
def test_wrong_members_and_commands_are_refused(text: str, said: str) -> None:
    with pytest.raises(BootstrapError) as caught:
        Manifest.parse(f'name = "x"\n{text}', "folder/plugin.toml")
    assert str(caught.value).startswith("folder/plugin.toml")
    assert said in str(caught.value)
