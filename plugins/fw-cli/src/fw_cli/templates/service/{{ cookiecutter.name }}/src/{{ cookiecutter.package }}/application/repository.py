"""`NoteRepository`: the port behind which notes are kept. `infrastructure` has two of them, one suite tests both."""

from abc import abstractmethod
from collections.abc import Callable

from framework import Component

from {{ cookiecutter.package }}.domain.note import Note


class NoteRepository(Component):
    """Every method does all of its work or none; what is there when it returns is kept."""

    @abstractmethod
    async def add(self, text: str) -> Note:
        """Keep a new note under a number that none has had. Raises :class:`WrongText`."""

    @abstractmethod
    async def get(self, number: int) -> Note:
        """One note. Raises :class:`NoteNotFound`."""

    @abstractmethod
    async def list(self) -> list[Note]:
        """All of them in the order of their numbers."""

    @abstractmethod
    async def update(self, number: int, change: Callable[[Note], Note]) -> Note:
        """Keep what ``change`` makes of a note; no other update comes between.

        Raises :class:`NoteNotFound` and whatever ``change`` raises, which must be quick and may run in a thread.
        """

    @abstractmethod
    async def remove(self, number: int) -> None:
        """Forget a note. Raises :class:`NoteNotFound`."""
