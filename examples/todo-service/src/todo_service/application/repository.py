"""`TodoRepository`: the port behind which todos are kept. `infrastructure` has two of them, one suite tests both."""

from abc import abstractmethod
from collections.abc import Callable

from framework import Component
from todo_service.domain.todo import Todo


class TodoRepository(Component):
    """Every method does all of its work or none; what is there when it returns is kept."""

    @abstractmethod
    async def add(self, title: str) -> Todo:
        """Keep a new todo under a number that none has had. Raises :class:`WrongTitle`."""

    @abstractmethod
    async def get(self, number: int) -> Todo:
        """One todo. Raises :class:`TodoNotFound`."""

    @abstractmethod
    async def list(self) -> list[Todo]:
        """All of them in the order of their numbers."""

    @abstractmethod
    async def update(self, number: int, change: Callable[[Todo], Todo]) -> Todo:
        """Keep what ``change`` makes of a todo; no other update comes between.

        Raises :class:`TodoNotFound` and whatever ``change`` raises, which must be quick and may run in a thread.
        """

    @abstractmethod
    async def remove(self, number: int) -> None:
        """Forget a todo. Raises :class:`TodoNotFound`."""
