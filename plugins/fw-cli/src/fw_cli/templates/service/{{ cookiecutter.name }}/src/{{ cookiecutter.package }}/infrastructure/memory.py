"""`MemoryNotes`: notes that live as long as the process."""

from collections.abc import Callable

from {{ cookiecutter.package }}.application.repository import NoteRepository
from {{ cookiecutter.package }}.domain.errors import NoteNotFound
from {{ cookiecutter.package }}.domain.note import Note


class MemoryNotes(NoteRepository):
    """No method awaits anything, so none is ever interrupted by another."""

    def __init__(self) -> None:
        self._notes: dict[int, Note] = {}
        self._last = 0

    async def add(self, text: str) -> Note:
        """See the port."""
        note = self._notes[self._last + 1] = Note(self._last + 1, text)
        self._last = note.number
        return note

    async def get(self, number: int) -> Note:
        """See the port."""
        if number not in self._notes:
            raise NoteNotFound(number)
        return self._notes[number]

    async def list(self) -> list[Note]:
        """See the port."""
        return list(self._notes.values())

    async def update(self, number: int, change: Callable[[Note], Note]) -> Note:
        """See the port."""
        note = self._notes[number] = change(await self.get(number))
        return note

    async def remove(self, number: int) -> None:
        """See the port."""
        if self._notes.pop(number, None) is None:
            raise NoteNotFound(number)
