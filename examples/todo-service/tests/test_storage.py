"""One suite for everything that keeps todos."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from todo_service.application.repository import TodoRepository
from todo_service.domain.errors import AlreadyDone, TodoNotFound, WrongTitle
from todo_service.domain.todo import Todo
from todo_service.infrastructure.memory import MemoryTodos
from todo_service.infrastructure.sqlite import DatabaseUnusable, SqliteTodos


@pytest.fixture(params=["memory", "sqlite"])
async def todos(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TodoRepository]:
    """Started, and empty."""
    if request.param == "memory":
        yield MemoryTodos()
        return
    found = SqliteTodos(tmp_path / "todos.db")
    await found.start()
    yield found
    await found.stop()


async def test_what_is_added_is_there_in_order(todos: TodoRepository) -> None:
    added = [await todos.add(title) for title in ("one", "two", "three")]
    assert [todo.title for todo in added] == ["one", "two", "three"]
    assert await todos.list() == added
    assert await todos.get(added[1].number) == added[1]


async def test_no_number_is_used_twice(todos: TodoRepository) -> None:
    first = await todos.add("one")
    await todos.remove(first.number)
    assert (await todos.add("two")).number != first.number


async def test_a_title_that_is_refused_leaves_nothing(todos: TodoRepository) -> None:
    with pytest.raises(WrongTitle):
        await todos.add(" ")
    assert await todos.list() == []
    assert (await todos.add("one")).number == 1


async def test_a_change_that_raises_changes_nothing(todos: TodoRepository) -> None:
    todo = await todos.add("one")
    with pytest.raises(WrongTitle):
        await todos.update(todo.number, lambda found: found.renamed(""))
    assert await todos.get(todo.number) == todo


@pytest.mark.parametrize("number", [0, 7, -1, 10**30])
async def test_a_number_that_none_has(todos: TodoRepository, number: int) -> None:
    for call in (todos.get(number), todos.update(number, Todo.completed), todos.remove(number)):
        with pytest.raises(TodoNotFound) as caught:
            await call
        assert caught.value.number == number


async def test_of_many_who_complete_it_at_once_one_does(todos: TodoRepository) -> None:
    number = (await todos.add("one")).number
    done = await asyncio.gather(*(todos.update(number, Todo.completed) for _ in range(20)), return_exceptions=True)
    assert [result for result in done if isinstance(result, Todo)] == [Todo(number, "one", done=True)]
    assert sum(isinstance(result, AlreadyDone) for result in done) == 19


async def test_changes_of_two_who_share_a_file_are_all_kept(tmp_path: Path) -> None:
    both = [SqliteTodos(tmp_path / "todos.db"), SqliteTodos(tmp_path / "todos.db")]
    for each in both:
        await each.start()
    number = (await both[0].add("+")).number
    await asyncio.gather(
        *(each.update(number, lambda todo: todo.renamed(f"{todo.title}+")) for each in both for _ in range(20))
    )
    assert (await both[0].get(number)).title == "+" * 41
    for each in both:
        await each.stop()


async def test_a_call_that_is_cancelled_is_done_before_the_file_is_closed(tmp_path: Path) -> None:
    todos = SqliteTodos(tmp_path / "todos.db")
    await todos.start()
    calls = [asyncio.create_task(todos.add(f"{number}")) for number in range(20)]
    await asyncio.sleep(0)
    calls[-1].cancel()
    await todos.stop()
    await asyncio.gather(*calls, return_exceptions=True)
    connection = sqlite3.connect(tmp_path / "todos.db")
    assert connection.execute("SELECT count(*) FROM todos").fetchone()[0] in {19, 20}
    connection.close()


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database\n" * 100)
    with pytest.raises(DatabaseUnusable, match=r"notes\.txt cannot be used: .*Name another one in \[todos\] file"):
        await SqliteTodos(tmp_path / "notes.txt").start()
    assert (tmp_path / "notes.txt").read_text() == "not a database\n" * 100


async def test_a_file_that_has_gone_bad_is_ill(tmp_path: Path) -> None:
    todos = SqliteTodos(tmp_path / "todos.db")
    await todos.start()
    assert await todos.health() is None
    other = sqlite3.connect(tmp_path / "todos.db")
    other.execute("DROP TABLE todos")
    other.close()
    assert "no such table" in (await todos.health() or "")
    await todos.stop()
