"""State in declared fields: the class body says what belongs to the state of an object, and nothing else can be set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, cast, dataclass_transform

from fw_environment.errors import BadDeclaration, NotPlain, UnknownField

REQUIRED: Any = object()
"""The default of a field that has none."""

PLAIN = (type(None), bool, int, float, str, bytes, tuple)
_SIMPLE = {type(None), bool, int, float, str, bytes}


class Column:
    """Mark of an array in the body of a system; see `system.column`."""


@dataclass_transform(kw_only_default=True)
class Declared(type):
    """Makes a slot of every annotated name, so that an undeclared attribute cannot be set, at no cost.

    A name with a leading underscore is a slot but no field: it is not saved, and has its default after a restore.
    ``ClassVar`` names and columns are left alone. ``bare`` names slots without a default.
    """

    fields: tuple[str, ...]
    defaults: dict[str, Any]
    private: dict[str, Any]
    columns: dict[str, Column]
    record_of: Any
    put: Any

    def __new__(
        mcs, name: str, bases: tuple[type, ...], body: dict[str, Any], *, bare: tuple[str, ...] = (), **options: Any
    ) -> Declared:
        """Make the class."""
        known: dict[str, Any] = {}
        columns: dict[str, Column] = {}
        for base in reversed(bases):
            if isinstance(base, Declared):
                known |= base.defaults | base.private
                columns |= base.columns
        own = [n for n, hint in body.get("__annotations__", {}).items() if not _is_class_level(hint, body.get(n))]
        columns |= {n: item for n, item in body.items() if isinstance(item, Column)}
        slots = [n for n in own if n not in known]
        # A plain `speed = 2.0` in a subclass is a new default: left in the body, it would hide the slot.
        declared = {n: body.pop(n, REQUIRED) for n in [*own, *(n for n in known if n in body and n not in own)]}
        for field, default in declared.items():
            if default is not REQUIRED and not isinstance(default, PLAIN):
                raise BadDeclaration(
                    f"{name}.{field}", f"The default {default!r} could be shared or changed.", "Use plain data or None."
                )
        cls = super().__new__(mcs, name, bases, body | {"__slots__": (*slots, *bare)}, **options)
        if cls.__dictoffset__:
            loose = next(base for base in cls.__mro__[1:] if base.__dictoffset__)
            raise BadDeclaration(
                name, f"{loose.__name__} lets any attribute be set.", f"Put `__slots__ = ()` into {loose.__name__}."
            )
        every = known | declared
        cls.defaults = {n: every[n] for n in every if not n.startswith("_")}
        cls.private = {n: every[n] for n in every if n.startswith("_")}
        cls.columns = columns
        cls.fields = tuple(cls.defaults)
        cls.record_of = _record_of(cls.fields)
        cls.put = None
        return cls


def _is_class_level(hint: Any, value: Any) -> bool:
    text = hint if isinstance(hint, str) else str(hint)
    return isinstance(value, Column) or text.startswith(("ClassVar", "typing.ClassVar"))


def _record_of(fields: tuple[str, ...]) -> Any:
    getter = attrgetter(*fields) if fields else (lambda _: ())
    return getter if len(fields) != 1 else lambda item: (getter(item),)


class Stated(metaclass=Declared):
    """Base class of all whose state lives in declared fields."""

    __slots__ = ()

    kind: ClassVar[str] = ""
    """What the class is called in saved states; its name where this is empty."""

    def __init__(self, **values: Any) -> None:
        cls = type(self)
        self._blank()
        for name, value in (cls.defaults | values).items():
            if name not in cls.defaults:
                raise UnknownField(cls.__name__, name, cls.fields)
            if value is REQUIRED:
                raise BadDeclaration(f"{cls.__name__}()", f"{name!r} has no default.", f"Give {name}=.")
            setattr(self, name, value)

    def _blank(self) -> None:
        for name, value in type(self).private.items():
            if value is not REQUIRED:
                setattr(self, name, value)

    def __repr__(self) -> str:
        shown = ((n, getattr(self, n, None)) for n in type(self).fields if n not in {"parent_id", "template"})
        return f"{kind_of(type(self))}({', '.join(f'{n}={v!r}' for n, v in shown if v != type(self).defaults[n])})"

    def save(self) -> Any:
        """Plain data that belongs to the state beside the fields; None: nothing does."""
        return None

    def load(self, saved: Any) -> None:
        """Take back what :meth:`save` gave."""

    def on_restore(self) -> None:
        """Called when the fields were put back: make anew what was derived from them."""


def kind_of(cls: type[Stated]) -> str:
    """What the class is called in saved states."""
    return cls.__dict__.get("kind", "") or cls.__name__


def check_plain(item: Stated) -> None:
    """`NotPlain` where a field holds what cannot be saved, or could change without being set."""
    check_records(type(item), [type(item).record_of(item)])


def check_records(cls: Declared, records: list[tuple[Any, ...]]) -> None:
    """The same for the fields of many objects."""
    # The types of a column are looked at in one pass at the speed of C; its values only where tuples or strange ones
    # are among them, and what many objects share, such as an empty tuple, once.
    for name, column in columns_of(cls, records):
        if not set(map(type, column)) <= _SIMPLE:
            for value in {id(value): value for value in column}.values():
                check_fixed(value, f"{cls.__name__}.{name}")


def check_fixed(value: Any, place: str) -> None:
    """`NotPlain` unless ``value`` is plain data that cannot be changed in place."""
    if isinstance(value, tuple):
        for item in value:
            check_fixed(item, place)
    elif not isinstance(value, PLAIN):
        raise NotPlain(place, value)


def write(cls: Declared, items: Iterable[Stated], records: Iterable[tuple[Any, ...]]) -> None:
    """Put records back into objects of one class."""
    if cls.put is None:
        cls.put = _put_of(cls.fields)
    cls.put(items, records)


def _put_of(fields: tuple[str, ...]) -> Callable[[Iterable[Stated], Iterable[tuple[Any, ...]]], None]:
    # Written out, an assignment to a slot takes a quarter of what the slot's own setter takes.
    values = ", ".join(f"value{at}" for at in range(len(fields)))
    lines = [f"        item.{field} = value{at}" for at, field in enumerate(fields)]
    head = ["def put(items, records):", f"    for item, [{values}] in zip(items, records, strict=True):"]
    made: dict[str, Any] = {}
    exec("\n".join([*head, *lines, "        pass"]), made)  # noqa: S102 - names of fields, from the body of a class
    put: Callable[[Iterable[Stated], Iterable[tuple[Any, ...]]], None] = made["put"]
    return put


def columns_of(cls: Declared, records: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, list[Any]]]:
    """The records turned by 90 degrees: each field with its value in every record."""
    for at, name in enumerate(cls.fields):
        yield name, list(map(cast("Any", itemgetter(at)), records))
