"""`Facade`: how a plugin lets users declare things before anything runs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from framework.app import App

APPLICATION = "application"
"""The owner of everything that no plugin registered."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One declared thing: its kind and item, who declared it (a plugin, or ``application``) and where."""

    kind: str
    item: Any
    owner: str
    file: str
    line: int

    @property
    def place(self) -> str:
        """``file:line``, for error messages."""
        return f"{self.file}:{self.line}"


class Facade:
    """Base class: records declarations and starts nothing. One instance per App and class."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._declarations: list[Declaration] = []

    def declare(self, kind: str, item: Any) -> Declaration:
        """Record ``item``, stamped with its owner and with the nearest caller outside the facade's own package."""
        here = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads source files, this costs nothing
        caller = _outside(here, os.path.dirname(sys.modules[type(self).__module__].__file__ or ""))
        declaration = Declaration(kind, item, self.app.owner, caller.f_code.co_filename, caller.f_lineno)
        self._declarations.append(declaration)
        return declaration

    def declared(self, kind: str) -> list[Declaration]:
        """All declarations of a kind, in the order in which they were made."""
        return [declaration for declaration in self._declarations if declaration.kind == kind]

    @property
    def all_declared(self) -> list[Declaration]:
        """All declarations, of every kind."""
        return list(self._declarations)

    def forget_plugins(self) -> None:
        """Drop what plugins declared; what the application declared stays."""
        self._declarations = [d for d in self._declarations if d.owner == APPLICATION]


def _outside(frame: FrameType, package: str) -> FrameType:
    """The first frame up the stack whose code lies outside ``package``."""
    while frame.f_back is not None and frame.f_code.co_filename.startswith(package + os.sep):
        frame = frame.f_back
    return frame
