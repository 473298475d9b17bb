"""Commands and events. Those that `app` exposes are operations of the HTTP interface, described by their docstrings."""

from dataclasses import dataclass

from framework import Command, Event

from {{ cookiecutter.package }}.domain.note import Note


@dataclass(frozen=True)
class AddNote(Command[Note]):
    """Keep a note."""

    text: str


@dataclass(frozen=True)
class EditNote(Command[Note]):
    """Give a note another text."""

    number: int
    text: str


@dataclass(frozen=True)
class RemoveNote(Command[None]):
    """Forget a note."""

    number: int


@dataclass(frozen=True)
class ShowNote(Command[Note]):
    """One note."""

    number: int


@dataclass(frozen=True)
class ListNotes(Command[list[Note]]):
    """All notes in the order of their numbers."""


@dataclass(frozen=True)
class NoteAdded(Event):
    """A note has been added."""

    note: Note
