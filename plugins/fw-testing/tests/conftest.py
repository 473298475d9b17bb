"""A small plugin, installed as a package installer would, of which tests break one rule at a time."""

import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import invalidate_caches
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from fw_testing.subject import Subject
from fw_testing.trial import Trial

HOOKS = """
import asyncio
from framework import hookimpl

class Plugin:
    @hookimpl
    async def start(self, app):
        await asyncio.sleep(0)

plugin = Plugin()
"""
AS_OBJECT = """
from types import SimpleNamespace
from framework.hookspecs import HOOKS
plugin = SimpleNamespace(**{name: there for name, there in globals().items() if name in HOOKS})
"""
"""Below functions called like hooks: the object that the entry point names."""
CONFIG = "from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass Settings:\n    size: int = 1\n"
FACADE = "from framework import Facade\n\nclass Bells(Facade):\n    pass\n"
SPECS = "from framework.hookspecs import hookspec\n\n@hookspec\ndef bells_ring(loud):\n    pass\n"
MANIFEST = """
name = "bells"
modes = ["sim"]
config = "fw_bells.config:Settings"
[facades]
bells = "fw_bells.facade:Bells"
"""
METADATA = """Metadata-Version: 2.1
Name: fw-bells
Version: 1.0
Requires-Dist: fw-core>=0.1
Requires-Dist: fw-clapper; extra == 'loud'

| `size` | 1 | how large |
A hook: `bells_ring(loud)`.
"""
GOOD: Mapping[str, str] = {
    "fw_bells/__init__.py": "",
    "fw_bells/plugin.py": HOOKS,
    "fw_bells/config.py": CONFIG,
    "fw_bells/facade.py": FACADE,
    "fw_bells/hookspecs.py": SPECS,
    "fw_bells/plugin.toml": MANIFEST,
    "fw_bells-1.0.dist-info/METADATA": METADATA,
    "fw_bells-1.0.dist-info/entry_points.txt": "[fw.plugins]\nbells = fw_bells.plugin:plugin\n",
}


GONGS: Mapping[str, str] = {
    "fw_gongs/__init__.py": "",
    "fw_gongs/plugin.py": "def register(app): ...\n",
    "fw_gongs/facade.py": FACADE.replace("Bells", "Gongs"),
    "fw_gongs/plugin.toml": 'name = "gongs"\nprovides = ["noise"]\n[facades]\ngongs = "fw_gongs.facade:Gongs"\n',
    "fw_gongs-1.0.dist-info/METADATA": METADATA.replace("bells", "gongs"),
    "fw_gongs-1.0.dist-info/entry_points.txt": "[fw.plugins]\ngongs = fw_gongs.plugin\n",
}
"""Another plugin."""
OLD = 1_700_000_000
"""When it was installed, in Unix seconds: the index of plugins does not trust what has just been changed."""


class Bells:
    """The distribution fw-bells in a folder on ``sys.path``."""

    def __init__(self, site: Path, work: Path) -> None:
        self.site = site
        self._work = work

    def install(self, changes: Mapping[str, str | None] | None = None) -> None:
        """The good plugin with some files changed, or taken away."""
        for name, text in {**GOOD, **(changes or {})}.items():
            if text is not None:
                path = self.site / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, "utf-8")
        for path in (self.site, *self.site.rglob("*")):
            os.utime(path, (OLD, OLD))
        invalidate_caches()

    def trial(self, changes: Mapping[str, str | None] | None = None, **options: Any) -> Trial:
        """What the kit makes of it."""
        self.install(changes)
        given = {"settings": {}, "use": None, "probe": None, **options}
        return Trial(Subject.installed("bells"), folder=Path(mkdtemp(dir=self._work)), **given)

    async def fault(self, check: Callable[[Trial], Any], hooks: str | None = None, **changes: str | None) -> str:
        """What a check says of a plugin with these hooks; or with files changed, each by its name without suffix.

        Fails if the check finds nothing.
        """
        files = {name: text for name, text in {"plugin": hooks, **changes}.items() if text is not None}
        trial = self.trial({f"fw_bells/{name}.py": text for name, text in files.items()})
        with pytest.raises(pytest.fail.Exception) as caught:
            await done(check, trial)
        said = str(caught.value)
        assert said.startswith("Plugin 'bells' "), said
        return said


async def done(check: Callable[[Trial], Any], trial: Trial) -> None:
    """Do one check of the kit, sync or async; it raises what it finds."""
    result = check(trial)
    if inspect.isawaitable(result):
        await result


@pytest.fixture
def bells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bells]:
    site, work = tmp_path / "site", tmp_path / "work"
    site.mkdir()
    work.mkdir()
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))  # for programs that tests start
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(work)
    yield Bells(site, work)
    for file in getattr(sys.modules.get("fw_bells.plugin"), "files", ()):
        file.close()  # the broken plugin has not
    for name in [name for name in sys.modules if name.partition(".")[0] in ("fw_bells", "fw_gongs")]:
        del sys.modules[name]
