"""The start graph: units start as soon as what they need is up, stop in the reverse order, and roll back on failure."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from framework.errors import FailureReport, LateError, ShutdownError, StartupError

TREE_LINES = 6
"""A report has to stay readable; the rest is counted."""

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
    health: Callable[[], Any] | None = None

    def report(self, phase: str, cause: BaseException) -> FailureReport:
        return FailureReport(phase, self.owner, self.name, cause, self.distribution, self.version)


class Lifecycle:
    """Starts ``units`` once and stops those that started.

    ``running`` lists them in the order in which they came up; ``times`` says when each began to start, on the loop's
    clock in seconds, and when it was up.
    """

    def __init__(self, units: Sequence[Unit], *, start_timeout: float, stop_timeout: float) -> None:
        self.units = units
        self._start_timeout = start_timeout
        self._stop_timeout = stop_timeout
        self.running: list[Unit] = []
        self.times: dict[str, tuple[float, float]] = {}

    @property
    def is_up(self) -> bool:
        """Whether every unit is up."""
        return len(self.running) == len(self.units)

    def checks(self) -> list[tuple[str, Callable[[], Any]]]:
        """The health checks of the units that are up, by name."""
        return [(unit.name, unit.health) for unit in self.running if unit.health]

    async def start(self) -> None:
        """Start every unit.

        On failure or cancellation, stop what is up; raises :class:`StartupError`, first cause first.
        """
        failures: list[FailureReport] = []
        up = {unit.name: asyncio.Event() for unit in self.units}
        try:
            async with asyncio.TaskGroup() as group:
                for unit in self.units:
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
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            await within(self._start_timeout, unit.start, f"{unit.name} did not start", "[app] start_timeout")
        except Exception as error:
            if isinstance(error, LateError) and not failures:
                error.message += waiting_tree({u.name: u.needs for u in self.units if not up[u.name].is_set()})
            failures.append(unit.report("start", error))
            raise
        self.times[unit.name] = begun, clock()
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
                await within(self._stop_timeout, unit.stop, f"{unit.name} did not stop", "[app] stop_timeout")
            except Exception as error:  # noqa: BLE001 - the others are stopped too; all is raised together
                failures.append(unit.report("stop", error))
        if failures:
            raise ShutdownError(failures)


def waiting_tree(needs: Mapping[str, Collection[str]]) -> str:
    """What still waits for what, a line each, indented below what waits for it; '' if only one unit is not up.

    ``needs`` are the units that are not up, with what each needs, up or not.
    """
    if len(needs) < 2:
        return ""
    open_needs = {unit: sorted(need for need in wanted if need in needs) for unit, wanted in needs.items()}
    lines: list[str] = []
    shown: set[str] = set()

    def add(unit: str, depth: int) -> None:
        state = "is starting" if not open_needs[unit] else "waits, see above" if unit in shown else "waits for"
        lines.append(f"{'  ' * depth}{unit} {state}")
        if unit not in shown:
            shown.add(unit)
            for need in open_needs[unit]:
                add(need, depth + 1)

    for unit in sorted(needs.keys() - {need for wanted in open_needs.values() for need in wanted}):
        add(unit, 1)
    more = [f"  … and {len(lines) - TREE_LINES} lines more"] if len(lines) > TREE_LINES else []
    return "".join(f"\n  {line}" for line in ["Not up yet:", *lines[:TREE_LINES], *more])


async def within(seconds: float | None, action: Action, what: str, key: str) -> None:
    """Do ``action``; :class:`LateError` says ``what`` and the setting ``key`` if it takes longer than ``seconds``."""
    deadline = asyncio.timeout(seconds)
    try:
        async with deadline:
            await action()
    except TimeoutError as error:
        if not deadline.expired():
            raise
        raise LateError(f"{what} within {seconds:g} s.", remedy=f"Raise {key}, or find what it waits for.") from error


def unit_names(components: Sequence[tuple[type[Any], str]]) -> dict[type[Any], str]:
    """``owner:Class``, told apart by a number where two classes of an owner have one name."""
    found: dict[type[Any], str] = {}
    counts: Counter[str] = Counter()
    for kind, owner in components:
        name = f"{owner}:{kind.__qualname__}"
        counts[name] += 1
        found[kind] = name if counts[name] == 1 else f"{name}#{counts[name]}"
    return found


def nothing(*_: object) -> None:
    """What a unit without ``start`` or ``stop`` does."""
