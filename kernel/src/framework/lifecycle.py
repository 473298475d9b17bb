"""The start graph: units start as soon as what they need is up, stop in the reverse order, and roll back on failure."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from framework.errors import FailureReport, FrameworkError, ShutdownError, StartupError

Action = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Unit:
    """Something that starts and stops: a component, or a plugin with its own ``start`` and ``stop``."""

    name: str
    owner: str
    needs: Collection[str]
    start: Action
    stop: Action
    distribution: str = ""
    version: str = ""

    def report(self, phase: str, cause: BaseException) -> FailureReport:
        return FailureReport(phase, self.owner, self.name, cause, self.distribution, self.version)


class LateError(FrameworkError):
    """A unit took longer than it may."""


class Lifecycle:
    """Starts units once and stops those that started. ``running`` lists them in the order in which they came up."""

    def __init__(self, units: Sequence[Unit], *, start_timeout: float, stop_timeout: float) -> None:
        self._units = units
        self._start_timeout = start_timeout
        self._stop_timeout = stop_timeout
        self.running: list[Unit] = []

    async def start(self) -> None:
        """Start every unit.

        On failure or cancellation, stop what is up; raises :class:`StartupError`, first cause first.
        """
        failures: list[FailureReport] = []
        up = {unit.name: asyncio.Event() for unit in self._units}
        try:
            async with asyncio.TaskGroup() as group:
                for unit in self._units:
                    group.create_task(self._bring_up(unit, up, failures), name=f"start {unit.name}")
        except BaseExceptionGroup as error:
            failures.extend(await self._roll_back())
            if not failures:
                raise
            raise StartupError(failures) from error.exceptions[0]
        except BaseException:
            # Cancelled, or a unit raised what is no Exception (SystemExit): its TaskGroup lets that through unwrapped.
            await self._roll_back()
            raise

    async def _bring_up(self, unit: Unit, up: Mapping[str, asyncio.Event], failures: list[FailureReport]) -> None:
        for need in unit.needs:
            await up[need].wait()
        try:
            await _within(self._start_timeout, unit.start, f"{unit.name} did not start", "[app] start_timeout")
        except Exception as error:
            failures.append(unit.report("start", error))
            raise
        self.running.append(unit)
        up[unit.name].set()

    async def _roll_back(self) -> list[FailureReport]:
        try:
            await self.stop()
        except ShutdownError as error:
            return list(error.reports)
        return []

    async def stop(self) -> None:
        """Stop what runs, the last one up first, each once. Raises :class:`ShutdownError` when all have been tried."""
        failures: list[FailureReport] = []
        while self.running:
            unit = self.running.pop()
            try:
                await _within(self._stop_timeout, unit.stop, f"{unit.name} did not stop", "[app] stop_timeout")
            except Exception as error:  # noqa: BLE001 - the others are stopped too; all is raised together
                failures.append(unit.report("stop", error))
        if failures:
            raise ShutdownError(failures)


async def _within(seconds: float, action: Action, what: str, key: str) -> None:
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            await action()
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise LateError(f"{what} within {seconds:g} s.", remedy=f"Raise {key}, or find what it waits for.") from error
