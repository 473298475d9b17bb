"""What may be wrong with a todo."""


class TodoError(Exception):
    """Base of the errors of the domain; the message is meant for whoever uses the service."""


class TodoNotFound(TodoError):
    """There is no todo of that number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"There is no todo {number}.")


class AlreadyDone(TodoError):
    """What is done cannot be done again."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"Todo {number} is done already.")


class WrongTitle(TodoError):
    """A title must say something, and not too much."""

    def __init__(self, length: int, longest: int) -> None:
        self.length = length
        super().__init__(f"A title has 1 to {longest} characters beside spaces around it, not {length}.")
