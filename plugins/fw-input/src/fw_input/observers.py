"""`MouseObserver` and `KeyboardObserver`: what a person does, as async iterators."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, Self, TypeVar, cast

from fw_input.events import InputEvent, Key, MouseEvent
from fw_input.ports import InputSource
from fw_input.pynput_ports import PynputKeyboard, PynputMouse

Event = TypeVar("Event", MouseEvent, Key)


class EventStream(Generic[Event]):
    """Events from when it was made until the observer stops or it is closed.

    Holds at most ``size`` events for a slow reader, then forgets the oldest; `lost` counts those.
    """

    def __init__(self, observer: Observer[Event], size: int) -> None:
        self._observer: Observer[Event] = observer
        self._waiting: deque[Event] = deque()
        self._size = size
        self._news = asyncio.Event()
        self._ended = False
        self.lost = 0
        observer.subscribe(self._add)
        observer.streams.add(self)

    def _add(self, event: Event) -> None:
        if len(self._waiting) >= self._size:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(event)
        self._news.set()

    def close(self) -> None:
        """End it; what is held can still be read."""
        self._ended = True
        self._news.set()
        self._observer.unsubscribe(self._add)
        self._observer.streams.discard(self)

    def __aiter__(self) -> EventStream[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()


class Observer(Generic[Event]):
    """Hears a source in its thread and tells on the loop. Use with ``async with``, or `start` and `stop`."""

    def __init__(self, source: InputSource) -> None:
        self._source = source
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscribers: list[Callable[[Event], None]] = []
        self.streams: set[EventStream[Event]] = set()

    async def start(self) -> None:
        """Listen from now on. Raises `NoInput`."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(self._source.open, self._hear)

    async def stop(self) -> None:
        """Stop listening, and end all streams."""
        self._loop = None
        await asyncio.to_thread(self._source.close)
        for stream in list(self.streams):
            stream.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.stop()

    def events(self, size: int = 10_000) -> EventStream[Event]:
        """All that happens from now on."""
        return EventStream(self, size)

    def subscribe(self, hear: Callable[[Event], None]) -> None:
        """Call ``hear`` on the loop for each event."""
        self._subscribers.append(hear)

    def unsubscribe(self, hear: Callable[[Event], None]) -> None:
        """Do not call it any more."""
        if hear in self._subscribers:
            self._subscribers.remove(hear)

    def _hear(self, event: InputEvent) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._tell, cast("Event", event))

    def _tell(self, event: Event) -> None:
        for hear in list(self._subscribers):
            hear(event)


class MouseObserver(Observer[MouseEvent]):
    """What the mouse does; of this machine, if no other source is given."""

    def __init__(self, source: InputSource | None = None) -> None:
        super().__init__(source or PynputMouse())


class KeyboardObserver(Observer[Key]):
    """What the keyboard does; of this machine, if no other source is given."""

    def __init__(self, source: InputSource | None = None) -> None:
        super().__init__(source or PynputKeyboard())
