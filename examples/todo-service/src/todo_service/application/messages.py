"""Commands and events. Each command is also an operation of the HTTP interface, described by its docstring."""

from dataclasses import dataclass

from framework import Command, Event
from todo_service.domain.todo import Todo


@dataclass(frozen=True)
class AddTodo(Command[Todo]):
    """Something more to do."""

    title: str


@dataclass(frozen=True)
class RenameTodo(Command[Todo]):
    """Say it in other words."""

    number: int
    title: str


@dataclass(frozen=True)
class CompleteTodo(Command[Todo]):
    """It is done."""

    number: int


@dataclass(frozen=True)
class RemoveTodo(Command[None]):
    """Forget it, done or not."""

    number: int


@dataclass(frozen=True)
class ShowTodo(Command[Todo]):
    """One todo."""

    number: int


@dataclass(frozen=True)
class ListTodos(Command[list[Todo]]):
    """All todos in the order of their numbers; only those that are done, or not, if ``done`` says so."""

    done: bool | None = None


@dataclass(frozen=True)
class TodoCompleted(Event):
    """A todo has been done."""

    todo: Todo
