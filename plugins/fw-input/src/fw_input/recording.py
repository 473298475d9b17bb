"""Recordings of mouse and keyboard: made from observers, kept in files, played back by a simulator."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from fw_input.errors import BadRecording
from fw_input.events import InputEvent, from_data, to_data
from fw_input.observers import KeyboardObserver, MouseObserver
from fw_input.simulator import InputSimulator

_FORMAT = {"format": "fw-input", "version": 1}


class Recording:
    """Events in the order of their times. `Recording(mouse, keyboard)` adds what they tell inside a ``with`` block."""

    def __init__(self, *observers: MouseObserver | KeyboardObserver, events: Iterable[InputEvent] = ()) -> None:
        self._observers = observers
        self.events: list[InputEvent] = list(events)

    def __enter__(self) -> Self:
        for observer in self._observers:
            observer.subscribe(self.events.append)
        return self

    def __exit__(self, *exception: object) -> None:
        for observer in self._observers:
            observer.unsubscribe(self.events.append)
        self.events.sort(key=lambda event: event.time)

    def save(self, path: str | Path) -> None:
        """Write a file of lines of JSON; it replaces the old one only when all is written."""
        target = Path(path)
        lines = [json.dumps(_FORMAT), *(json.dumps(to_data(event)) for event in self.events)]
        unfinished = target.with_name(f".{target.name}.part")
        unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
        unfinished.replace(target)

    @classmethod
    def load(cls, path: str | Path) -> Recording:
        """Read what `save` wrote. Raises `BadRecording`."""
        events: list[InputEvent] = []
        for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines() or [""], 1):
            try:
                data = json.loads(line)
                if number == 1:
                    if data != _FORMAT:
                        raise ValueError(f"this is no recording of version {_FORMAT['version']}")
                else:
                    events.append(from_data(data))
            except (ValueError, TypeError, AttributeError) as error:
                raise BadRecording(path, number, str(error)) from error
        return cls(events=events)


async def replay(recording: Recording, simulator: InputSimulator, speed: float = 1.0) -> None:
    """Do it again, ``speed`` times as fast; the simulator's rate limit, permission and kill switch apply.

    Whatever is held down when it ends or is cancelled, is released when the simulator stops.
    """
    if speed <= 0:
        raise ValueError(f"speed must be greater than 0, not {speed}")
    began, first = time.monotonic(), recording.events[0].time if recording.events else 0.0
    for event in recording.events:
        wait = began + (event.time - first) / speed - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        await simulator.perform(event)
