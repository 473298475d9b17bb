"""What several test files share: plugins installed into a folder of their own, and `fw` as a real program."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("kernel", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("kernel")

PATIENCE = 60.0
"""Seconds after which a program that hangs is killed, so that its test fails."""


class SiteFolder:
    """A folder on ``sys.path`` into which tests install plugins, as a package installer would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(
        self,
        name: str,
        *,
        manifest: str | None = "",
        hooks: str = "def register(app):\n    pass\n",
        version: str = "1.0",
        files: Mapping[str, str] | None = None,
        package: str | None = None,
    ) -> Path:
        """A distribution ``sample-NAME`` with the plugin NAME; the folder of its package.

        ``manifest`` is the text of plugin.toml below its name, None for no such file; ``files`` are further modules.
        """
        package = package or f"sample_{name}"
        home = self.folder / package
        home.mkdir()
        (home / "__init__.py").write_text("", "utf-8")
        (home / "plugin.py").write_text(hooks, "utf-8")
        for file, text in (files or {}).items():
            (home / file).write_text(text, "utf-8")
        if manifest is not None:
            (home / "plugin.toml").write_text(f'name = "{name}"\n{manifest}', "utf-8")
        distribution = package.replace("_", "-")
        info = self.folder / f"{package}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", "utf-8")
        (info / "entry_points.txt").write_text(f"[fw.plugins]\n{name} = {package}.plugin\n", "utf-8")
        return home


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SiteFolder]:
    folder = tmp_path / "site"
    folder.mkdir(exist_ok=True)
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield SiteFolder(folder)
    for name in set(sys.modules) - before:
        if name.startswith("sample_"):
            del sys.modules[name]


@pytest.fixture
def small_path(site: SiteFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """``sys.path`` without what is installed beside the kernel: some hundred packages, read anew at each look.

    After ``site``, which has pytest note the whole path before it changes it: that is what pytest puts back.
    """
    import importlib_metadata  # noqa: F401 - from there, before it is out of sight

    from framework import scan  # noqa: F401 - it imports more of it

    monkeypatch.setattr(
        sys, "path", [folder for folder in sys.path if folder == str(site.folder) or not folder.endswith("-packages")]
    )


class RunningProgram:
    """``fw`` while it runs. ``lines`` are those of its stderr read so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []

    def wait_line(self, part: str) -> str:
        """The next line of stderr that contains ``part``; fails if the program ends without one."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if part in line:
                return line
        raise AssertionError(f"the program ended without a line {part!r}; it said:\n" + "\n".join(self.lines))

    def end(self) -> tuple[int, str]:
        """Wait for its end; exit status, and the rest of stderr."""
        _, rest = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, rest


class Program:
    """``python -m framework`` in a folder of its own, without the FW_ variables of the test run."""

    def __init__(self, folder: Path, site: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._site = site
        self._stack = stack
        self._cache = {"XDG_CACHE_HOME": str(folder.parent / "cache"), "LOCALAPPDATA": str(folder.parent / "cache")}

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
        path = os.pathsep.join([str(self._site), *filter(None, [os.environ.get("PYTHONPATH")])])
        return {**kept, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **self._cache, **variables}

    def run(
        self, *arguments: str, program: Sequence[str] = ("-m", "framework"), **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *program, *arguments],
            cwd=self.folder,
            env=self.environment(variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, *arguments: str, program: Sequence[str] = ("-m", "framework"), **variables: str) -> RunningProgram:
        process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            cwd=self.folder,
            env=self.environment(variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        self._stack.callback(self._finish, process, watchdog)
        return RunningProgram(process)

    @staticmethod
    def _finish(process: subprocess.Popen[str], watchdog: threading.Timer) -> None:
        watchdog.cancel()
        with process:
            if process.poll() is None:
                process.kill()


@pytest.fixture
def fw(tmp_path: Path) -> Iterator[Program]:
    work, site = tmp_path / "work", tmp_path / "site"
    work.mkdir()
    site.mkdir(exist_ok=True)
    with ExitStack() as stack:
        yield Program(work, site, stack)


@pytest.fixture
def plugin() -> Callable[..., Any]:
    """Make a hooks object: ``plugin("name", register=function, requires=("other",))``."""
    from framework import Manifest

    def make(name: str, *, manifest: Mapping[str, Any] | None = None, **hooks: Callable[..., Any]) -> Any:
        functions = {hook: staticmethod(function) for hook, function in hooks.items()}
        kind = type(name.title(), (), {"manifest": Manifest(name, **(manifest or {})), **functions})
        return kind()

    return make


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No FW_ variables, a cache folder of its own, and a current folder without configuration files."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in list(os.environ):
        if name.startswith("FW_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
