"""`MemoryTodos`: todos that live as long as the process."""

from collections.abc import Callable

from todo_service.application.repository import TodoRepository
from todo_service.domain.errors import TodoNotFound
from todo_service.domain.todo import Todo


class MemoryTodos(TodoRepository):
    """No method awaits anything, so none is ever interrupted by another."""

    def __init__(self) -> None:
        self._todos: dict[int, Todo] = {}
        self._last = 0

    async def add(self, title: str) -> Todo:
        """See the port."""
        todo = self._todos[self._last + 1] = Todo(self._last + 1, title)
        self._last = todo.number
        return todo

    async def get(self, number: int) -> Todo:
        """See the port."""
        if number not in self._todos:
            raise TodoNotFound(number)
        return self._todos[number]

    async def list(self) -> list[Todo]:
        """See the port."""
        return list(self._todos.values())

    async def update(self, number: int, change: Callable[[Todo], Todo]) -> Todo:
        """See the port."""
        todo = self._todos[number] = change(await self.get(number))
        return todo

    async def remove(self, number: int) -> None:
        """See the port."""
        if self._todos.pop(number, None) is None:
            raise TodoNotFound(number)
