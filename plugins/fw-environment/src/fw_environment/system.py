"""`System`: many things of one kind as a structure of arrays, moved by whole columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from fw_environment.errors import BadDeclaration, BadFile, NotNow, UnknownField
from fw_environment.fields import Column, Stated, kind_of, write

if TYPE_CHECKING:
    from fw_environment.environment import Environment

_ALIGNED = 64


class ArrayColumn(Column):
    """A column of a system: reading gives the array of the rows in use, writing fills it."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self.name = ""
        if self.dtype.hasobject:
            raise BadDeclaration(f"column({dtype!r})", "Objects are no raw bytes.", 'Use a type such as "f8" or "i4".')

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, system: Any, owner: type | None = None) -> Any:
        return self if system is None else system._views[self.name]  # noqa: SLF001 - a column is a part of its system

    def __set__(self, system: Any, value: Any) -> None:
        view = system._views[self.name]  # noqa: SLF001
        if value is not view:  # `system.x += 1` has worked in place already
            view[...] = value


def column(dtype: Any = "f8") -> Any:
    """Declare a column in the body of a system: ``x: NDArray[np.float64] = column()``."""
    return ArrayColumn(dtype)


class System(Stated):
    """Acts on the world once in a step, after all entities. Columns and fields are its state.

    All columns lie in one buffer, so a snapshot is one copy. Made with ``rows`` rows of zeros; a system without columns
    is a plain rule of the world.
    """

    kind: ClassVar[str] = "System"

    name: str = ""
    rows: int = 0
    _env: Any = None
    _buffer: Any = None
    _views: Any = None
    _capacity: int = 0

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.name = self.name or kind_of(type(self))
        self.reserve(self.rows)

    def update(self, dt: float) -> None:
        """One step."""

    @property
    def env(self) -> Environment:
        """The world that the system acts on."""
        if self._env is None:
            raise NotNow(f"System {self.name!r} is in no world.", "Add it with env.add_system().")
        env: Environment = self._env
        return env

    @property
    def rng(self) -> np.random.Generator:
        """The system's own stream of random numbers, for whole columns."""
        return self.env.generator(f"system/{self.name}")

    def reserve(self, rows: int) -> None:
        """Make room for ``rows`` rows; those in use stay."""
        old, used = self._views, min(self.rows, self._capacity)
        _, size = _layout(type(self).columns, rows)
        self._buffer = np.zeros(size, np.uint8)
        self._capacity = rows
        self.show()
        if old:
            for name, view in self._views.items():
                view[:used] = old[name][:used]

    def show(self) -> None:
        """Let the columns show the rows in use; for who has set ``rows`` or the buffer."""
        self._views = columns_in(type(self), self._capacity, self._buffer, self.rows)

    def add(self, count: int | None = None, **values: Any) -> NDArray[np.int64]:
        """Add rows: ``count``, or as many as the values have; columns without values are 0. The numbers of the rows."""
        strange = next((name for name in values if name not in type(self).columns), None)
        if strange is not None:
            raise UnknownField(kind_of(type(self)), strange, type(self).columns)
        arrays = {name: np.atleast_1d(np.asarray(value)) for name, value in values.items()}
        if count is None:
            count = max((len(array) for array in arrays.values()), default=1)
        first, end = self.rows, self.rows + count
        if end > self._capacity:
            self.reserve(max(end, 2 * self._capacity, 16))
        self.rows = end
        self.show()
        for name, view in self._views.items():
            view[first:] = arrays.get(name, 0)
        return np.arange(first, end)

    def remove(self, mask: NDArray[np.bool_]) -> int:
        """Remove the rows where ``mask`` is true; the others move up, in their order. How many were removed."""
        kept = ~np.asarray(mask, bool)
        count = int(np.count_nonzero(kept))
        for view in self._views.values():
            view[:count] = view[kept]
        removed = self.rows - count
        self.rows = count
        self.show()
        return removed

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by name; the arrays are the state itself, not copies."""
        return dict(self._views)

    def copied(self) -> tuple[int, NDArray[np.uint8]]:
        """Capacity, and a copy of the buffer."""
        return self._capacity, self._buffer.copy()

    def refilled(self, capacity: int, buffer: NDArray[np.uint8]) -> None:
        """Take back what :meth:`copied` gave; ``rows`` has been set before."""
        if capacity == self._capacity and self._buffer is not None:
            np.copyto(self._buffer, buffer)
        else:
            self._capacity, self._buffer = capacity, buffer.copy()
        self.show()

    def twin(self) -> Self:
        """A system like this one for a forked world; what is not in fields and columns has its default."""
        made = type(self).__new__(type(self))
        made._blank()  # noqa: SLF001 - of the same class
        write(type(self), [made], [type(self).record_of(self)])
        made.refilled(*self.copied())
        return made


def columns_in(kind: type[System], capacity: int, buffer: NDArray[np.uint8], rows: int) -> dict[str, NDArray[Any]]:
    """The columns of a buffer, as views of it."""
    layout, _ = _layout(kind.columns, capacity)
    return {
        name: buffer[start : start + dtype.itemsize * capacity].view(dtype)[:rows]
        for name, (start, dtype) in layout.items()
    }


def buffer_of(kind: type[System], rows: int, columns: dict[str, tuple[str, bytes]], place: str) -> NDArray[np.uint8]:
    """A buffer with the given raw bytes in its columns; `BadFile` where they do not fit the class."""
    buffer = np.zeros(_layout(kind.columns, rows)[1], np.uint8)
    views = columns_in(kind, rows, buffer, rows)
    given = {name: (dtype, len(data)) for name, (dtype, data) in columns.items()}
    wanted = {name: (view.dtype.str, view.nbytes) for name, view in views.items()}
    if given != wanted:
        raise BadFile(place, f"Its columns are {given}, those of the class {wanted}.", "Save it anew.")
    for name, view in views.items():
        view[:] = np.frombuffer(columns[name][1], view.dtype)
    return buffer


def _layout(columns: Mapping[str, Any], rows: int) -> tuple[dict[str, tuple[int, np.dtype[Any]]], int]:
    """Where each column begins, and the size of the buffer, in bytes."""
    starts, size = {}, 0
    for name, item in columns.items():
        starts[name] = (size, item.dtype)
        size += -(-item.dtype.itemsize * rows // _ALIGNED) * _ALIGNED
    return starts, size
