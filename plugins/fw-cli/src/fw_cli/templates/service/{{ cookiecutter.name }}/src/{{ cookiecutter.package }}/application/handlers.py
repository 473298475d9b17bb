"""What is done for each command. Parameters after the first are injected."""

from framework import App

from {{ cookiecutter.package }}.application.messages import (
    AddNote,
    EditNote,
    ListNotes,
    NoteAdded,
    RemoveNote,
    ShowNote,
)
from {{ cookiecutter.package }}.application.repository import NoteRepository
from {{ cookiecutter.package }}.domain.note import Note


async def add(command: AddNote, notes: NoteRepository, app: App) -> Note:
    """Add a note and tell whoever wants to know."""
    note = await notes.add(command.text)
    await app.publish(NoteAdded(note))
    return note


async def edit(command: EditNote, notes: NoteRepository) -> Note:
    """Change a note."""
    return await notes.update(command.number, lambda note: note.edited(command.text))


async def remove(command: RemoveNote, notes: NoteRepository) -> None:
    """Remove a note."""
    await notes.remove(command.number)


async def show(command: ShowNote, notes: NoteRepository) -> Note:
    """Find a note."""
    return await notes.get(command.number)


async def list_all(command: ListNotes, notes: NoteRepository) -> list[Note]:
    """List notes."""
    return await notes.list()
