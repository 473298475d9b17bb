"""What cannot work is said in one clear message, with the right exit status, and leaves no job."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from batch_processor.cli import main

from .demo_process import jobs, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("text")
    return tmp_path / "in"


@pytest.mark.parametrize(
    "name, words",
    [
        ("gone", "the folder {path} does not exist. Name an existing one."),
        ("in/a.txt", "{path} is a file. Name the folder it lies in."),
        ("in/a.txt/deeper", "the folder {path} does not exist"),
    ],
)
def test_a_folder_that_is_none(folder: Path, name: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder.parent / name
    assert main([str(path), "--database", str(folder.parent / "jobs.db")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("batch-processor: " + words.format(path=path))
    assert not (folder.parent / "jobs.db").exists()


@pytest.mark.parametrize("count", ["0", "-1", "65", "two"])
def test_a_number_of_workers_that_makes_no_sense(folder: Path, count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(folder), "--workers", count])
    assert caught.value.code == 2
    assert re.search(rf"error: .*--workers.*{count}", capsys.readouterr().err)


async def refused(folder: Path, *arguments: object, database: Path | None = None) -> tuple[int, str]:
    """Exit status and message of a run that made no job."""
    kept = database or folder.parent / "state" / "jobs.db"
    status, output = await run(folder, "--database", kept, *arguments)
    assert "Traceback" not in output
    assert output.startswith("batch-processor: ")
    assert output.count("batch-processor: ") == 1
    if database is None:
        assert await jobs(kept) == []
    return status, output


async def test_a_port_in_use(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, output = await refused(folder, "--port", port)
    assert status == 4
    assert f"Port {port} on 127.0.0.1 is in use" in output


async def test_a_port_that_is_none(folder: Path) -> None:
    status, output = await refused(folder, "--port", 70000)
    assert status == 2
    assert "port must be between 0 and 65535, not 70000" in output


@pytest.mark.parametrize(
    "text, words",
    [
        ("[http\n", r"broken\.toml"),
        ("[http]\nprot = 1\n", r"(?s)broken\.toml:2.*prot.*port"),
        ("[orchestrator]\njob_lease = 0\n", "job_lease must be greater than 0"),
        ("[worker]\nconcurrency = 0\n", "concurrency must be greater than 0"),
        (None, r"broken\.toml"),
    ],
    ids=["no TOML", "unknown key", "wrong value", "wrong value for the workers", "missing"],
)
async def test_a_broken_configuration(folder: Path, text: str | None, words: str) -> None:
    path = folder.parent / "broken.toml"
    if text is not None:
        path.write_text(text)
    status, output = await refused(folder, "--config", path)
    assert status == 2
    assert re.search(words, output)


async def test_a_database_that_is_a_folder(folder: Path) -> None:
    status, output = await refused(folder, database=folder)
    assert (status, str(folder) in output) == (4, True)


async def test_a_database_that_is_a_text(folder: Path) -> None:
    notes = folder.parent / "notes.txt"
    notes.write_text("not a database\n" * 100)
    status, output = await refused(folder, database=notes)
    assert status == 4
    assert str(notes) in output
    assert "not an SQLite database" in output
    assert notes.read_text() == "not a database\n" * 100


async def test_a_database_in_a_folder_that_cannot_be_made(folder: Path) -> None:
    status, output = await refused(folder, database=folder / "a.txt" / "deeper" / "jobs.db")
    assert status == 2
    assert "cannot be made: Not a directory. Choose --database." in output


async def test_workers_that_cannot_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, state = folder.parent / "broken", folder.parent / "state"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import os, sys\nif 'FW_WORKER__ID' in os.environ:\n    os.write(2, b'no worker today\\n')\n    os._exit(7)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(broken))
    status, output = await run(folder, "--database", state / "jobs.db", "--workers", 1)
    assert status == 2
    [log] = re.findall(
        r"^batch-processor: worker-\d ended 4 times, last with status 7; see (\S+)$", output, re.MULTILINE
    )
    assert log.startswith(str(state))
    assert (state / Path(log).name).read_text().count("no worker today") == 4
    assert "Traceback" not in output
