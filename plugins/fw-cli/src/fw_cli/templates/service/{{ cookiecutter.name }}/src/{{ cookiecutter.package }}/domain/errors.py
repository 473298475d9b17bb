"""What may be wrong with a note."""


class NoteError(Exception):
    """Base of the errors of the domain; the message is meant for whoever uses the service."""


class NoteNotFound(NoteError):  # noqa: N818 - says the fact
    """There is no note of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"There is no note {number}.")


class WrongText(NoteError):  # noqa: N818 - says the fact
    """A note must say something, and not too much."""

    def __init__(self, length: int, longest: int) -> None:
        self.length = length
        super().__init__(f"A note has 1 to {longest} characters beside spaces around it, not {length}.")
