"""`fw` as a real program, in a folder and with plugins of its own."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

PATIENCE = 60.0
"""Seconds after which a program that hangs is killed, so that its test fails."""


class Program:
    """``python -m framework`` in ``folder``, without the FW_ variables of the test run."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.folder, self.site, self.cache = home / "work", home / "site", home / "cache"
        self.folder.mkdir()
        self.site.mkdir()
        self._stack = stack
        # The workspace leaves out what pynput wants (override-dependencies in the root), which doctor rightly tells.
        self._describe("evdev", "2.0.0")

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def install(self, name: str, *, manifest: str = "", requires: Sequence[str] = ()) -> None:
        """A distribution ``sample-NAME`` with a plugin NAME, as a package installer would leave it."""
        home = self.site / f"sample_{name}"
        home.mkdir()
        (home / "__init__.py").touch()
        (home / "plugin.py").write_text("def register(app):\n    pass\n", "utf-8")
        (home / "plugin.toml").write_text(f'name = "{name}"\n{manifest}', "utf-8")
        info = self._describe(f"sample-{name}", "1.0", requires)
        (info / "entry_points.txt").write_text(f"[fw.plugins]\n{name} = sample_{name}.plugin\n", "utf-8")

    def _describe(self, name: str, version: str, requires: Sequence[str] = ()) -> Path:
        """What an installer writes down of a distribution; the folder."""
        info = self.site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = "".join(f"Requires-Dist: {line}\n" for line in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}", "utf-8")
        return info

    def environment(self, **variables: str) -> dict[str, str]:
        """The variables under which programs run here."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
        cache = {"XDG_CACHE_HOME": str(self.cache), "LOCALAPPDATA": str(self.cache), "HOME": str(self.cache)}
        return {**kept, "PYTHONPATH": str(self.site), "PYTHONUNBUFFERED": "1", **cache, **variables}

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """What a command says; whatever it was given, it must not answer with a traceback."""
        done = subprocess.run(
            [sys.executable, "-m", "framework", *arguments],
            cwd=self.folder,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stderr + done.stdout, done.stderr
        return done

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A command that runs on; ended with the test, by its pid."""
        process = subprocess.Popen(
            [sys.executable, "-m", "framework", *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        self._stack.callback(self._finish, process, watchdog)
        return process

    @staticmethod
    def _finish(process: subprocess.Popen[str], watchdog: threading.Timer) -> None:
        watchdog.cancel()
        with process:
            if process.poll() is None:
                process.terminate()


@pytest.fixture
def fw(tmp_path: Path) -> Iterator[Program]:
    with ExitStack() as stack:
        yield Program(tmp_path, stack)


SHOP = """\
from dataclasses import dataclass, field

from framework import App, Component

app = App("shop", plugins=[])


class Database(Component):
    pass


class Cart(Component):
    def __init__(self, database: Database) -> None:
        pass


class Till(Component):
    def __init__(self, database: Database, cart: Cart) -> None:
        pass


@dataclass(frozen=True)
class ShopSettings:
    currency: str = "EUR"
    limit: int = 10
    password: str = field(default="", metadata={"secret": True})


for component in (Till, Cart, Database):
    app.register(component)
app.settings(ShopSettings, section="shop")
"""


@pytest.fixture
def shop(fw: Program) -> Program:
    """A folder that holds an application: three components, one section of its own, no plugins."""
    fw.write("shop.py", SHOP)
    return fw
