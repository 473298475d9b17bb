"""`Demonstration`: what somebody does with a pawn, as data to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from fw_gym.files import read_arrays, write_arrays
from fw_gym.interface import Interface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fw_environment import Environment, Pawn


class Example(NamedTuple):
    """One step: what was seen, what was done, and whether the demonstration ends with it."""

    observation: Any
    action: Any
    last: bool


class Demonstration:
    """A context manager that records a pawn, whoever controls it: a person, a tree, a policy.

    Steps in which an effector rests are left out: an action of the space has a value for each. Several recordings
    may be made one after another; the last step of each is marked.
    """

    def __init__(self, kind: type[Pawn]) -> None:
        self.examples: list[Example] = []
        self._interface = Interface(kind)
        self._pawn: Pawn | None = None
        self._seen: Any = None
        self._ticks: dict[str, tuple[int, int]] = {}

    def of(self, pawn: Pawn) -> Self:
        """Record this pawn: ``with demonstration.of(pawn): ...``"""
        self._pawn = pawn
        return self

    def __enter__(self) -> Self:
        pawn = self._pawn
        if pawn is None:
            raise RuntimeError("No pawn is recorded: write `with demonstration.of(pawn):`.")
        self._look(pawn)
        self._env = pawn.env
        self._env.watchers.append(self._keep)
        return self

    def __exit__(self, *_: object) -> None:
        self._env.watchers.remove(self._keep)
        self._pawn = None
        if self.examples:
            self.examples[-1] = self.examples[-1]._replace(last=True)

    def _keep(self, env: Environment) -> None:
        pawn = self._pawn
        if pawn is None or not pawn.alive:
            return
        done = {
            name: handle.action.params
            for name, handle in pawn.acts.items()
            if (id(handle), handle.ticks) != self._ticks.get(name) and handle.ticks
        }
        if done.keys() == self._interface.effectors.keys():
            self.examples.append(Example(self._seen, self._interface.action(done), last=False))
        self._look(pawn)

    def _look(self, pawn: Pawn) -> None:
        self._seen = self._interface.observation(pawn.observe())
        self._ticks = {name: (id(handle), handle.ticks) for name, handle in pawn.acts.items()}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Columns: ``observation``, ``action`` and ``last``; parts of a ``Dict`` have columns like ``action/walk``."""
        columns: dict[str, list[Any]] = {}
        for example in self.examples:
            for name, value in example._asdict().items():
                parts = {f"{name}/{part}": item for part, item in value.items()} if isinstance(value, dict) else {}
                for column, item in (parts or {name: value}).items():
                    columns.setdefault(column, []).append(item)
        return {name: np.array(values) for name, values in columns.items()}

    def save(self, path: str | Path) -> None:
        """Write the columns as ``.npz``; the file appears when it is complete."""
        write_arrays(path, self.arrays())


def read_demonstration(path: str | Path) -> dict[str, NDArray[Any]]:
    """The columns of a saved demonstration."""
    return read_arrays(path)
