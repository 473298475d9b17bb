"""Pages that are followed: files written, commands typed, answers compared."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .pages import blocks
from .terminal import Terminal

PORT = re.compile(r"\b8000\b")
"""The port that pages speak of; a free one takes its place."""


class Reader:
    """Follows a page in a folder, like someone who copies every block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._terminals: dict[str, Terminal] = {}
        self._port = str(free_port())
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
        programs = Path(sys.executable).parent
        self.environment = inherited | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "NO_PROXY": "*",
            "PYTHONUNBUFFERED": "1",
        }

    def follow(self, page: Path, text: str | None = None) -> int:
        """Do what the page says; the number of blocks that were used. Raises :class:`Wrong`."""
        text = page.read_text(encoding="utf-8") if text is None else text
        used = 0
        for block in blocks(page, PORT.sub(self._port, text)):
            if "norun" in block.flags or not block.title:
                continue
            used += 1
            if block.language == "console":
                self._terminal(block.title).type(block)
            else:
                file = self.folder / block.title
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, encoding="utf-8")
        return used

    def use_port_by_default(self) -> None:
        """For pages that set no port: programs find the free one in their environment."""
        self.environment |= {"FW_HTTP__PORT": self._port, "FW_WORKER__URL": f"http://127.0.0.1:{self._port}"}

    def _terminal(self, name: str) -> Terminal:
        if name not in self._terminals:
            seen = {"FW_LOGGING__FORMAT": "console"}  # what a person at a terminal sees
            self._terminals[name] = Terminal(self.folder, self.environment | seen)
        return self._terminals[name]

    def run(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a program to its end in the folder: its exit status and all that it wrote."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout

    def close(self) -> None:
        """End all that was started."""
        for terminal in self._terminals.values():
            terminal.close()


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    """Follows pages in an empty folder."""
    found = Reader(tmp_path)
    yield found
    found.close()
