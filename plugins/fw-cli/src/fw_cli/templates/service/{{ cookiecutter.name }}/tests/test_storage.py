"""One suite for everything that keeps notes."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from {{ cookiecutter.package }}.application.repository import NoteRepository
from {{ cookiecutter.package }}.domain.errors import NoteNotFound, WrongText
from {{ cookiecutter.package }}.domain.note import Note
from {{ cookiecutter.package }}.infrastructure.memory import MemoryNotes
from {{ cookiecutter.package }}.infrastructure.sqlite import DatabaseUnusable, SqliteNotes


@pytest.fixture(params=["memory", "sqlite"])
async def notes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[NoteRepository]:
    """Started, and empty."""
    found = SqliteNotes(tmp_path / "notes.db") if request.param == "sqlite" else None
    if found:
        await found.start()
    yield found or MemoryNotes()
    if found:
        await found.stop()


async def test_what_is_added_is_there_in_order(notes: NoteRepository) -> None:
    added = [await notes.add(text) for text in ("one", "two", "three")]
    assert await notes.list() == added == [Note(1, "one"), Note(2, "two"), Note(3, "three")]
    assert await notes.get(2) == added[1]


async def test_no_number_is_used_twice(notes: NoteRepository) -> None:
    first = await notes.add("one")
    await notes.remove(first.number)
    assert (await notes.add("two")).number != first.number


async def test_what_is_refused_leaves_nothing(notes: NoteRepository) -> None:
    with pytest.raises(WrongText):
        await notes.add(" ")
    assert await notes.list() == []
    note = await notes.add("one")
    with pytest.raises(WrongText):
        await notes.update(note.number, lambda found: found.edited(""))
    assert await notes.list() == [note]


@pytest.mark.parametrize("number", [0, 7, -1, 10**30])
async def test_a_number_that_none_has(notes: NoteRepository, number: int) -> None:
    for call in (notes.get(number), notes.update(number, lambda note: note), notes.remove(number)):
        with pytest.raises(NoteNotFound) as caught:
            await call
        assert caught.value.number == number


async def test_changes_made_at_once_are_all_kept(notes: NoteRepository) -> None:
    number = (await notes.add("+")).number
    await asyncio.gather(*(notes.update(number, lambda note: note.edited(f"{note.text}+")) for _ in range(20)))
    assert (await notes.get(number)).text == "+" * 21


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("not a database\n" * 100)
    with pytest.raises(DatabaseUnusable, match=r"other\.txt cannot be used: .*Name another one in \[storage\] file"):
        await SqliteNotes(tmp_path / "other.txt").start()
    assert (tmp_path / "other.txt").read_text() == "not a database\n" * 100


async def test_a_file_that_has_gone_bad_is_ill(tmp_path: Path) -> None:
    notes = SqliteNotes(tmp_path / "notes.db")
    await notes.start()
    assert await notes.health() is None
    other = sqlite3.connect(tmp_path / "notes.db")
    other.execute("DROP TABLE notes")
    other.close()
    assert "no such table" in (await notes.health() or "")
    await notes.stop()
