"""Which storage is used: the settings of section `[todos]`, and what they choose."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from todo_service.application.repository import TodoRepository
from todo_service.infrastructure.memory import MemoryTodos
from todo_service.infrastructure.sqlite import SqliteTodos


@dataclass(frozen=True)
class TodoSettings:
    """``file`` is where ``sqlite`` keeps them, relative to the current folder."""

    storage: Literal["memory", "sqlite"] = "memory"
    file: Path = Path("todos.db")


def storage(settings: TodoSettings) -> TodoRepository:
    """The storage that the settings choose."""
    return SqliteTodos(settings.file) if settings.storage == "sqlite" else MemoryTodos()
