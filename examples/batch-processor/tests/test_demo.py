"""The whole demo: engine, workers, database and report, as a user starts it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from PIL import Image

from batch_processor.report import ROWS

from .demo_process import COMMAND, PATIENCE, DemoProcess, gone, jobs, run

pytestmark = pytest.mark.needs("posix")


class Finished:
    """One run over a folder of everything, and what it left."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.database = folder / "in", folder / "state" / "jobs.db"
        self.folder.mkdir()
        (self.folder / "words.txt").write_text("four words in here\n" * 1000)
        Image.new("RGB", (7, 5), "red").save(self.folder / "picture.png")
        (self.folder / "[red]markup.txt").write_text("x" * 30_000)
        (self.folder / "gone.txt").symlink_to("nowhere")
        os.mkfifo(self.folder / "pipe")
        Path(os.fsdecode(os.fsencode(self.folder) + b"/caf\xe9")).write_text("x")
        for number in range(ROWS):
            (self.folder / f"{number}.txt").write_text("x" * number)
        done = subprocess.run(
            [*COMMAND, self.folder, "--database", self.database],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self.status, self.output, self.errors = done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return Finished(tmp_path_factory.mktemp("demo"))


def test_it_succeeds_though_some_files_cannot_be_read(finished: Finished) -> None:
    assert (finished.status, finished.errors) == (0, "")
    assert f"{ROWS + 3} files, " in finished.output
    assert ", 3 unreadable" in finished.output


def test_the_table_shows_the_largest_files_first_and_counts_the_rest(finished: Finished) -> None:
    rows = [line for line in finished.output.splitlines() if line.startswith("│")]
    assert re.search(r"^│ \[red\]markup\.txt +│ text/plain +│ +30,000 │ [0-9a-f]{12} │ +1 words │$", rows[0])
    assert re.search(r"^│ words\.txt +│ text/plain +│ +19,000 │ [0-9a-f]{12} │ +4,000 words │$", rows[1])
    assert re.search(r"^│ picture\.png +│ image/png .* 7 x 5 px │$", rows[2])
    assert "… and 3 smaller ones" in finished.output


@pytest.mark.parametrize(
    "name, reason",
    [
        ("gone.txt", "No such file or directory"),
        ("pipe", "not a regular file"),
        ("caf\\udce9", "not valid UTF-8"),
    ],
)
def test_what_could_not_be_read_is_shown_with_the_reason(finished: Finished, name: str, reason: str) -> None:
    text = re.sub(r"[│\s]+", " ", finished.output)
    assert re.search(rf" {re.escape(name)} unreadable: [^:]*{reason}", text)


def test_the_history_of_the_job_is_told(finished: Finished) -> None:
    history = finished.output.partition("history of the job")[2].partition("where to look next")[0]
    events = re.findall(r"\d\d:\d\d:\d\d  (\w+) +(\w+)", history)
    assert events == [
        ("job_created", "start"),
        ("tasks_dispatched", "start"),
        ("task_finished", "start"),
        ("state_entered", "inspect"),
        ("tasks_dispatched", "inspect"),
        ("task_finished", "inspect"),
        ("state_entered", "summary"),
        ("state_entered", "done"),
        ("job_finished", "done"),
    ]
    shares = re.findall(r"(\d+) by worker-[12]", history.splitlines()[6])
    assert sum(map(int, shares)) == ROWS + 5


def test_progress_is_told_without_a_terminal(finished: Finished) -> None:
    assert re.search(r"^\w+: \d+ of \d+ tasks, \d+ %$", finished.output, re.MULTILINE)
    assert "\x1b" not in finished.output


async def test_the_database_keeps_the_result_for_its_owner(finished: Finished) -> None:
    [job] = await jobs(finished.database)
    assert job.status == "finished"
    assert len(job.result["files"]) == ROWS + 3
    assert stat.S_IMODE(finished.database.stat().st_mode) == 0o600


def test_no_token_is_in_the_output_or_the_logs(finished: Finished) -> None:
    logs = [path.read_text() for path in finished.database.parent.glob("*.log")]
    assert len(logs) == 2
    assert "is registered at http://127.0.0.1:" in "".join(logs)
    assert "oken" not in "".join([*logs, finished.output])


def test_the_places_named_at_the_end_exist(finished: Finished) -> None:
    for name in re.findall(r"examples/\S+\.md", finished.output):
        assert (Path(__file__).parents[3] / name).is_file()
    assert str(finished.database) in finished.output


async def test_a_second_run_makes_a_second_job(finished: Finished) -> None:
    status, output = await run(finished.folder, "--database", finished.database)
    assert status == 0
    assert "continuing" not in output
    assert [job.status for job in await jobs(finished.database)] == ["finished", "finished"]


def test_on_a_terminal_there_is_a_progress_bar(tmp_path: Path) -> None:
    import pty

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("text")
    terminal, inner = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, tmp_path / "in", "--database", tmp_path / "jobs.db", "--workers", "1"],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"},
    ) as process:
        os.close(inner)
        shown = bytearray()
        try:
            while chunk := os.read(terminal, 65536):
                shown += chunk
        except OSError:
            # Linux ends a terminal whose other side is closed with an error.
            assert shown
        finally:
            os.close(terminal)
        assert process.wait(PATIENCE) == 0
    text = shown.decode()
    assert "\x1b[?25l" in text
    assert "━━━━" in text
    assert "0/1" in text
    assert "a.txt" in text


async def test_serve_answers_until_it_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("one two")
    async with DemoProcess(tmp_path / "in", "--serve", "--database", tmp_path / "jobs.db", "--workers", "1") as demo:
        found = await demo.line(r"curl -H 'X-Client-Token: (\S+)' (http\S+)")
        request = Request(found[2], headers={"X-Client-Token": found[1]})  # noqa: S310 - our own server

        def answer() -> bytes:
            with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - our own server
                content: bytes = response.read()
                return content

        assert json.loads(await asyncio.to_thread(answer))["result"]["files"][0]["words"] == 2
        demo.interrupt()
        status, output = await demo.end()
        assert (status, "Traceback" in output) == (0, False)
        await gone(demo.workers)
