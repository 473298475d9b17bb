"""`Scope`: a blackboard seen through other names, as subtrees and ports do; `Restricted`: seen with fewer rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fw_behavior.blackboard import Blackboard, check_rights
from fw_behavior.errors import AccessDenied, MissingKey


class Scope:
    """A view of ``root``: a local name is a literal, is remapped, or lies below ``prefix``. ``@key`` is a root's key.

    ``names`` maps local names to names of the root, ``literals`` gives values that cannot be written.
    """

    __slots__ = ("_known", "literals", "prefix", "root")

    def __init__(self, root: Blackboard, prefix: str, names: Mapping[str, str], literals: Mapping[str, Any]) -> None:
        self.root = root
        self.prefix = prefix
        self.literals = dict(literals)
        self._known: dict[str, str] = dict(names)

    @property
    def now(self) -> float:
        """The time of the current tick."""
        return self.root.now

    def name(self, key: str) -> str:
        """What the root calls ``key``."""
        found = self._known.get(key)
        if found is None:
            self._known[key] = found = key[1:] if key.startswith("@") else self.outside(key)
        return found

    def outside(self, key: str) -> str:
        """What the root calls a name that was given no meaning."""
        return self.prefix + key

    def __getitem__(self, key: str) -> Any:
        if key in self.literals:
            return self.literals[key]
        name = self._known.get(key) or self.name(key)
        value = self.root.get(name, self)
        if value is self:
            raise MissingKey(key if name == key else f"{key} ({name})", self.root)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self.literals:
            raise AccessDenied(key, "write")
        self.root[self.name(key)] = value

    def __delitem__(self, key: str) -> None:
        del self.root[self.name(key)]

    def __contains__(self, key: str) -> bool:
        return key in self.literals or self.name(key) in self.root

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or ``default`` where nobody wrote one."""
        return self.literals[key] if key in self.literals else self.root.get(self.name(key), default)

    def version_of(self, key: str) -> int:
        """The version at which ``key`` last changed; 0: never."""
        return 0 if key in self.literals else self.root.version_of(self.name(key))


class Inherited(Scope):
    """A view whose other names are those of the view ``outer`` around it: leaves with ports, and autoremap."""

    __slots__ = ("outer",)

    def __init__(self, root: Blackboard, outer: Board, names: Mapping[str, str], literals: Mapping[str, Any]) -> None:
        super().__init__(root, "", names, literals)
        self.outer = outer
        if isinstance(outer, Scope):
            self.literals = {**{key: outer.literals[key] for key in outer.literals if key not in names}, **literals}

    def outside(self, key: str) -> str:
        """What the view around it makes of the name."""
        return self.outer.name(key) if isinstance(self.outer, Scope) else key


Board = Blackboard | Scope
"""The blackboard as a node sees it."""


class Restricted:
    """A view that may read and write only some keys (None: all).

    ``exclusive`` keys no other such view may write.
    """

    __slots__ = ("_board", "_exclusive", "_owner", "_read", "_write")

    def __init__(
        self,
        board: Blackboard,
        owner: str,
        *,
        read: Iterable[str] | None = None,
        write: Iterable[str] | None = None,
        exclusive: Iterable[str] = (),
    ) -> None:
        self._board = board
        self._owner = owner
        self._exclusive = frozenset(exclusive)
        self._write = None if write is None else frozenset(write) | self._exclusive
        self._read = None if read is None else frozenset(read) | (self._write or frozenset())
        for key in self._exclusive:
            board.claim(key, owner)

    @property
    def now(self) -> float:
        """The time of the current tick."""
        return self._board.now

    def __getitem__(self, key: str) -> Any:
        check_rights(key, "read", self._read)
        return self._board[key]

    def __setitem__(self, key: str, value: Any) -> None:
        check_rights(key, "write", self._write)
        held = self._board.owner_of(key)
        if held and held != self._owner:
            raise AccessDenied(key, "write", held)
        self._board[key] = value

    def __contains__(self, key: str) -> bool:
        check_rights(key, "read", self._read)
        return key in self._board

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or ``default`` where nobody wrote one."""
        check_rights(key, "read", self._read)
        return self._board.get(key, default)
