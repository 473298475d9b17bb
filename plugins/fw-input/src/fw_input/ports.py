"""Where events come from and where they go: two ports, and fakes of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fw_input.events import InputEvent


class InputSource(Protocol):
    """Tells what mouse or keyboard do."""

    def open(self, emit: Callable[[InputEvent], None]) -> None:
        """Call ``emit`` for each event from now on, from any thread. Blocks until it listens. Raises `NoInput`."""

    def close(self) -> None:
        """Stop telling; not opened or closed already is fine."""


class InputSink(Protocol):
    """Does what events say. Called by one thread at a time, not always by the same."""

    def open(self) -> None:
        """Connect. Raises `NoInput`."""

    def perform(self, event: InputEvent) -> None:
        """Do it now. Raises `UnknownKey`."""

    def close(self) -> None:
        """Let go; not opened or closed already is fine."""


class FakeSource:
    """Tells what a test gives it with `emit`."""

    def __init__(self) -> None:
        self._emit: Callable[[InputEvent], None] | None = None

    def open(self, emit: Callable[[InputEvent], None]) -> None:
        """Remember whom to tell."""
        self._emit = emit

    def emit(self, event: InputEvent) -> None:
        """As if it had happened; nobody hears of it unless the source is open."""
        if self._emit is not None:
            self._emit(event)

    def close(self) -> None:
        """Forget whom to tell."""
        self._emit = None


class FakeSink:
    """Keeps what it was told to do, in `performed`."""

    def __init__(self) -> None:
        self.performed: list[InputEvent] = []
        self.opened = False

    def open(self) -> None:
        """Nothing to connect to."""
        self.opened = True

    def perform(self, event: InputEvent) -> None:
        """Keep it."""
        self.performed.append(event)

    def close(self) -> None:
        """Nothing to let go."""
        self.opened = False
