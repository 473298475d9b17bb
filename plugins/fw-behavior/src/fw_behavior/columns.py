"""`Columns`: the blackboards of all agents of a batch, and the views of them that nodes get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fw_behavior.errors import AccessDenied, BadTree, MissingKey, WrongType
from fw_behavior.scope import Scope

Bytes = NDArray[np.uint8]


class Board(Protocol):
    """The columns of all agents, as a node sees them."""

    @property
    def agents(self) -> int:
        """How many."""
        ...

    @property
    def now(self) -> float:
        """The time of the current tick."""
        ...

    def __getitem__(self, key: str, /) -> NDArray[Any]: ...

    def __setitem__(self, key: str, column: Any, /) -> None: ...


class Columns:
    """The blackboards of all agents: an array for each key, one entry for each agent."""

    def __init__(self, agents: int, columns: Mapping[str, Any]) -> None:
        self.agents = agents
        self.now = 0.0
        self._columns: dict[str, NDArray[Any]] = {}
        for key, column in columns.items():
            self[key] = column

    def __getitem__(self, key: str) -> NDArray[Any]:
        try:
            return self._columns[key.removeprefix("@")]
        except KeyError:
            raise MissingKey(key, self._columns) from None

    def __setitem__(self, key: str, column: Any) -> None:
        array = np.asarray(column)
        if array.ndim == 0:
            array = np.full(self.agents, array)
        if len(array) != self.agents:
            raise BadTree(key, f"The column has {len(array)} entries for {self.agents} agents.", "Give one for each.")
        self._columns[key.removeprefix("@")] = array

    def __contains__(self, key: str) -> bool:
        return key.removeprefix("@") in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)


class Remapped:
    """Columns by other names, as subtrees and ports give them: what `Scope` is for one agent."""

    def __init__(self, columns: Columns, scope: Scope) -> None:
        self._columns = columns
        self._scope = scope
        self._constants: dict[str, NDArray[Any]] = {}
        for key, value in scope.literals.items():
            self._constants[key] = array = np.full(columns.agents, value)
            array.setflags(write=False)

    @property
    def agents(self) -> int:
        """How many."""
        return self._columns.agents

    @property
    def now(self) -> float:
        """The time of the current tick."""
        return self._columns.now

    def __getitem__(self, key: str) -> NDArray[Any]:
        found = self._constants.get(key)
        return self._columns[self._scope.name(key)] if found is None else found

    def __setitem__(self, key: str, column: Any) -> None:
        if key in self._constants:
            raise AccessDenied(key, "write")
        self._columns[self._scope.name(key)] = column

    def __contains__(self, key: str) -> bool:
        return key in self._constants or self._scope.name(key) in self._columns


class Masked:
    """A board in which only the entries of the agents of ``mask`` are written: how a script runs for some of them."""

    def __init__(self, board: Board, mask: Bytes) -> None:
        self._board = board
        self._mask = mask != 0

    def __getitem__(self, key: str) -> NDArray[Any]:
        return self._board[key]

    def __setitem__(self, key: str, value: Any) -> None:
        old, new = self._board[key], np.asarray(value)
        if (old.dtype.kind in "biuf") != (new.dtype.kind in "biuf"):
            raise WrongType(key, value, type(old[:1].tolist()[0]))
        if np.result_type(old, new) == old.dtype and old.flags.writeable:
            np.copyto(old, new, where=self._mask, casting="same_kind")
        else:
            # A value that the column has no room for: text that is longer, a float among integers.
            self._board[key] = np.where(self._mask, new, old)
