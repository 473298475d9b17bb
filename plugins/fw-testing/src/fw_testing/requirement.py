"""A component from outside Python that tests need, and how it is found."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """Where a component lies on this machine, and its version ('' where it tells none)."""

    where: str
    version: str

    def __str__(self) -> str:
        return f"{self.where}, {self.version}" if self.version else self.where


@dataclass(frozen=True, slots=True)
class Requirement:
    """One component: `name` as written in `needs(...)`, `finder` to look for it, `apt` its Debian packages, or ''.

    `hint` tells users of other systems how to get it. `install` gets it without apt, and raises `CalledProcessError` or
    `OSError` if it cannot. `finder` returns None when the component is absent and
    must not start anything that outlives the call. One that is `optional` cannot be had everywhere: FW_REQUIRE demands
    it by its name alone, not by `all`, and where it cannot be installed that is told and is no error.
    """

    name: str
    finder: Callable[[], Found | None]
    apt: str
    hint: str
    install: Callable[[], None] | None = None
    optional: bool = False

    @property
    def remedy(self) -> str:
        """How to get it, in one line."""
        if not self.apt:
            return self.hint
        return f"install with: apt-get install {self.apt} (elsewhere: {self.hint})"


def libraries(*names: str) -> Callable[[], Found | None]:
    """A finder for shared libraries, named as for a linker; all of them must be there."""

    def find() -> Found | None:
        found = [find_library(name) for name in names]
        return Found(", ".join(filter(None, found)), "") if all(found) else None

    return find


def on_path(program: str, *arguments: str) -> Callable[[], Found | None]:
    """A finder for `program` on PATH; `program arguments` must exit with 0 and is searched for a version."""

    def find() -> Found | None:
        where = shutil.which(program)
        if where is None:
            return None
        try:
            done = subprocess.run([where, *arguments], capture_output=True, text=True, timeout=30, check=True)
        except (OSError, subprocess.SubprocessError):
            return None  # a program that does not run is as absent as one that is not there
        version = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
        return Found(where, version.group() if version else "")

    return find
