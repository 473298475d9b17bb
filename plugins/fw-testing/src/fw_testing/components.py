"""The components that tests of this project may need. To add one, add an entry to `REQUIREMENTS`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType

from fw_testing.environment import Environment
from fw_testing.requirement import Found, Requirement, libraries, on_path


def posix() -> Found | None:
    """Signals, process groups and shell scripts as on Linux and macOS."""
    return Found(sys.platform, "") if os.name == "posix" else None


PUBLIC_WORKER = Environment("avtomatika-worker", "1.0b20")
"""The public worker SDK, with which the orchestrator has to get along."""

RAY = Environment("ray", "2.60.0", ("gymnasium>=1.1", "importlib-metadata>=8", "numpy>=2", "pluggy>=1.6"))
"""Ray, with what fw-gym needs to run in its processes."""

TORCH = Environment(
    "torch",
    "2.13.0+cpu",
    ("array-api-compat>=1.10", "gymnasium>=1.1", "importlib-metadata>=8", "numpy>=2", "pluggy>=1.6"),
)
"""torch without gigabytes for graphics cards, if pip knows of a folder that has it, with what fw-gym needs."""

REQUIREMENTS: Mapping[str, Requirement] = MappingProxyType(
    {
        requirement.name: requirement
        for requirement in (
            Requirement(
                "chromium", on_path("chromium", "--version"), apt="chromium", hint="brew install --cask chromium"
            ),
            Requirement("curl", on_path("curl", "--version"), apt="curl", hint="brew install curl"),
            Requirement("posix", posix, apt="", hint="run these tests on Linux or macOS"),
            Requirement("git", on_path("git", "--version"), apt="git", hint="brew install git"),
            Requirement("node", on_path("node", "--version"), apt="nodejs", hint="brew install node"),
            Requirement(
                "qt-libraries",
                libraries("EGL", "GL", "X11", "dbus-1", "fontconfig", "glib-2.0", "xkbcommon"),
                apt="libegl1 libgl1 libx11-6 libdbus-1-3 libfontconfig1 libglib2.0-0 libxkbcommon0",
                hint="install what PySide6 needs to show windows, or run these tests on Linux",
            ),
            Requirement(
                "tesseract", on_path("tesseract", "--version"), apt="tesseract-ocr", hint="brew install tesseract"
            ),
            Requirement("xvfb", on_path("Xvfb", "-help"), apt="xvfb", hint="run these tests on Linux"),
            Requirement(
                "avtomatika-worker",
                PUBLIC_WORKER.find,
                apt="",
                hint="install with: python -m fw_testing services --apt",
                install=PUBLIC_WORKER.install,
            ),
            Requirement(
                "ray",
                RAY.find,
                apt="",
                hint="install with: python -m fw_testing services --apt",
                install=RAY.install,
            ),
            Requirement(
                "torch",
                TORCH.find,
                apt="",
                hint=f"put the wheel of torch {TORCH.version} into a folder that PIP_FIND_LINKS names, then: "
                "python -m fw_testing services --apt",
                install=TORCH.install,
                optional=True,
            ),
        )
    }
)


class UnknownComponent(Exception):
    """A component was named that is not among the `known` ones; `place` says where it was named."""

    def __init__(self, name: str, place: str, known: Iterable[str]) -> None:
        self.name, self.place = name, place
        near = get_close_matches(name, list(known), 1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known are: {', '.join(sorted(known))}."
        super().__init__(f"{place}: unknown component {name!r}. {remedy}")


class Inventory:
    """What of `requirements` this machine has; looks for each component once, when it is first asked for."""

    def __init__(self, requirements: Mapping[str, Requirement] = REQUIREMENTS) -> None:
        self.requirements = requirements
        self._found: dict[str, Found | None] = {}

    def find(self, name: str) -> Found | None:
        """The component on this machine, or None if it is absent."""
        if name not in self._found:
            self._found[name] = self.requirements[name].finder()
        return self._found[name]

    def state(self, name: str) -> str:
        """One phrase: `real (path, version)` or `ABSENT - ` and the remedy."""
        found = self.find(name)
        return f"real ({found})" if found else f"ABSENT - {self.requirements[name].remedy}"

    def absent(self, names: Iterable[str]) -> list[str]:
        """Those of `names` that this machine lacks, sorted."""
        return sorted(name for name in names if self.find(name) is None)

    def forget(self) -> None:
        """Looks again from now on, after something was installed."""
        self._found.clear()

    def demanded(self, value: str) -> frozenset[str]:
        """The components that FW_REQUIRE demands, from its `value`: names separated by commas, `all` for most."""
        names = frozenset(part.strip() for part in value.split(",") if part.strip())
        if "all" in names:
            names -= {"all"}
            names |= {name for name, requirement in self.requirements.items() if not requirement.optional}
        for name in sorted(names - self.requirements.keys()):
            raise UnknownComponent(name, "FW_REQUIRE", self.requirements)
        return names

    def refusal(self, names: Iterable[str]) -> str:
        """The message for demanded components that are absent, or '' if all of them are there."""
        absent = self.absent(names)
        if not absent:
            return ""
        lines = [f"  {name}: {self.requirements[name].remedy}" for name in absent]
        head = "FW_REQUIRE demands components that this machine lacks:"
        return "\n".join([head, *lines, "Install them, or unset FW_REQUIRE to run without the tests that need them."])
