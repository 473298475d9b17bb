"""`Track`: what one pawn does, for a `ReplayController` or for learning from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fw_environment.action import Action, ActionHandle

if TYPE_CHECKING:
    from fw_environment.environment import Environment
    from fw_environment.pawn import Pawn


class Track:
    """Records the actions of a pawn, whoever controls it; a context manager that gives the list of (step, action).

    Steps count from where it was entered. An action counts in the step in which it begins.
    """

    def __init__(self, pawn: Pawn) -> None:
        self._pawn = pawn
        self._env = pawn.env
        self._first = self._env.tick
        self._last: dict[str, ActionHandle] = {}
        self.steps: list[tuple[int, Action]] = []

    def __enter__(self) -> list[tuple[int, Action]]:
        self._first = self._env.tick
        self._last = {name: handle for name, handle in self._pawn.acts.items() if handle.ticks}
        self._env.watchers.append(self._keep)
        return self.steps

    def __exit__(self, *_: object) -> None:
        self._env.watchers.remove(self._keep)

    def _keep(self, env: Environment) -> None:
        for name, handle in self._pawn.acts.items():
            if handle.ticks and handle is not self._last.get(name):
                self._last[name] = handle
                self.steps.append((env.tick - 1 - self._first, handle.action))
