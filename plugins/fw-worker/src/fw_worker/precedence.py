"""Whose turn it is among several orchestrators."""

import asyncio


class Precedence:
    """`turns[i]` is set while orchestrator i may be asked: always, or only while none before it answers.

    Each is held to answer until it is seen not to.
    """

    def __init__(self, count: int, *, failover: bool) -> None:
        self._failover = failover
        self._answers = [True] * count
        self.turns = [asyncio.Event() for _ in range(count)]
        self._decide()

    def note(self, index: int, *, answers: bool) -> None:
        """An orchestrator has answered, or has not."""
        self._answers[index] = answers
        self._decide()

    def _decide(self) -> None:
        earlier_answers = False
        for turn, answers in zip(self.turns, self._answers, strict=True):
            if self._failover and earlier_answers:
                turn.clear()
            else:
                turn.set()
            earlier_answers = earlier_answers or answers


class Turn:
    """One orchestrator's place in the precedence."""

    def __init__(self, precedence: Precedence, index: int) -> None:
        self._precedence = precedence
        self._index = index

    @property
    def come(self) -> asyncio.Event:
        """Set while this one may be asked."""
        return self._precedence.turns[self._index]

    def note(self, *, answers: bool) -> None:
        """It has answered, or has not."""
        self._precedence.note(self._index, answers=answers)
