"""What cannot be opened is refused with the path, the reason and the remedy, and left as it was."""

# ruff: noqa: ASYNC240  (a test may wait for its own small files)

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from fw_orchestrator.model import Job
from fw_orchestrator.store import StoreError
from fw_store_sql import SQLStorage
from fw_store_sql.database import Database


def job(job_id: str) -> Job:
    return Job(id=job_id, blueprint="b", definition="d", state="s", created_at=1.0, updated_at=1.0)


async def refusal(path: Path, *, busy_timeout: float = 5.0) -> StoreError:
    """The error with which a file is refused."""
    store = SQLStorage(f"sqlite:///{path}", busy_timeout=busy_timeout)
    with pytest.raises(StoreError) as caught:
        await store.open()
    assert str(path) in caught.value.message
    assert caught.value.remedy
    with pytest.raises(StoreError, match="not open"):
        await store.jobs()
    return caught.value


@pytest.mark.parametrize(
    "url, named",
    [
        ("postgresql://me:secret@host/jobs", "postgresql"),
        ("sqlite+aiosqlite:///jobs.db", "sqlite+aiosqlite"),
        ("jobs.db", "jobs.db"),
        ("", "''"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "MemoryStorage"),
        ("sqlite://host/jobs.db", "host"),
        ("sqlite:///jobs.db?mode=ro", "mode=ro"),
    ],
)
def test_a_url_that_is_not_a_sqlite_file_is_refused(url: str, named: str) -> None:
    with pytest.raises(StoreError) as caught:
        SQLStorage(url)
    assert named in str(caught.value)
    assert "sqlite:///" in caught.value.remedy
    assert "secret" not in str(caught.value)


async def test_a_relative_path_means_the_folder_in_which_the_store_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = SQLStorage("sqlite:///jobs.db")
    monkeypatch.chdir("/")
    await store.open()
    await store.close()
    assert (tmp_path / "jobs.db").is_file()


async def test_a_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    error = await refusal(tmp_path / "missing" / "jobs.db")
    assert str(tmp_path / "missing") in error.remedy
    assert not (tmp_path / "missing").exists()


async def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    await refusal(tmp_path)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may write everywhere: be somebody else for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


async def test_a_folder_or_file_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    await store.close()
    (tmp_path / "jobs.db").chmod(0o400)
    tmp_path.chmod(0o500)
    with ordinary_user():
        assert "Permission denied" in (await refusal(tmp_path / "jobs.db")).message
        assert "Permission denied" in (await refusal(tmp_path / "new.db")).message
    tmp_path.chmod(0o700)


async def test_a_file_that_is_not_a_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database\n" * 100)
    assert "not an SQLite database" in (await refusal(path)).message
    assert path.read_text() == "not a database\n" * 100


async def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    before = path.read_bytes()
    assert "recipes" in (await refusal(path)).message
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "change, says",
    [
        ("UPDATE fw_job_store SET version = 99", "Upgrade fw-store-sql"),
        ("UPDATE fw_job_store SET version = 3", "written by an older fw-store-sql"),
        ("DELETE FROM fw_job_store", "It is damaged"),
        ("UPDATE fw_job_store SET version = 'x'", "found 'x'"),
    ],
)
async def test_a_schema_of_another_version_is_refused(tmp_path: Path, change: str, says: str) -> None:
    path = tmp_path / "jobs.db"
    store = SQLStorage(f"sqlite:///{path}")
    await store.open()
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
        connection.commit()
    assert says in str(await refusal(path))


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    store = SQLStorage(f"sqlite:///{path}")
    await store.open()
    await store.create([job(str(number)) for number in range(200)])
    await store.close()
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    assert "damaged" in (await refusal(path)).message


async def test_a_locked_database_is_reported_after_the_time_out_and_usable_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    store = SQLStorage(f"sqlite:///{path}", busy_timeout=0.05)
    await store.open()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another process"):
            await store.create([job("j")])
        assert await store.jobs() == []
        other.execute("ROLLBACK")
    await store.create([job("j")])
    await store.close()


