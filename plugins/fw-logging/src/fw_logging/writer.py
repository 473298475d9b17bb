"""`Writer`: a bounded queue of lines and the thread that writes them. What happens there never reaches a caller."""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import get_ident
from typing import Any, Literal

from fw_logging.sinks import LoguruSink, Sink

GATHER = 0.02
"""Seconds that lines may wait for others, unless one is urgent: a write for many costs as much as one for one."""
BATCH = 100
"""Lines in one write. Many are made in a row while nothing else of the program runs, so not too many."""


@dataclass(frozen=True)
class Counts:
    """Lines: ``written``; ``dropped``, because the queue was full; ``lost``, because a sink failed or was too slow."""

    written: int
    dropped: int
    lost: int


@dataclass(frozen=True)
class Copy:
    """A line with the record it was made of, for the sinks that take records."""

    line: bytes
    entry: dict[str, Any]
    level: int


Late = tuple[Any, ...]
"""A function that makes a line, and what it is given: many made in a row cost a fraction of as many made one by one."""
Item = bytes | Late | Copy | threading.Event


class Writer:
    """Its thread is started by the first line, and again in a forked child. ``told`` renders a notice of losses."""

    def __init__(
        self, sink: Sink, told: Callable[[str, int, int], bytes], *, limit: int, overflow: Literal["drop", "block"]
    ) -> None:
        self._sink = sink
        self._told = told
        self._limit = limit
        self._blocks = overflow == "block"
        self.copies: list[LoguruSink] = []
        self._written = self._dropped = self._lost = 0
        self._reported = (0, 0)
        self._failing = False
        self.start_anew()

    def start_anew(self) -> None:
        """In a forked child: what is queued is the parent's to write, and its thread is not here."""
        self._queue: deque[Item] = deque()
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._wake = threading.Event()
        self._hurry = threading.Event()
        self._thread: threading.Thread | None = None
        self._closing = False

    @property
    def counts(self) -> Counts:
        """What became of the lines so far."""
        return Counts(self._written, self._dropped, self._lost)

    @property
    def is_current(self) -> bool:
        """Whether this is the thread that writes."""
        return self._thread is not None and self._thread.ident == get_ident()

    def put(self, line: bytes | Late | Copy, urgent: bool = False) -> None:
        """Queue a line; if there is no room, count it as dropped, or wait for room, as configured."""
        if len(self._queue) >= self._limit and not self._made_room():
            return
        self._queue.append(line)
        if urgent:
            self._hurry.set()
        if not self._wake.is_set():
            self._wake.set()
            if self._thread is None:
                self._begin()

    def _made_room(self) -> bool:
        with self._room:
            if self._blocks and self._thread is not None and not self.is_current:
                self._hurry.set()
                self._room.wait_for(lambda: self._closing or len(self._queue) < self._limit)
            if len(self._queue) < self._limit:
                return True
            self._dropped += 1
            return False

    def lose(self) -> None:
        """Count a line that could not be made."""
        with self._lock:
            self._lost += 1

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None and not self._closing:
                # A daemon: one that hangs in a write must not keep the process from ending.
                self._thread = threading.Thread(target=self._run, name="fw logging", daemon=True)
                self._thread.start()
            elif self._closing:  # too late: nobody will write it
                self._lost += len(self._queue)
                self._queue.clear()
                self._wake.clear()

    def flush(self, seconds: float) -> bool:
        """Wait until what is queued is written; False if that took longer."""
        if self._thread is None or self.is_current:
            return not self._queue
        done = threading.Event()
        self._queue.append(done)
        self._hurry.set()
        self._wake.set()
        return done.wait(seconds)

    def close(self, seconds: float) -> None:
        """Write what is queued and end the thread; after ``seconds``, leave both and say so on stderr."""
        with self._room:
            thread = self._thread
            self._closing = True
            self._room.notify_all()
        if thread is not None:
            self._hurry.set()
            self._wake.set()
            thread.join(seconds)
            if thread.is_alive():
                left = len(self._queue)
                self._lost += left
                self._queue = deque()  # secrets are forgotten soon: what is not made by now must not be made any more
                complain(f"{left} lines were not written: the sink took longer than {seconds:g} s.")
                return
            self._thread = None
        for sink in (self._sink, *self.copies):
            try:
                sink.close()
            except Exception as error:  # noqa: BLE001 - a sink may raise anything, and the application is stopping
                if not self._failing:  # else it has been told of
                    complain(f"a sink failed to close: {error!r}")

    def _run(self) -> None:
        while True:
            self._wake.wait()
            if not self._closing:
                self._hurry.wait(GATHER)
            self._hurry.clear()
            closing = self._closing
            self._wake.clear()  # before looking: whoever queues after the look sets it again
            self._drain()
            if closing:
                return

    def _drain(self) -> None:
        while queue := self._queue:
            items = [queue.popleft() for _ in range(min(len(queue), BATCH))]
            if self._blocks:
                with self._room:
                    self._room.notify_all()
            self._write(items)
        self._tell_losses()

    def _write(self, items: Sequence[Item]) -> None:
        lines = []
        for item in items:
            if type(item) is tuple:
                try:
                    lines.append(item[0](*item[1:]))
                except Exception as error:  # noqa: BLE001 - a line that cannot be made must not keep others from being
                    self.lose()
                    self._fail(error)
            elif type(item) is bytes:
                lines.append(item)
            elif isinstance(item, Copy):
                lines.append(item.line)
        if lines:
            self._send(b"".join(lines), len(lines))
        for item in items:
            if isinstance(item, Copy):
                self._copy(item)
            elif isinstance(item, threading.Event):
                item.set()

    def _send(self, lines: bytes, count: int) -> None:
        try:
            self._sink.write(lines)
        except Exception as error:  # noqa: BLE001 - a full disk, a closed pipe, anything: the application goes on
            self._lost += count
            self._fail(error)
        else:
            self._written += count
            self._failing = False

    def _copy(self, copy: Copy) -> None:
        for sink in self.copies:
            try:
                sink.send(copy.entry, copy.level)
            except Exception as error:  # noqa: BLE001 - the same; the other sinks still get it
                self._lost += 1
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self._failing:
            self._failing = True
            complain(f"lines are lost, a sink fails: {error!r}. It is tried again with every line.")

    def _tell_losses(self) -> None:
        """One line about what was dropped or lost since the last one, when the sink takes lines again."""
        losses = self._dropped, self._lost
        if losses != self._reported and not self._failing:
            new = [now - before for now, before in zip(losses, self._reported, strict=True)]
            self._reported = losses
            self._send(self._told("log lines are missing", *new), 1)


def complain(text: str) -> None:
    """Say something on the process's own stderr, if there is one that takes it.

    Past its buffer: what a broken stream keeps there is tried again when the process ends, which then has status 120.
    """
    with suppress(Exception):
        if sys.__stderr__ is not None:
            os.write(sys.__stderr__.fileno(), f"fw: logging: {text}\n".encode())
