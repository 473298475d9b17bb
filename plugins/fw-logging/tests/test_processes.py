"""Whole programs: what is in the log when they end well, badly, or in a child."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import os, sys, threading
from framework import App
from fw_logging import log

app = App(plugins=["logging"])
"""


class Program:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, text: str, *words: str, **settings: Any) -> tuple[int, list[dict[str, Any]], str]:
        """Exit status, the lines of `log`, and stderr."""
        file = self._folder / "program.py"
        file.write_text(PROGRAM + text, "utf-8")
        flags = [f"--set=logging.{name}={value}" for name, value in {"output": "log", **settings}.items()]
        done = subprocess.run(
            [sys.executable, str(file), *words, *flags],
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        log = self._folder / "log"
        lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
        return done.returncode, lines, done.stderr


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def messages(lines: list[dict[str, Any]]) -> list[str]:
    return [line["message"] for line in lines if line["logger"] == "__main__"]


def test_a_run_writes_everything_to_one_place(program: Program) -> None:
    text = "app.on_ready(lambda event: (log.info('hello'), app.request_stop('enough')))\napp.run()"
    status, lines, stderr = program.run(text, "--mode", "worker")
    assert (status, stderr) == (0, "")
    assert [line["message"] for line in lines] == [
        "hello",
        "app is ready (mode worker; Ctrl-C stops it)",
        "app is stopping: enough",
    ]


def test_the_option_log_level_is_honoured(program: Program) -> None:
    text = "app.on_ready(lambda event: (log.debug('hello'), app.request_stop()))\napp.run()"
    _, lines, _ = program.run(text, "--log-level", "debug", level="error")
    assert messages(lines) == ["hello"]


def test_a_crash_loses_nothing(program: Program) -> None:
    status, lines, stderr = program.run(
        "app.bootstrap(flags=[w.removeprefix('--set=') for w in sys.argv[1:]])\n"
        "for number in range(1000): log.info('before')\n"
        "raise OSError('crash')"
    )
    assert status == 1
    assert "OSError: crash" in stderr
    assert len(messages(lines)) == 1000


def test_a_second_signal_loses_nothing_that_was_logged(program: Program) -> None:
    text = (
        "import signal, asyncio\n"
        "async def hang(event):\n"
        "    log.info('stopping')\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    await asyncio.Event().wait()\n"
        "app.on_stop(hang)\n"
        "app.on_ready(lambda event: app.request_stop())\n"
        "app.run()"
    )
    status, lines, _ = program.run(text)
    assert status != 0
    assert messages(lines) == ["stopping"]


@pytest.mark.needs("posix")
def test_a_forked_child_writes_its_own_lines_once(program: Program) -> None:
    status, lines, stderr = program.run(
        "app.bootstrap(flags=[w.removeprefix('--set=') for w in sys.argv[1:]])\n"
        "for number in range(100): log.info('parent')\n"
        "if os.fork() == 0:\n"
        "    for number in range(100): log.info('child')\n"
        "    sys.exit(0)\n"
        "os.wait()\n"
    )
    assert (status, stderr) == (0, "")
    assert sorted(messages(lines)) == ["child"] * 100 + ["parent"] * 100


@pytest.mark.needs("posix")
def test_a_closed_pipe_ends_nothing(program: Program) -> None:
    status, lines, _ = program.run(
        "read, write = os.pipe()\n"
        "os.dup2(write, 2)\n"
        "os.close(read)\n"
        "def work(event):\n"
        "    for number in range(1000): log.info('into the void')\n"
        "    app.logging.flush()\n"
        "    open('counts', 'w').write(str(app.logging.counts.lost))\n"
        "    app.request_stop()\n"
        "app.on_ready(work)\n"
        "app.run()",
        output="stderr",
    )
    assert status == 0
    assert lines == []
    assert int((program._folder / "counts").read_text()) >= 1000


@pytest.mark.needs("posix")
def test_a_full_disk_ends_nothing_and_is_told_once(program: Program) -> None:
    if not Path("/dev/full").exists():
        pytest.fail("/dev/full is a part of Linux; this test is for systems that have it")
    status, _, stderr = program.run(
        "def work(event):\n"
        "    for number in range(1000): log.warning('into the void')\n"
        "    app.request_stop()\n"
        "app.on_ready(work)\n"
        "app.run()",
        output="/dev/full",
    )
    assert status == 0
    assert stderr.count("fw: logging: ") == 1
