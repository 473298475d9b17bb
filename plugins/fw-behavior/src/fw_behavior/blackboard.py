"""`Blackboard`: what the nodes of one agent's tree know and tell each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast, overload

from fw_behavior.errors import AccessDenied, BehaviorError, MissingKey, WrongType

T = TypeVar("T")
Observer = Callable[[str, Any], None]
"""Is told key and new value."""

SCALARS = frozenset({int, float, str, bool, bytes, type(None)})
"""Types whose equal values are no change. Other values are compared by identity: to compare them may be dear or
ambiguous (arrays)."""

_ABSENT = object()


class Key(str, Generic[T]):
    """The name of an entry together with the type of its value, for type checkers: ``bb[Key[int]("hunger")]``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log."""

    version: int
    key: str
    value: Any


class Blackboard:
    """A mapping that notices changes. One for each agent; nothing here belongs to the process.

    ``types`` declares types of keys, which are checked on writing. ``log`` is the number of changes to remember.
    ``now`` is the time of the current tick in seconds, set by the tree. Keys are strings; ``/`` parts namespaces.
    ``@key`` is the same as ``key``: it is how a subtree names what is not its own.
    """

    __slots__ = (
        "_data",
        "_log",
        "_observers",
        "_owners",
        "_types",
        "_undo",
        "_watchers",
        "clock",
        "moment",
        "version",
        "versions",
    )

    def __init__(
        self, values: Mapping[str, Any] | None = None, *, types: Mapping[str, type] | None = None, log: int = 0
    ) -> None:
        self._data: dict[str, Any] = {}
        self._types = dict(types or {})
        self._observers: dict[str, list[Observer]] = {}
        self._watchers: list[Observer] = []
        self._owners: dict[str, str] = {}
        self._undo: dict[str, Any] | None = None
        self._log: deque[Change] | None = deque(maxlen=log) if log else None
        self.moment: float | None = 0.0
        """The time of the current tick; None: the clock was not asked yet."""
        self.clock: Callable[[], float] | None = None
        self.version = 0
        self.versions: dict[str, int] = {}
        for key, value in (values or {}).items():
            self[key] = value

    @property
    def now(self) -> float:
        """The time of the current tick, seconds. Read from the clock when it is first asked for."""
        if self.moment is None:
            self.moment = self.clock() if self.clock is not None else 0.0
        return self.moment

    @overload
    def __getitem__(self, key: Key[T]) -> T: ...

    @overload
    def __getitem__(self, key: str) -> Any: ...

    def __getitem__(self, key: str) -> Any:
        try:
            return self._data[key]
        except KeyError:
            if key.startswith("@"):
                return self[key[1:]]
            raise MissingKey(key, self._data) from None

    @overload
    def __setitem__(self, key: Key[T], value: T) -> None: ...

    @overload
    def __setitem__(self, key: str, value: Any) -> None: ...

    def __setitem__(self, key: str, value: Any) -> None:
        data = self._data
        old = data.get(key, _ABSENT)
        if old is value or (type(old) is type(value) and type(value) in SCALARS and old == value):
            return
        if old is _ABSENT and key.startswith("@"):
            self[key[1:]] = value
            return
        if self._types and key in self._types and not suits(value, self._types[key]):
            raise WrongType(key, value, self._types[key])
        data[key] = value
        self.version = self.versions[key] = self.version + 1
        if self._undo is not None:
            self._undo.setdefault(key, old)
        elif self._observers or self._watchers or self._log is not None:
            self._tell(key, value)

    def __delitem__(self, key: str) -> None:
        key = key.removeprefix("@")
        if key not in self._data:
            raise MissingKey(key, self._data)
        old = self._data.pop(key)
        self.version = self.versions[key] = self.version + 1
        if self._undo is not None:
            self._undo.setdefault(key, old)
        else:
            self._tell(key, None)

    def __contains__(self, key: str) -> bool:
        return key.removeprefix("@") in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or ``default`` where nobody wrote one."""
        return self._data.get(key.removeprefix("@"), default)

    def version_of(self, key: str) -> int:
        """The version at which ``key`` last changed; 0: never."""
        return self.versions.get(key.removeprefix("@"), 0)

    def _tell(self, key: str, value: Any) -> None:
        if self._log is not None:
            self._log.append(Change(self.version, key, value))
        for observer in (*self._observers.get(key, ()), *self._watchers):
            observer(key, value)

    def observe(self, key: str | None, observer: Observer) -> Callable[[], None]:
        """Call ``observer(key, value)`` after each change (None: of any key); what is returned ends that."""
        listed = self._watchers if key is None else self._observers.setdefault(key, [])
        listed.append(observer)

        def forget() -> None:
            if observer in listed:
                listed.remove(observer)
            if key is not None and not listed:
                self._observers.pop(key, None)

        return forget

    def changes(self, since: int = 0) -> list[Change]:
        """Logged changes after version ``since``, oldest first. Needs ``log=``."""
        if self._log is None:
            raise BehaviorError("This blackboard keeps no log. Make it with Blackboard(log=1000).")
        return [change for change in self._log if change.version > since]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside, or, where an exception leaves the block, none. Observers hear of each key once, at the
        end.

        One inside another is part of the outer.
        """
        if self._undo is not None:
            yield
            return
        undo = self._undo = {}
        versions, version = dict(self.versions), self.version
        try:
            yield
        except BaseException:
            for key, old in undo.items():
                self._put_back(key, old)
            self.versions, self.version = versions, version
            raise
        finally:
            self._undo = None
        for key, old in undo.items():
            if not _same(old, self._data.get(key, _ABSENT)):
                self._tell(key, self._data.get(key))

    def _put_back(self, key: str, old: Any) -> None:
        if old is _ABSENT:
            self._data.pop(key, None)
        else:
            self._data[key] = old

    def snapshot(self) -> dict[str, Any]:
        """A copy of all values and versions, for :meth:`restore`."""
        return {"values": deepcopy(self._data), "versions": dict(self.versions), "version": self.version}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Make everything as it was; observers hear of each key whose value differs. Not inside a transaction."""
        if self._undo is not None:
            raise BehaviorError("A restore was asked for inside a transaction. End the transaction first.")
        before = self._data
        self._data = deepcopy(cast("dict[str, Any]", snapshot["values"]))
        self.versions = dict(snapshot["versions"])
        self.version = snapshot["version"]
        for key in sorted({*before, *self._data}):
            old, new = before.get(key, _ABSENT), self._data.get(key, _ABSENT)
            if not _same(old, new):
                self._tell(key, None if new is _ABSENT else new)

    def claim(self, key: str, owner: str) -> None:
        """Reserve ``key`` for one writer; AccessDenied where another has it."""
        held = self._owners.setdefault(key, owner)
        if held != owner:
            raise AccessDenied(key, "exclusive", held)

    def owner_of(self, key: str) -> str:
        """Who alone may write ``key``, or ''."""
        return self._owners.get(key, "")


def suits(value: Any, wanted: type) -> bool:
    """Whether a value has a declared type; a whole number is a float, as for type checkers."""
    return isinstance(value, wanted) or (wanted is float and type(value) is int)


def _same(old: Any, new: Any) -> bool:
    """Whether to write ``new`` over ``old`` is no change."""
    return old is new or (type(old) is type(new) and type(new) in SCALARS and bool(old == new))


def check_rights(key: str, right: str, allowed: Iterable[str] | None) -> None:
    """AccessDenied unless ``allowed`` is None or has ``key``."""
    if allowed is not None and key not in allowed:
        raise AccessDenied(key, right)
