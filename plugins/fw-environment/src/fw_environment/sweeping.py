"""`sweep`: the same simulation for many parameters and seeds, in several processes."""

from __future__ import annotations

import itertools
import multiprocessing
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fw_environment.collecting import save_columns
from fw_environment.errors import EnvironmentFault

Simulate = Callable[..., Mapping[str, Any]]


class RunFailed(EnvironmentFault):
    """One run of a sweep raised; the cause is attached. Runs that had not begun were not made."""

    def __init__(self, parameters: Mapping[str, Any], cause: BaseException) -> None:
        self.parameters = dict(parameters)
        self.cause = cause
        told = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
        super().__init__(f"The run with {told} raised {type(cause).__name__}: {cause}. Repeat it alone to see more.")


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
    if count <= 1:
        found = []
        for number, parameters in enumerate(runs, 1):
            found.append(_once(simulate, parameters))
            _tell(progress, number, len(runs))
        return Results(found)
    # A forked process would share locks and threads with this one in whatever state they are.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        futures = [pool.submit(_once, simulate, parameters) for parameters in runs]
        try:
            _await(futures, progress)
            return Results([_result(future, parameters) for future, parameters in zip(futures, runs, strict=True)])
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _await(futures: list[Future[dict[str, Any]]], progress: Any) -> None:
    """Until all are done, or one has failed."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        _tell(progress, len(futures) - len(pending), len(futures))
        if any(future.exception() is not None for future in done):
            for future in pending:
                future.cancel()
            return


def _result(future: Future[dict[str, Any]], parameters: Mapping[str, Any]) -> dict[str, Any]:
    if future.cancelled():
        return {}
    if isinstance(error := future.exception(), Exception) and not isinstance(error, RunFailed):
        raise RunFailed(parameters, error) from error  # the process died
    return future.result()


def _once(simulate: Simulate, parameters: dict[str, Any]) -> dict[str, Any]:
    try:
        return parameters | dict(simulate(**parameters))
    except Exception as error:
        raise RunFailed(parameters, error) from error


def _tell(progress: Any, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
