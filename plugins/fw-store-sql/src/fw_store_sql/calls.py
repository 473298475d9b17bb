"""`Call`: a piece of work that waits for its turn at the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

Many = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Does for each of several arguments what it would do for them one after the other; an answer for each, in order."""


class Call:
    """An argument for a function of a connection, whether that writes, and who waits for its answer."""

    __slots__ = ("answer", "argument", "error", "many", "result", "writes")

    def __init__(self, many: Many, argument: Any, answer: asyncio.Future[Any], *, writes: bool) -> None:
        self.many = many
        self.argument = argument
        self.writes = writes
        self.answer = answer
        self.result: Any = None
        self.error: BaseException | None = None

    def alone(self, connection: Connection) -> Any:
        """The answer, if nothing else waits."""
        [answer] = self.many(connection, [self.argument])
        return answer

    def tell(self) -> None:
        """Give the answer to whoever still waits."""
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


def all_answers(connection: Connection, calls: Sequence[Call]) -> list[Any]:
    """The answers of calls, in order; neighbours that ask the same function share it."""
    answers: list[Any] = []
    for many, neighbours in groupby(calls, key=attrgetter("many")):
        answers += many(connection, [call.argument for call in neighbours])
    return answers
