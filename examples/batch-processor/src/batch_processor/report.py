"""What the demo shows: a progress bar, a table of files, the job's history."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

ROWS = 20


def console() -> Console:
    """Standard output: as wide as the terminal, or 120 columns where there is none."""
    found = Console()
    return found if found.is_terminal else Console(width=120)


@contextmanager
def progress(console: Console) -> Iterator[Callable[[dict[str, Any]], None]]:
    """Gives a function that is told the job as it stands: a bar on a terminal, a line per tenth elsewhere."""
    if not console.is_terminal:
        yield _Lines(console).show
        return
    columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        bar = bars.add_task("starting", total=None)
        yield lambda job: bars.update(
            bar, description=job["current_state"], total=job["tasks_total"] or None, completed=_done(job)
        )


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: tuple[str, int] | None = None

    def show(self, job: dict[str, Any]) -> None:
        now = (job["current_state"], job["progress"] // 10)
        if now != self._last:
            self._last = now
            self._console.print(
                f"{job['current_state']}: {_done(job)} of {job['tasks_total']} tasks, {job['progress']} %"
            )


def _done(job: dict[str, Any]) -> int:
    return int(job["tasks_total"] - job["tasks_open"])


def files_table(result: dict[str, Any]) -> Table:
    """The largest files, what could not be read, and the sum."""
    files = sorted(result["files"], key=lambda file: -file["size"])
    table = Table(title=f"{len(files)} files, {result['bytes']:,} bytes, {len(result['unreadable'])} unreadable")
    for heading in ("file", "type"):
        table.add_column(heading, overflow="fold")
    for heading in ("bytes", "sha256", "content"):
        table.add_column(heading, justify="right", no_wrap=True)
    for file in files[:ROWS]:
        table.add_row(Text(file["path"]), file["type"], f"{file['size']:,}", file["sha256"][:12], _content(file))
    if len(files) > ROWS:
        table.add_row(f"… and {len(files) - ROWS} smaller ones")
    for problem in result["unreadable"][:ROWS]:
        table.add_row(Text(problem["path"]), Text(f"unreadable: {problem['reason']}", style="red"))
    return table


def _content(file: dict[str, Any]) -> str:
    if "width" in file:
        return f"{file['width']} x {file['height']} px"
    return f"{file['words']:,} words" if "words" in file else ""


def history_lines(history: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One line per event; the ends of tasks that follow each other are counted."""
    ended: list[dict[str, Any]] = []
    for entry in [*history, {"event": ""}]:
        if entry["event"] == "task_finished":
            ended.append(entry)
            continue
        if ended:
            yield _ended_line(ended)
            ended = []
        if entry["event"]:
            detail = ", ".join(f"{key} {value}" for key, value in entry["detail"].items())
            yield f"{_clock(entry)}  {entry['event']:17} {entry['state']:9} {detail}"


def _ended_line(ended: Sequence[dict[str, Any]]) -> str:
    by_worker = Counter(entry["detail"]["worker_id"] for entry in ended)
    shares = ", ".join(f"{count} by {worker}" for worker, count in sorted(by_worker.items()))
    return f"{_clock(ended[-1])}  {'task_finished':17} {ended[-1]['state']:9} {shares}"


def _clock(entry: dict[str, Any]) -> str:
    return time.strftime("%H:%M:%S", time.localtime(entry["at"]))
