"""Runs a world alone: as fast as it can, or beside the clock on the wall."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from fw_environment.environment import Environment

Progress = Callable[[float, float | None], None]

_TELL = 0.1
"""Real seconds between two reports of progress."""


def run(
    env: Environment,
    until: float | Callable[[Environment], bool],
    realtime: float | None,
    progress: Progress | None,
) -> int:
    """See `Environment.run`."""
    end = None if callable(until) else float(until)
    # The end is reached at the step nearest to it, whatever the rounding of so many additions.
    done = until if callable(until) else lambda world: world.tick >= round((end or 0.0) / world.dt)
    clock, first = env.clock, env.tick
    before = clock.pace, clock.scale, clock.paused

    def stop_at_end(world: Environment) -> None:
        # The clock may make up for several late steps in one go.
        clock.paused = clock.paused or done(world)

    clock.pace = "free" if realtime is None else "real"
    clock.scale = realtime or clock.scale
    env.watchers.append(stop_at_end)
    last = told = time.perf_counter()
    try:
        while not done(env):
            if clock.paused or realtime is not None:
                time.sleep(min(clock.until_next, _TELL))
            now = time.perf_counter()
            clock.advance(now - last)
            last = now
            if progress is not None and now - told >= _TELL:
                progress(env.time, end)
                told = now
    finally:
        env.watchers.remove(stop_at_end)
        clock.pace, clock.scale, clock.paused = before
    if progress is not None:
        progress(env.time, end)
    return env.tick - first


class ProgressBar:
    """Draws progress as one line on a terminal; on anything else it writes a line for each tenth."""

    def __init__(self, out: TextIO | None = None, width: int = 40) -> None:
        self._out = sys.stderr if out is None else out
        self._width = width
        self._tenth = -1
        self._begin = time.perf_counter()

    def __call__(self, done: float, end: float | None) -> None:
        """Show that ``done`` of ``end`` is reached; where the end is None, only how far it is."""
        spent = time.perf_counter() - self._begin
        share = min(done / end, 1.0) if end else 0.0
        text = f"{done:g} in {spent:.1f} s" if end is None else f"{done:g} of {end:g} in {spent:.1f} s"
        if self._out.isatty():
            filled = round(share * self._width)
            bar = "" if end is None else f"[{'#' * filled}{'.' * (self._width - filled)}] "
            finished = end is not None and done >= end
            self._out.write(f"\r{bar}{text}\x1b[K" + ("\n" if finished else ""))
        elif end is not None and int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            self._out.write(text + "\n")
        self._out.flush()
