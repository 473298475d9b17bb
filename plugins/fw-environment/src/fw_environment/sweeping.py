"""`sweep`: the same simulation for many parameters and seeds, in several processes."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from fw_environment.collecting import save_columns
from fw_environment.errors import EnvironmentFault

Simulate = Callable[..., Mapping[str, Any]]


class RunFailed(EnvironmentFault):
    """One run of a sweep raised ``what``; runs that had not begun were not made. A note holds its traceback."""

    def __init__(self, parameters: Mapping[str, Any], what: str) -> None:
        self.parameters = dict(parameters)
        self.what = what
        told = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
        super().__init__(f"The run with {told} raised {what.rstrip('.')}. Repeat it alone to see more.")


class _Failure(NamedTuple):
    """An error as text: one that cannot be pickled would end the process that tells it."""

    what: str
    trace: str


@dataclass
class Results:
    """One row for each run, in the order of the parameters, not of their ends."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The rows as columns; None where a run did not give a value."""
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        return {name: [row.get(name) for row in self.rows] for name in names}

    def save(self, path: str | Path) -> None:
        """Write ``.csv`` or ``.parquet``."""
        save_columns(self.columns, path)


def sweep(
    simulate: Simulate,
    grid: Mapping[str, Iterable[Any]],
    *,
    seeds: Iterable[int] = (0,),
    processes: int | None = None,
    progress: Callable[[float, float | None], None] | None = None,
) -> Results:
    """Call ``simulate(seed=…, **parameters)`` for every combination; what it gives is the row's other columns.

    ``simulate`` is a function at the top of a module, since other processes import it: one for each core, or
    ``processes``; with 1, this one does all. The first failure ends the sweep: `RunFailed` tells the parameters.
    """
    names = [*grid, "seed"]
    runs = [dict(zip(names, values, strict=True)) for values in itertools.product(*grid.values(), seeds)]
    count = min(processes or os.cpu_count() or 1, len(runs))
    if count > 1:
        return Results(_in_processes(simulate, runs, count, progress))
    rows = []
    for number, parameters in enumerate(runs, 1):
        rows.append(_row(_once(simulate, parameters), parameters))
        _tell(progress, number, len(runs))
    return Results(rows)


def _in_processes(simulate: Simulate, runs: list[dict[str, Any]], count: int, progress: Any) -> list[dict[str, Any]]:
    # A forked process would share locks and threads with this one in whatever state they are.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        runs_of = {pool.submit(_once, simulate, parameters): parameters for parameters in runs}
        try:
            rows = {id(runs_of[future]): _arrived(future, runs_of[future]) for future in _told(runs_of, progress)}
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return [rows[id(parameters)] for parameters in runs]


def _told(futures: Collection[Future[Any]], progress: Any) -> Iterator[Future[Any]]:
    for number, future in enumerate(as_completed(futures), 1):
        _tell(progress, number, len(futures))
        yield future


def _arrived(future: Future[Any], parameters: dict[str, Any]) -> dict[str, Any]:
    try:
        found = future.result()
    except Exception as error:  # the process has died, or its result cannot be sent
        raise RunFailed(parameters, f"{type(error).__name__}: {error}") from error
    return _row(found, parameters)


def _row(found: dict[str, Any] | _Failure, parameters: dict[str, Any]) -> dict[str, Any]:
    if isinstance(found, _Failure):
        failed = RunFailed(parameters, found.what)
        failed.add_note(found.trace)
        raise failed
    return parameters | found


def _once(simulate: Simulate, parameters: dict[str, Any]) -> dict[str, Any] | _Failure:
    try:
        return dict(simulate(**parameters))
    except Exception as error:  # noqa: BLE001 - told to the caller by RunFailed
        return _Failure(f"{type(error).__name__}: {error}", traceback.format_exc())


def _tell(progress: Any, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
