"""`fw run --reload`"""

import signal
from typing import Any

import pytest

APP = """\
from framework import App

app = App("shop", plugins=[])


@app.on_ready
def ready() -> None:
    print("ready: {word}", flush=True)


@app.on_stop
def stopped() -> None:
    print("stopped: {word}", flush=True)
"""


def wait_line(process: Any, part: str) -> list[str]:
    """The lines up to the one with ``part``; fails if the program ends without it."""
    seen: list[str] = []
    for line in process.stdout:
        seen.append(line)
        if part in line:
            return seen
    raise AssertionError(f"ended without {part!r}:\n{''.join(seen)}")


@pytest.mark.needs("posix")
def test_a_change_stops_the_application_cleanly_and_runs_it_anew(fw: Any) -> None:
    fw.write("shop.py", APP.format(word="one"))
    process = fw.start("run", "--reload", "shop")
    wait_line(process, "ready: one")
    fw.write("shop.py", APP.format(word="two, which is longer"))
    seen = wait_line(process, "ready: two")
    assert any("shop.py changed" in line for line in seen)
    assert any("stopped: one" in line for line in seen)
    process.send_signal(signal.SIGTERM)
    wait_line(process, "stopped: two")
    assert process.wait(timeout=60) == 0


def test_an_application_that_ends_is_run_again_when_a_file_changes(fw: Any) -> None:
    fw.write("shop.py", "this is not Python\n")
    process = fw.start("run", "--reload", "shop")
    wait_line(process, "the application has ended with status 2")
    fw.write("shop.py", APP.format(word="repaired"))
    wait_line(process, "ready: repaired")


def test_wrong_options_are_refused_before_anything_runs(fw: Any) -> None:
    done = fw.run("run", "--reload", "--mdoe", "web")
    assert done.returncode == 2
    assert "usage: fw run" in done.stderr
