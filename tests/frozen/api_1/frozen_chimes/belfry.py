# Frozen: a plugin written for hook API 1. Never changed; the framework changes around it, and it still has to run.
"""`Belfry`: the component, and the command that rings its bells."""

from dataclasses import dataclass

from framework import Command, Component

from .config import ChimesSettings
from .facade import Chimes


@dataclass(frozen=True)
class Ring(Command[list[str]]):
    """Ring every bell; the answer is what each says."""


@dataclass(frozen=True)
class Count(Command[int]):
    """The number of bells."""


class Belfry(Component):
    """Rings what was hung by the application."""

    def __init__(self, settings: ChimesSettings, chimes: Chimes) -> None:
        self._settings = settings
        self._chimes = chimes

    async def start(self) -> None:
        self._chimes.heard.append("Belfry.start")

    async def stop(self) -> None:
        self._chimes.heard.append("Belfry.stop")

    def ring(self) -> list[str]:
        return [f"{bell.item}: {self._settings.sound}" for bell in self._chimes.declared("bell")]


def count(message: Count, chimes: Chimes) -> int:
    """Handle `Count`."""
    return len(chimes.declared("bell"))
