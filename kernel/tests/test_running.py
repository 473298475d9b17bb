"""`fw run` and `App.run()` as real programs: ready line, signals, exit status, messages."""

import gc
import signal
import subprocess
from contextlib import suppress
from typing import Any

import pytest

pytestmark = pytest.mark.needs("posix")

APP = """
import sys
from framework import App, Component

def say(text):
    print(text, file=sys.stderr, flush=True)

class Service(Component):
    async def start(self):
        say("service started")
    async def stop(self):
        say("service stopped")

app = App("shop", plugins=[])
app.register(Service)
"""

HANGING_STOP = """
import asyncio

class Hanging(Component):
    async def stop(self):
        say("hanging")
        await asyncio.Event().wait()

app.register(Hanging)
"""

SWALLOW = """
async def swallow():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            say("swallowed")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_running_application_cleanly(fw: Any, number: signal.Signals) -> None:
    """K35"""
    fw.write("app.py", APP)
    program = fw.start("run")
    program.wait_line("shop is ready (mode ")
    program.process.send_signal(number)
    status, rest = program.end()
    assert status == 0
    assert f"shop is stopping: {number.name}" in rest
    assert "service stopped" in rest
    assert "Traceback" not in rest


def test_a_second_signal_forces_an_application_that_does_not_stop(fw: Any) -> None:
    """K35"""
    fw.write("app.py", APP + HANGING_STOP)
    program = fw.start("run")
    program.wait_line("is ready")
    program.process.send_signal(signal.SIGINT)
    program.wait_line("hanging")
    program.process.send_signal(signal.SIGINT)
    status, rest = program.end()
    assert status == 130
    assert "forced to stop" in rest
    assert "Traceback" not in rest


def test_a_signal_during_the_start_rolls_back(fw: Any) -> None:
    """K33"""
    text = (
        APP
        + HANGING_STOP.replace("stop", "start").replace("app.register(Hanging)", "")
        + ("class Slow(Hanging):\n    def __init__(self, service: Service): pass\n\napp.register(Slow)\n")
    )
    fw.write("app.py", text)
    program = fw.start("run")
    program.wait_line("hanging")
    program.process.send_signal(signal.SIGINT)
    status, rest = program.end()
    assert status == 130
    assert "service stopped" in rest
    assert "is ready" not in "\n".join(program.lines) + rest


def test_a_component_that_does_not_start_is_told_in_a_few_lines(fw: Any) -> None:
    """K25"""
    fw.write(
        "app.py",
        APP + "class Bad(Component):\n    def start(self):\n        raise OSError('no disk')\napp.register(Bad)\n",
    )
    done = fw.run("run")
    assert done.returncode == 4
    assert "application:Bad of application failed in start: OSError: no disk" in done.stderr
    assert "app.py:" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 12


def test_a_door_that_does_not_open_is_told_in_a_few_lines(fw: Any) -> None:
    """K34"""
    fw.write("app.py", APP + "@app.on_ready\ndef open_door(event):\n    raise OSError('stuck')\n")
    done = fw.run("run")
    assert done.returncode == 4
    assert "open_door of application failed in ready: OSError: stuck" in done.stderr
    assert "service stopped" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("line, wanted", [("", gc.get_threshold()[0]), ("import gc; gc.set_threshold(123)\n", 123)])
def test_garbage_is_looked_for_as_ever_once_the_application_is_imported(fw: Any, line: str, wanted: int) -> None:
    show = "@app.on_ready\ndef show(event):\n    import gc\n    print(gc.get_threshold()[0])\n"
    fw.write("app.py", line + APP + show)
    assert fw.run("run", "--mode", "cli").stdout.splitlines()[-1] == str(wanted)


def test_an_application_that_stops_itself_ends_with_success(fw: Any) -> None:
    fw.write("app.py", APP + "@app.on_ready\ndef done(event):\n    app.request_stop('all done')\n")
    done = fw.run("run")
    assert done.returncode == 0
    assert "shop is stopping: all done" in done.stderr


@pytest.mark.parametrize(
    "files,words,said",
    [
        ({}, ["run"], ["no module 'app' in ", "fw run MODULE:ATTRIBUTE"]),
        ({"app.py": APP}, ["run", "app:ap"], ["Module 'app' has no attribute 'ap'"]),
        ({"app.py": "app = 3\n"}, ["run"], ["'app:app' is a int, not an App"]),
        (
            {"app.py": "import nothing_of_the_kind\n"},
            ["run"],
            ["cannot be imported", "nothing_of_the_kind", "app.py:1"],
        ),
        ({"app.py": "app = (\n"}, ["run"], ["'app' cannot be imported: SyntaxError at ", "app.py:1: "]),
        (
            {"app.py": "from framework import App\napp = App()\napp.nothing_adds_this\n"},
            ["run"],
            ["'app' cannot be imported: AttributeError at ", "app.py:3: The App has no attribute 'nothing_adds_this'"],
        ),
        ({"app.py": APP}, ["run", "--config", "absent.toml"], ["absent.toml cannot be read"]),
        (
            {"app.py": APP, "c.toml": "[app\n"},
            ["run", "app", "--config", "c.toml"],
            ["c.toml:1: not valid TOML", "Correct that line"],
        ),
        (
            {"app.py": APP, "c.toml": "[app]\n\ntick_rat = 3\n"},
            ["run", "app", "--config", "c.toml"],
            ["c.toml:3: [app] has no setting 'tick_rat'", "Did you mean 'tick_rate'?"],
        ),
        ({"app.py": APP}, ["run", "--set", "app.tick_rate=fast"], ["--set app.tick_rate: ", "must be a number"]),
        ({"app.py": APP}, ["run", "--set", "nonsense"], ["Write --set section.key=value"]),
        ({"app.py": APP}, ["run", "--env", "live"], ["There is no configuration file", "[env.live]", "--config FILE"]),
        (
            {"app.py": APP, "c.toml": "[ap]\ntick_rate = 3\n[app]\ntick_rat = 3\ntick_scale = 'x'\n"},
            ["run", "--config", "c.toml"],
            ["c.toml:2: there is no section [ap]", "c.toml:4: [app] has no setting 'tick_rat'", "c.toml:5: [app] tick"],
        ),
    ],
    ids=[
        "no module",
        "no attribute",
        "no App",
        "broken import",
        "broken syntax",
        "unknown facade",
        "no file",
        "broken file",
        "unknown key",
        "wrong type",
        "malformed flag",
        "environment without a file",
        "wrong keys and sections",
    ],
)
def test_what_is_wrong_before_the_start_is_one_message_and_status_2(
    fw: Any, files: dict[str, str], words: list[str], said: list[str]
) -> None:
    for name, text in files.items():
        fw.write(name, text)
    done = fw.run(*words)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("fw: ")
    assert all(part in done.stderr for part in said), done.stderr
    assert "Traceback" not in done.stderr
    assert "service started" not in done.stderr


def test_an_environment_that_a_variable_names_must_be_there_too(fw: Any) -> None:
    """K41: never ignored."""
    fw.write("app.py", APP + "app.on_ready(lambda event: app.request_stop('seen'))\n")
    done = fw.run("run", FW_ENV="live")
    assert done.returncode == 2
    assert "no configuration file, so it has no environment [env.live], which FW_ENV names" in done.stderr
    fw.write("fw.toml", "[env.live]\n")
    assert fw.run("run", FW_ENV="live").returncode == 0
    fw.write("fw.toml", "")
    assert "no environment [env.live]" in fw.run("run", FW_ENV="live").stderr


def test_a_variable_that_lacks_an_underscore_is_told_and_those_of_others_are_let_be(fw: Any) -> None:
    """K41: never ignored."""
    fw.write("app.py", APP + "app.on_ready(lambda event: app.request_stop('seen'))\n")
    done = fw.run("run", FW_APP_TICK_RATE="3", FW_UPDATE_SERVER="x", FW_APP__TICK_SCALE="fast", FW_APP="{}")
    assert done.returncode == 2
    assert "environment variable FW_APP_TICK_RATE sets nothing.\n  Write FW_APP__TICK_RATE." in done.stderr
    assert "FW_APP__TICK_SCALE" in done.stderr
    assert "environment variable FW_APP sets nothing.\n  Write FW_APP__KEY." in done.stderr
    assert "FW_UPDATE_SERVER" not in done.stderr
    assert fw.run("run", FW_APP_TICK_RATE="3").returncode == 2
    assert fw.run("run", FW_UPDATE_SERVER="x").returncode == 0


def test_the_target_may_stand_in_the_configuration(fw: Any) -> None:
    fw.write(
        "shop.py",
        APP.replace("app = App", "main = App").replace("app.", "main.")
        + "main.on_ready(lambda e: main.request_stop())\n",
    )
    fw.write("fw.toml", '[app]\ntarget = "shop:main"\n')
    assert fw.run("run").returncode == 0


def test_an_application_runs_itself_with_the_same_options(fw: Any) -> None:
    """K35"""
    fw.write(
        "shop.py",
        APP + "app.on_ready(lambda event: app.request_stop('seen'))\nif __name__ == '__main__':\n    app.run()\n",
    )
    done = fw.run("--mode", "sim", "--log-level", "info", program=["shop.py"])
    assert done.returncode == 0
    assert "shop is ready (mode sim;" in done.stderr
    wrong = fw.run("--set", "app.target=3", "--set", "app.nonsense=3", program=["shop.py"])
    assert wrong.returncode == 2
    assert "[app] has no setting 'nonsense'" in wrong.stderr


def test_run_takes_its_options_from_its_arguments_too(fw: Any) -> None:
    """K35"""
    fw.write("shop.py", APP + "app.on_ready(lambda event: app.request_stop())\napp.run(mode='sim', log_level='info')\n")
    done = fw.run(program=["shop.py"])
    assert done.returncode == 0
    assert "(mode sim;" in done.stderr


def test_flags_win_over_variables_and_variables_over_files(fw: Any) -> None:
    """K40"""
    fw.write(
        "app.py",
        APP + "@app.on_ready\ndef show(event):\n"
        "    s = app.assembly.settings\n"
        "    say(f'settings {s.tick_rate} {s.start_timeout} {s.stop_timeout}')\n    app.request_stop()\n",
    )
    fw.write("c.toml", "[app]\ntick_rate = 1\nstart_timeout = 2\nstop_timeout = 3\n")
    done = fw.run(
        "run", "--config", "c.toml", "--set", "app.tick_rate=100", FW_APP__TICK_RATE="10", FW_APP__START_TIMEOUT="20"
    )
    assert "settings 100.0 20.0 3.0" in done.stderr


def test_plugins_are_switched_on_and_off_by_the_command_line(fw: Any, site: Any) -> None:
    """K22"""
    say = "import sys\ndef start(app):\n    print('{0} started', file=sys.stderr)\n"
    for name in ("alpha", "beta", "gamma"):
        manifest = 'modes = ["never"]\n' if name == "gamma" else ""
        site.install(name, hooks=say.format(name), manifest=manifest)
    fw.write("app.py", "from framework import App\napp = App()\napp.on_ready(lambda e: app.request_stop())\n")
    others = [word for row in installed_here() if row not in ("alpha", "beta", "gamma") for word in ("-p", f"no:{row}")]
    done = fw.run("run", "-p", "no:alpha", "-p", "gamma", *others)
    assert done.returncode == 0, done.stderr
    assert "beta started" in done.stderr
    assert "gamma started" in done.stderr
    assert "alpha started" not in done.stderr


def installed_here() -> list[str]:
    from framework.discovery import installed

    return [plugin.name for plugin in installed()]


def test_a_component_that_will_not_be_cancelled_is_left_by_the_third_signal(fw: Any) -> None:
    """K35: it swallows every cancellation, so nothing but the end of the process helps."""
    fw.write("app.py", APP + HANGING_STOP.replace("await asyncio.Event().wait()", "await swallow()") + SWALLOW)
    program = fw.start("run")
    program.wait_line("is ready")
    program.process.send_signal(signal.SIGINT)
    program.wait_line("hanging")
    program.process.send_signal(signal.SIGINT)
    program.wait_line("swallowed")
    program.process.send_signal(signal.SIGINT)
    assert program.end()[0] == 130


HELD_UP = """
import time

