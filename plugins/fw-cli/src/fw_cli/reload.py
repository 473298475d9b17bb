"""`fw run --reload`: run an application in a process of its own, and run it anew when a file changes."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from framework.options import parse_run

POLL = 200
"""Milliseconds between looks whether the application has ended by itself."""


class Child:
    """The application's process. It stops as on Ctrl-C, and is never killed while it does."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "framework", "run", *arguments]
        self.start()

    def start(self) -> None:
        """Run the application."""
        self._process = subprocess.Popen(self._command)
        self._told = False

    def stop(self) -> int:
        """Ask it to stop, wait until it has; its exit status."""
        if self._process.poll() is None:
            self._process.terminate()
        return self._process.wait()

    def tell_end(self) -> None:
        """Say once that it has ended by itself."""
        if self._process.poll() is not None and not self._told:
            self._told = True
            _say(f"the application has ended with status {self._process.returncode}; it runs again when a file changes")


def reload_command(arguments: Sequence[str]) -> int:
    """Run until a signal; the exit status of the application's last run."""
    from watchfiles import PythonFilter, watch

    parse_run(arguments)  # what is wrong is refused here, not by every child
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    child = Child(arguments)
    chosen = PythonFilter(extra_extensions=(".toml",))
    for changes in watch(Path(), watch_filter=chosen, stop_event=ending, rust_timeout=POLL, yield_on_timeout=True):
        if changes:
            names = sorted({Path(path).name for _, path in changes})
            _say(f"{', '.join(names[:3])}{' and more' if len(names) > 3 else ''} changed; running anew")
            child.stop()
            child.start()
        child.tell_end()
    return child.stop()


def _say(text: str) -> None:
    print(f"fw run --reload: {text}", file=sys.stderr, flush=True)
