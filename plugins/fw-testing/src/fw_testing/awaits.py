"""`Awaits`: every point at which the start of an application waits, to be cancelled or failed there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Generator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import asyncio

    from framework import App

MOST = 40
"""So many points of a start are tried; of a longer one, each place in the code, and then the first ones."""

End = Literal["cancelled", "failed"]


class Fault(Exception):
    """What the kit throws into an await, in place of whatever can go wrong there."""


class Awaits:
    """Starts an App and counts the awaits at which units of ``owners``, or code of ``package``, are suspended.

    ``places`` are their places in the code, in order. At the one numbered ``number`` the start is ``end``: all of it
    is cancelled, or that await raises a :class:`Fault`.
    """

    def __init__(self, owners: Collection[str], package: Path, end: End = "cancelled", number: int = -1) -> None:
        self.places: list[str] = []
        self._owners = owners
        self._package = str(package)
        self._end = end
        self._number = number
        self._starting: asyncio.Task[Any] | None = None

    async def start(self, app: App) -> asyncio.Task[Any]:
        """Start a bootstrapped App and open its doors; the task, which has ended."""
        import asyncio

        lifecycle = app.assembly.lifecycle
        lifecycle.units = [
            replace(unit, start=partial(self._unit, unit.name, unit.start)) if unit.owner in self._owners else unit
            for unit in lifecycle.units
        ]
        self._starting = asyncio.ensure_future(self._whole(app))
        await asyncio.wait([self._starting])
        return self._starting

    async def _whole(self, app: App) -> None:
        await _Driven(app.__aenter__(), self._suspended_whole)

    async def _unit(self, name: str, start: Callable[[], Awaitable[None]]) -> None:
        await _Driven(start(), partial(self._suspended, f"start of {name}"))

    def _suspended_whole(self, coroutine: Any) -> bool:
        """The application itself waits: that counts where it does so for a handler of the plugin."""
        own = any(file.startswith(self._package) for file, _ in chain(coroutine))
        return self._suspended("handlers of AppStarting and AppReady", coroutine) if own else False

    def _suspended(self, what: str, coroutine: Any) -> bool:
        """Note a point; whether it is to fail."""
        own = [f"{file}:{line}" for file, line in chain(coroutine) if file.startswith(self._package)]
        self.places.append(f"{own[-1]} ({what})" if own else f"the {what}")
        if len(self.places) - 1 != self._number:
            return False
        if self._end == "cancelled" and self._starting is not None:
            self._starting.cancel()
        return self._end == "failed"


class _Driven:
    """Awaits ``coroutine``, and asks at each await whether that is to raise."""

    def __init__(self, coroutine: Any, suspended: Callable[[Any], bool]) -> None:
        self._coroutine = coroutine
        self._suspended = suspended

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._coroutine.__await__()
        resume: Callable[[], Any] = partial(steps.send, None)
        while True:
            try:
                waited = resume()
            except StopIteration as done:
                return done.value
            if self._suspended(self._coroutine):
                if waited is not None:  # nobody waits for it any more, as when it had failed
                    waited._asyncio_future_blocking = False  # noqa: SLF001 - documented; what Task itself does
                    waited.cancel()
                resume = partial(steps.throw, Fault("thrown by the conformance kit"))
                continue
            try:
                resume = partial(steps.send, (yield waited))
            except BaseException as error:  # noqa: BLE001 - cancellation above all, which is for the coroutine
                resume = partial(steps.throw, error)


def chain(coroutine: Any) -> Iterator[tuple[str, int]]:
    """File and line of each coroutine that waits for the next one, the innermost last."""
    while coroutine is not None:
        for frame, inner in (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await")):
            if hasattr(coroutine, frame):
                here = getattr(coroutine, frame)
                if here is not None:
                    yield here.f_code.co_filename, here.f_lineno
                coroutine = getattr(coroutine, inner)
                break
        else:
            return


def chosen(places: list[str]) -> list[int]:
    """The numbers of the points to try: all of them, or the first at each place and then the first ones."""
    first = {place: number for number, place in reversed(list(enumerate(places)))}
    ordered = [*sorted(first.values()), *(number for number, place in enumerate(places) if first[place] != number)]
    return sorted(ordered[:MOST])
