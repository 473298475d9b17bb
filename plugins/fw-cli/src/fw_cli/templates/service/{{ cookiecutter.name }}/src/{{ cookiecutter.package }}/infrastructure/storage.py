"""Which storage is used: the settings of section `[storage]`, and what they choose."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from {{ cookiecutter.package }}.application.repository import NoteRepository
from {{ cookiecutter.package }}.infrastructure.memory import MemoryNotes
from {{ cookiecutter.package }}.infrastructure.sqlite import SqliteNotes


@dataclass(frozen=True)
class StorageSettings:
    """``file`` is where ``sqlite`` keeps them, relative to the current folder."""

    kind: Literal["memory", "sqlite"] = "memory"
    file: Path = Path("notes.db")


def storage(settings: StorageSettings) -> NoteRepository:
    """The storage that the settings choose."""
    return SqliteNotes(settings.file) if settings.kind == "sqlite" else MemoryNotes()