async def test_calls_that_find_the_database_locked_wait_together(tmp_path: Path) -> None:
    """Not one after the other: five seconds each would be the better part of an hour."""
    path = tmp_path / "jobs.db"
    store = SQLStorage(f"sqlite:///{path}", busy_timeout=0.05)
    await store.open()
    begun: list[str] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        connection = store._database._connection
        assert connection is not None
        driver: Any = connection.connection.driver_connection
        await store._database.read(lambda _: driver.set_trace_callback(begun.append))
        found = await asyncio.gather(
            *(store.create([job(f"{number}")]) for number in range(20)), store.jobs(), return_exceptions=True
        )
        other.execute("ROLLBACK")
    assert ["locked by another process" in str(answer) for answer in found] == [True] * 20 + [False]
    assert found[-1] == []
    assert begun.count("BEGIN IMMEDIATE") <= 1
    await store.create([job("j")])
    await store.close()


async def test_a_new_file_that_another_program_has_locked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked" in (await refusal(path, busy_timeout=0.05)).message


async def test_a_new_file_that_another_program_reads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM sqlite_master")
        assert "locked" in (await refusal(path, busy_timeout=0.05)).message


async def test_a_new_file_that_another_process_is_just_creating_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself does not wait where two processes would wait for each other."""
    pragma, refused = Database._pragma, list[str]()

    def meeting(self: Database, text: str) -> object:
        if text == "journal_mode = WAL" and len(refused) < 3:
            refused.append(text)
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorcode, busy.sqlite_errorname = sqlite3.SQLITE_BUSY, "SQLITE_BUSY"
            raise StoreError("as told") from busy
        return pragma(self, text)

    monkeypatch.setattr(Database, "_pragma", meeting)
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    await store.create([job("j")])
    await store.close()
    assert len(refused) == 3


async def test_a_disk_on_which_no_write_ahead_log_can_be_kept_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "_write_ahead", lambda _: "delete")
    assert "local disk" in (await refusal(tmp_path / "jobs.db")).remedy


async def test_an_sqlite_that_is_too_old_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fw_store_sql.database.OLDEST_SQLITE", (99, 0))
    assert "needs SQLite 3.35 or newer" in (await refusal(tmp_path / "jobs.db")).message
    assert list(tmp_path.iterdir()) == []


async def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    umask = os.umask(0)
    try:
        await store.open()
        await store.create([job("j")])
    finally:
        os.umask(umask)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"jobs.db": 0o600, "jobs.db-wal": 0o600, "jobs.db-shm": 0o600}
    await store.close()


async def test_numbers_no_column_holds_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    store = SQLStorage(f"sqlite:///{tmp_path}/jobs.db")
    await store.open()
    for bad in (
        Job(id="j", blueprint="b", definition="d", state="s", created_at=1.0, updated_at=1.0, version=2**63),
        Job(id="j", blueprint="b", definition="d", state="s", created_at=float("nan"), updated_at=1.0),
        Job(id="j", blueprint="\ud800", definition="d", state="s", created_at=1.0, updated_at=1.0),
    ):
        with pytest.raises(StoreError, match=r"jobs\.db"):
            await store.create([job("fine"), bad])
    assert await store.jobs() == []
    await store.close()


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_is_deleted_or_replaced_while_it_is_open_is_missed(tmp_path: Path, replaced: bool) -> None:
    """What would be written to it would be gone with the process."""
    path = tmp_path / "jobs.db"
    store = SQLStorage(f"sqlite:///{path}")
    await store.open()
    await store.create([job("kept")])
    path.rename(tmp_path / "moved.db")
    if replaced:
        path.write_bytes(b"")
    with pytest.raises(StoreError, match="replaced" if replaced else "deleted or moved") as caught:
        await store.create([job("lost")])
    assert str(path) in caught.value.message
    assert caught.value.remedy
    path.unlink(missing_ok=True)
    (tmp_path / "moved.db").rename(path)
    await store.create([job("again")])
    await store.close()
    await store.open()
    assert sorted(one.id for one in await store.jobs()) == ["again", "kept"]
    await store.close()
