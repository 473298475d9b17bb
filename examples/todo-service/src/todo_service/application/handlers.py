"""What is done for each command. Parameters after the first are injected."""

from framework import App
from todo_service.application.messages import (
    AddTodo,
    CompleteTodo,
    ListTodos,
    RemoveTodo,
    RenameTodo,
    ShowTodo,
    TodoCompleted,
)
from todo_service.application.repository import TodoRepository
from todo_service.domain.todo import Todo


async def add(command: AddTodo, todos: TodoRepository) -> Todo:
    """Add a todo."""
    return await todos.add(command.title)


async def rename(command: RenameTodo, todos: TodoRepository) -> Todo:
    """Rename a todo."""
    return await todos.update(command.number, lambda todo: todo.renamed(command.title))


async def complete(command: CompleteTodo, todos: TodoRepository, app: App) -> Todo:
    """Complete a todo and tell whoever wants to know."""
    todo = await todos.update(command.number, Todo.completed)
    await app.publish(TodoCompleted(todo))
    return todo


async def remove(command: RemoveTodo, todos: TodoRepository) -> None:
    """Remove a todo."""
    await todos.remove(command.number)


async def show(command: ShowTodo, todos: TodoRepository) -> Todo:
    """Find a todo."""
    return await todos.get(command.number)


async def list_all(command: ListTodos, todos: TodoRepository) -> list[Todo]:
    """List todos."""
    return [todo for todo in await todos.list() if command.done in {None, todo.done}]
