"""The rules need nothing but Python."""

from __future__ import annotations

import pytest

from todo_service.domain.errors import AlreadyDone, WrongTitle
from todo_service.domain.todo import Todo


def test_what_is_done_stays_done() -> None:
    todo = Todo(1, "buy milk")
    assert todo.completed() == Todo(1, "buy milk", done=True)
    assert not todo.done
    with pytest.raises(AlreadyDone, match="Todo 1 is done already"):
        todo.completed().completed()


def test_a_new_title_changes_nothing_else() -> None:
    assert Todo(1, "buy milk", done=True).renamed("buy oat milk") == Todo(1, "buy oat milk", done=True)


@pytest.mark.parametrize("title", ["", "  \n", "x" * 201])
def test_a_title_that_says_nothing_or_too_much(title: str) -> None:
    with pytest.raises(WrongTitle, match=rf"1 to 200 characters .* not {len(title.strip())}\."):
        Todo(1, title)
    with pytest.raises(WrongTitle):
        Todo(1, "buy milk").renamed(title)


def test_a_title_may_be_as_long_as_it_says() -> None:
    assert Todo(1, "x" * 200).title == "x" * 200
