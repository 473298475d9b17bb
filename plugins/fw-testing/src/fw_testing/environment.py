"""A program from PyPI that tests talk to, in an environment of its own: never a dependency of anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fw_testing.requirement import Found


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with one distribution in one version, kept in the user's cache for all checkouts.

    ``more`` are requirements of what the tests run beside it.
    """

    distribution: str
    version: str
    more: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """Where it lies; FW_TESTING_CACHE says where such folders lie."""
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        cache = os.environ.get("FW_TESTING_CACHE") or Path(home) / "fw-testing"
        return Path(cache) / f"{self.distribution}-{self.version}"

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def find(self) -> Found | None:
        """The interpreter, if all of it is there."""
        return Found(str(self.python), self.version) if (self.folder / "complete").is_file() else None

    def install(self) -> None:
        """Make it, with uv if there is one, else with venv and pip."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        wanted = (f"{self.distribution}=={self.version}", *self.more)
        uv = os.environ.get("UV") or shutil.which("uv")
        if uv:
            self._run(uv, "venv", "--quiet", "--python", sys.executable, str(self.folder))
            # pip looks there by itself.
            links = [f"--find-links={folder}" for folder in os.environ.get("PIP_FIND_LINKS", "").split()]
            self._run(uv, "pip", "install", "--quiet", "--python", str(self.python), *links, *wanted)
        else:
            self._run(sys.executable, "-m", "venv", str(self.folder))
            self._run(str(self.python), "-m", "pip", "install", "--quiet", *wanted)
        (self.folder / "complete").touch()

    def _run(self, *command: str) -> None:
        # In the cache's folder: in a project's, uv would apply that project's constraints.
        # Standard output is for the report alone.
        subprocess.run(command, cwd=self.folder.parent, stdout=sys.stderr, check=True)