@app.on_ready
def hold_up():
    say("holding up")
    time.sleep(3600)
"""


def test_signals_end_a_program_whose_loop_is_held_up(fw: Any) -> None:
    """K35: the loop hears of none of them."""
    fw.write("app.py", APP + HELD_UP)
    program = fw.start("run")
    program.wait_line("holding up")
    for _ in range(100):
        program.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            program.process.wait(0.1)
            break
    status, rest = program.end()
    assert status == 130
    assert "the event loop is held up" in rest


COLLECTOR = """
import gc
from framework import App

app = App("tidy", plugins=[])
seen = []

@app.on_start
def starting():
    seen.append((gc.isenabled(), gc.get_freeze_count() > 0))

@app.on_ready
def ready():
    seen.append((gc.isenabled(), gc.get_freeze_count() > 0))

for was_on in (True, False):
    gc.enable() if was_on else gc.disable()
    app.run(mode="cli")
    assert gc.get_freeze_count() == 0
    print(was_on, gc.isenabled(), *seen)
    seen.clear()
"""


def test_garbage_is_not_looked_for_while_the_application_starts(fw: Any) -> None:
    """Nearly all that is made then stays. A collector that is off by the user's wish stays off."""
    fw.write("app.py", COLLECTOR)
    done = fw.run(program=["app.py"])
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "True True (False, False) (True, True)",
        "False False (False, False) (False, True)",
    ]
