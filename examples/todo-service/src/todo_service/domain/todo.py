"""`Todo`: one thing to do, and the rules it obeys."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from todo_service.domain.errors import AlreadyDone, WrongTitle


@dataclass(frozen=True)
class Todo:
    """Never changes; what would change it gives another one. Raises :class:`WrongTitle`."""

    LONGEST_TITLE: ClassVar[int] = 200

    number: int
    title: str
    done: bool = False

    def __post_init__(self) -> None:
        length = len(self.title.strip())
        if not 1 <= length <= self.LONGEST_TITLE:
            raise WrongTitle(length, self.LONGEST_TITLE)

    def renamed(self, title: str) -> Self:
        """The same todo with another title. Raises :class:`WrongTitle`."""
        return replace(self, title=title)

    def completed(self) -> Self:
        """The todo, done. Raises :class:`AlreadyDone`."""
        if self.done:
            raise AlreadyDone(self.number)
        return replace(self, done=True)
