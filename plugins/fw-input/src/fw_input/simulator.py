"""`InputSimulator`: moves the mouse and presses keys, if it may."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Self

from fw_input.config import InputSettings
from fw_input.errors import InputKilled, InputNotAllowed
from fw_input.events import InputEvent, Key, MouseButton, MouseMoved, MouseWheel
from fw_input.hotkey import HotKey, combination
from fw_input.ports import InputSink, InputSource
from fw_input.pynput_ports import PynputKeyboard, PynputSink
from fw_input.watchdog import Watchdog

_log = logging.getLogger("fw.input")


class InputSimulator:
    """Acts on mouse and keyboard of this machine, or on the sink it is given.

    It does nothing unless ``settings.allow`` is true; a dry run only keeps in `log` what it would have done. Use with
    ``async with``, or `start` and `stop`. Sequences (a click, a combination, a text) of several tasks do not mix. One
    that is cancelled leaves no key down. After `kill` every call raises `InputKilled`.
    """

    def __init__(
        self,
        settings: InputSettings | None = None,
        *,
        allow: bool = False,
        sink: InputSink | None = None,
        keyboard: InputSource | None = None,
    ) -> None:
        self.settings = settings or InputSettings(allow=allow)
        if allow:
            self.settings = replace(self.settings, allow=True)
        self._sink = sink or PynputSink()
        self._keyboard = keyboard or PynputKeyboard(doubles=True)
        self._acting = threading.Lock()
        self._naming = threading.Lock()
        self._actor: int | None = None
        self._in_turn = asyncio.Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._watchdog: Watchdog | None = None
        self._held: dict[str, Key | MouseButton] = {}
        self._free = 0.0
        self.killed = ""
        """Why it does nothing any more; '' while it does."""
        self.log: deque[InputEvent] = deque(maxlen=1000)
        """The last events that were made, or would have been in a dry run."""

    async def start(self) -> None:
        """Connect, and arm the kill switch. Raises `InputNotAllowed`, `NoInput`."""
        if not (self.settings.allow or self.settings.dry_run):
            raise InputNotAllowed
        self._thread = ThreadPoolExecutor(1, "input")
        try:
            if not self.settings.dry_run:
                await self._call(self._sink.open)
                if self.settings.kill_hotkey:
                    await self._call(self._keyboard.open, _switch(self.settings.kill_hotkey, self.kill))
                self._watchdog = Watchdog(asyncio.get_running_loop(), self.settings.watchdog, self.kill)
                self._watchdog.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Release what is held down, and disconnect."""
        thread, self._thread = self._thread, None
        watchdog, self._watchdog = self._watchdog, None
        if thread is None:
            return
        if watchdog is not None:
            watchdog.end()
            await asyncio.to_thread(watchdog.join)
        closing = asyncio.get_running_loop().run_in_executor(thread, self._close)
        try:
            await closing
        except BaseException:
            thread.shutdown(wait=False)
            raise
        thread.shutdown()

    def _close(self) -> None:
        self._keyboard.close()
        with self._acting:
            self._release_all()
            self._sink.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    def kill(self, reason: str = "kill() was called") -> None:
        """End all simulation at once and release what is held down; from any thread."""
        with self._naming:
            if self.killed:
                return
            self.killed = reason
        # A sink that presses the keys of the switch may call this in the middle of it: then _act releases.
        if self._actor != threading.get_ident():
            with self._acting:
                self._release_all()
        _log.error("simulated input was ended: %s", reason)

    async def perform(self, event: InputEvent) -> None:
        """Make one event, when the rate allows. Raises `InputKilled`, `UnknownKey`."""
        self._refuse_if_killed()
        now = time.monotonic()
        self._free = max(self._free, now) + 1 / self.settings.rate
        if self._free - 1 / self.settings.rate > now:
            await asyncio.sleep(self._free - 1 / self.settings.rate - now)
        await self._call(self._act, event)

    async def move(self, x: int, y: int, duration: float = 0.0) -> None:
        """Put the pointer there, on a straight line within ``duration`` seconds from where it was moved last."""
        async with self._in_turn:
            await self._move(x, y, duration)

    async def _move(self, x: int, y: int, duration: float) -> None:
        last = next((event for event in reversed(self.log) if isinstance(event, MouseMoved)), MouseMoved(x, y))
        steps = int(duration * min(self.settings.rate, 60))
        for step in range(1, steps):
            at = step / steps
            await self.perform(MouseMoved(round(last.x + (x - last.x) * at), round(last.y + (y - last.y) * at)))
            await asyncio.sleep(duration / steps)
        await self.perform(MouseMoved(x, y))

    async def click(self, x: int, y: int, button: str = "left", count: int = 1) -> None:
        """Move there and press the button, ``count`` times."""
        async with self._in_turn:
            await self._move(x, y, 0.0)
            for _ in range(count):
                await self._stroke([MouseButton(button, True, x, y)])

    async def drag(self, start: tuple[int, int], end: tuple[int, int], duration: float = 0.2) -> None:
        """Press the left button at ``start`` and release it at ``end``."""
        async with self._in_turn:
            await self._move(*start, 0.0)
            await self._stroke([MouseButton("left", True, *start)], lambda: self._move(*end, duration))

    async def scroll(self, dx: int = 0, dy: int = 0) -> None:
        """Turn the wheel; positive is right and up."""
        await self.perform(MouseWheel(dx, dy))

    async def press(self, key: str) -> None:
        """Hold a key down until `release`, or until the simulator stops or is killed."""
        await self.perform(Key(key, True))

    async def release(self, key: str) -> None:
        """Let a key go."""
        await self.perform(Key(key, False))

    async def tap(self, key: str) -> None:
        """Press a key and let it go."""
        async with self._in_turn:
            await self._stroke([Key(key, True)])

    async def hotkey(self, keys: str) -> None:
        """Press a combination such as ``ctrl+shift+s``."""
        async with self._in_turn:
            await self._stroke([Key(key, True) for key in combination(keys)])

    async def type(self, text: str) -> None:
        """Write a text, character by character; a line break is the key enter, a tab the key tab."""
        async with self._in_turn:
            for character in text:
                await self._stroke([Key({"\n": "enter", "\t": "tab"}.get(character, character), True)])

    async def _stroke(
        self, downs: Sequence[Key | MouseButton], between: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """All down, then all up in the reverse order; up whatever happens."""
        ups = [replace(event, pressed=False) for event in reversed(downs)]
        try:
            for event in downs:
                await self.perform(event)
            if between is not None:
                await between()
            for event in ups:
                await self.perform(event)
        except BaseException:
            # Cancelled or killed in the middle: no more waiting for one's turn.
            with self._acting:
                self._release(up for up in ups if _name(up) in self._held)
            raise

    def _refuse_if_killed(self) -> None:
        if self.killed:
            raise InputKilled(self.killed)

    def _act(self, event: InputEvent) -> None:
        with self._acting:
            self._refuse_if_killed()
            if not self.settings.dry_run:
                self._actor = threading.get_ident()
                try:
                    self._sink.perform(event)
                finally:
                    self._actor = None
            self.log.append(event)
            if isinstance(event, Key | MouseButton):
                if event.pressed:
                    self._held[_name(event)] = event
                else:
                    self._held.pop(_name(event), None)
            if self.killed:  # by the sink's own call
                self._release_all()

    def _release_all(self) -> None:
        self._release(replace(event, pressed=False) for event in reversed(self._held.values()))

    def _release(self, ups: Iterable[Key | MouseButton]) -> None:
        for up in list(ups):
            self._held.pop(_name(up), None)
            self.log.append(up)
            if self.settings.dry_run:
                continue
            try:
                self._sink.perform(up)
            except Exception:  # noqa: BLE001 - the display may be gone; the others are to be released all the same
                _log.exception("%s could not be released", _name(up))

    async def _call(self, function: Callable[..., object], *arguments: object) -> None:
        if self._thread is None:
            raise RuntimeError("This InputSimulator is not started: use `async with`, or await its start().")
        await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


def _name(event: Key | MouseButton) -> str:
    return event.key if isinstance(event, Key) else f"mouse {event.button}"


def _switch(keys: str, kill: Callable[[str], None]) -> Callable[[InputEvent], None]:
    hotkey = HotKey(keys)

    def hear(event: InputEvent) -> None:
        if hotkey.complete(event):
            kill(f"{keys} was pressed")

    return hear
