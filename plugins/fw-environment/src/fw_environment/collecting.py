"""`Collector`: columns of numbers about a world, step by step, for a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fw_environment.errors import BadDeclaration
from fw_environment.extras import required
from fw_environment.recording import write_whole

if TYPE_CHECKING:
    from fw_environment.environment import Environment

Measure = Callable[["Environment"], Any]


class Collector:
    """Asks each of ``measures`` about the world now and after every ``every``-th step; ``columns`` holds the answers.

    The columns ``tick`` and ``time`` are always there. A context manager: outside it, nothing is collected.
    """

    def __init__(self, env: Environment, measures: Mapping[str, Measure], *, every: int = 1) -> None:
        for name in ("tick", "time"):
            if name in measures:
                raise BadDeclaration(f"Collector, column {name!r}", "It is there already.", "Give it another name.")
        self._env = env
        self._measures = dict(measures)
        self._every = every
        self.columns: dict[str, list[Any]] = {name: [] for name in ("tick", "time", *measures)}

    def __enter__(self) -> Self:
        self._note(self._env)
        self._env.watchers.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._env.watchers.remove(self._note)

    def _note(self, env: Environment) -> None:
        if env.tick % self._every == 0:
            # All answers first, so that a measure that raises leaves no column longer than another.
            answers = [env.tick, env.time, *[measure(env) for measure in self._measures.values()]]
            for column, answer in zip(self.columns.values(), answers, strict=True):
                column.append(answer)

    def save(self, path: str | Path) -> None:
        """Write the columns; the suffix says how: ``.csv``, or ``.parquet`` (extra `parquet`)."""
        save_columns(self.columns, path)


def save_columns(columns: Mapping[str, list[Any]], path: str | Path) -> None:
    """Write columns of equal length into a CSV or a Parquet file, whole or not at all."""
    path = Path(path)
    if path.suffix == ".csv":
        text = io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(columns)
        rows.writerows(zip(*columns.values(), strict=True))
        write_whole(path, text.getvalue().encode())
    elif path.suffix == ".parquet":
        write_whole(path, _parquet(columns))
    else:
        raise BadDeclaration(str(path), f"The suffix {path.suffix!r} is unknown.", "Use .csv or .parquet.")


def _parquet(columns: Mapping[str, list[Any]]) -> bytes:
    pa, pq = required("pyarrow", "parquet"), required("pyarrow.parquet", "parquet")
    out = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(columns)), out)
    written: bytes = out.getvalue().to_pybytes()
    return written
