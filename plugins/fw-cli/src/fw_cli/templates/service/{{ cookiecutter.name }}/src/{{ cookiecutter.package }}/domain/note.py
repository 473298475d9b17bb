"""`Note`: a text with a number, and the rules it obeys."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from {{ cookiecutter.package }}.domain.errors import WrongText


@dataclass(frozen=True)
class Note:
    """Never changes; what would change it gives another one. Raises :class:`WrongText`."""

    LONGEST: ClassVar[int] = 1000

    number: int
    text: str

    def __post_init__(self) -> None:
        length = len(self.text.strip())
        if not 1 <= length <= self.LONGEST:
            raise WrongText(length, self.LONGEST)

    def edited(self, text: str) -> Self:
        """The same note with another text. Raises :class:`WrongText`."""
        return replace(self, text=text)
