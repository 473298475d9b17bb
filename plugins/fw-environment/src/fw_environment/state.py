"""`State`: all of a world between two steps, as plain data, with its hash."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from fw_environment.errors import BadFile, UnknownName
from fw_environment.fields import Stated, check_plain, check_records, columns_of, kind_of
from fw_environment.packing import pack, pack_column, unpack
from fw_environment.timeline import Appointment

if TYPE_CHECKING:
    from fw_environment.environment import Environment
    from fw_environment.system import System

FORMAT = "fw-environment state 1"


class Group(NamedTuple):
    """All objects of one class: their fields, and what their ``save()`` gave, packed. ``objects`` is empty in a state
    that comes from bytes.
    """

    kind: type[Stated]
    records: list[tuple[Any, ...]]
    saved: tuple[bytes, ...]
    objects: tuple[Stated, ...]


class Arrays(NamedTuple):
    """A system: its fields, what ``save()`` gave, and its buffer."""

    kind: type[Any]
    name: str
    record: tuple[Any, ...]
    saved: bytes
    capacity: int
    buffer: Any

    def columns(self) -> dict[str, Any]:
        """The rows in use."""
        from fw_environment.system import columns_in

        rows = self.record[self.kind.fields.index("rows")]
        return columns_in(self.kind, self.capacity, self.buffer, rows)


@dataclass(frozen=True)
class State:
    """All of a world between two steps. It does not change when the world goes on."""

    dt: float
    seed: int
    tick: int
    counts: tuple[int, int, int]
    """The last id of an entity, that of a controller, and the last number of an event."""
    entities: tuple[Group, ...]
    controllers: tuple[Group, ...]
    systems: tuple[Arrays, ...]
    events: tuple[Appointment, ...]
    actions: tuple[tuple[Any, ...], ...]
    """(pawn, effector, params, duration, ticks, status); the running ones first, in the order of their steps."""
    streams: dict[str, int]
    generators: dict[str, tuple[int, ...]]
    owner: Any = None
    """The world whose live objects the groups hold."""

    def parts(self) -> Iterator[tuple[str, bytes]]:
        """The state in pieces that have names, such as ``Bear.hunger``: the raw bytes of each."""
        yield "world", pack((self.dt, self.seed, self.tick, self.counts))
        for group in (*self.entities, *self.controllers):
            name = kind_of(group.kind)
            for field, values in columns_of(group.kind, group.records):
                yield f"{name}.{field}", pack_column(values, f"{name}.{field}")
            if group.saved:
                yield f"{name}.save()", pack(group.saved)
        for system in self.systems:
            for field, value in zip(system.kind.fields, system.record, strict=True):
                yield f"{system.name}.{field}", pack(value, f"{system.name}.{field}")
            if system.saved:
                yield f"{system.name}.save()", system.saved
            for column, array in system.columns().items():
                yield f"{system.name}.{column}", array.dtype.str.encode() + array.tobytes()
        yield "events", pack(self.events)
        yield "actions", pack(self.actions)
        yield "streams", pack(tuple(sorted(self.streams.items())))
        yield "generators", pack(tuple(sorted(self.generators.items())))

    def digests(self) -> dict[str, bytes]:
        """8 bytes for each part."""
        return {name: blake2b(data, digest_size=8).digest() for name, data in self.parts()}

    def hash(self) -> bytes:
        """16 bytes that are equal where the whole state is: in every process, and on every supported Python."""
        return hash_of(self.digests())

    def to_bytes(self) -> bytes:
        """The state for a file or another process; `Environment.load` reads it."""
        groups = [
            tuple([(kind_of(g.kind), g.kind.fields, tuple(g.records), g.saved) for g in part])
            for part in (self.entities, self.controllers)
        ]
        systems = tuple(
            [(kind_of(s.kind), s.name, s.kind.fields, s.record, s.saved, _raw(s.columns())) for s in self.systems]
        )
        head = (FORMAT, self.dt, self.seed, self.tick, self.counts)
        return pack((*head, *groups, systems, self.events, self.actions, self.streams, self.generators))

    @classmethod
    def from_bytes(cls, data: bytes, kinds: Mapping[str, type[Stated]]) -> State:
        """What :meth:`to_bytes` wrote; ``kinds`` are the classes by name."""
        place = "The saved state"
        head = unpack(data, place)
        if not isinstance(head, tuple) or len(head) != 12 or head[0] != FORMAT:
            raise BadFile(place, f"It does not begin with {FORMAT!r}.", "Save it with this version.")
        _, dt, seed, tick, counts, entities, controllers, systems, events, actions, streams, generators = head
        return cls(
            dt,
            seed,
            tick,
            counts,
            tuple([_group(kinds, *group) for group in entities]),
            tuple([_group(kinds, *group) for group in controllers]),
            tuple([_arrays(kinds, *system) for system in systems]),
            tuple([Appointment(*event) for event in events]),
            actions,
            streams,
            generators,
        )


def hash_of(digests: Mapping[str, bytes]) -> bytes:
    """The hash of a state from the digests of its parts."""
    whole = blake2b(digest_size=16)
    for name, digest in digests.items():
        whole.update(name.encode() + b"\0" + digest)
    return whole.digest()


def _raw(columns: Mapping[str, Any]) -> dict[str, tuple[str, bytes]]:
    return {name: (array.dtype.str, array.tobytes()) for name, array in columns.items()}


def _kind(kinds: Mapping[str, type[Stated]], name: str, fields: tuple[str, ...]) -> type[Stated]:
    kind = kinds.get(name)
    if kind is None:
        raise UnknownName("class called", name, kinds, "Tell the world with env.know(TheClass).")
    if kind.fields != fields:
        differ = sorted({*fields} ^ {*kind.fields}) or ["their order"]
        raise BadFile(
            f"The saved state of {name}",
            f"The class has other fields: {', '.join(differ)}.",
            "Save it anew.",
        )
    return kind


def _group(
    kinds: Mapping[str, type[Stated]], name: str, fields: tuple[str, ...], records: Any, saved: tuple[bytes, ...]
) -> Group:
    return Group(_kind(kinds, name, fields), list(records), saved, ())


def _arrays(
    kinds: Mapping[str, type[Any]],
    kind: str,
    name: str,
    fields: tuple[str, ...],
    record: tuple[Any, ...],
    saved: bytes,
    columns: dict[str, tuple[str, bytes]],
) -> Arrays:
    from fw_environment.system import buffer_of

    cls: Any = _kind(kinds, kind, fields)
    rows = record[fields.index("rows")]
    return Arrays(cls, name, record, saved, rows, buffer_of(cls, rows, columns, f"The saved state of {name}"))


def take(env: Environment) -> State:
    """The state of a world now."""
    return State(
        env.dt,
        env.seed,
        env.tick,
        (*env.last_ids, env.events.number),
        _groups(env.entities),
        _groups(env.controllers),
        tuple([_arrays_of(system) for system in env.systems.values()]),
        tuple(sorted(env.events.queue)),
        _actions(env),
        {name: stream.count for name, stream in env.streams.items() if stream.count},
        {name: _generator(generator) for name, generator in env.generators.items()},
        env,
    )


def _arrays_of(system: System) -> Arrays:
    check_plain(system)
    return Arrays(type(system), system.name, type(system).record_of(system), _saved(system), *system.copied())


def _saved(item: Stated) -> bytes:
    value = item.save()
    return b"" if value is None else pack(value, f"save() of {kind_of(type(item))}")


def _groups(items: Mapping[int, Stated]) -> tuple[Group, ...]:
    by_kind: dict[type[Stated], list[Stated]] = {}
    for item in items.values():
        try:
            by_kind[type(item)].append(item)
        except KeyError:
            by_kind[type(item)] = [item]
    return tuple([_group_of(kind, by_kind[kind]) for kind in sorted(by_kind, key=kind_of)])


def _group_of(kind: type[Stated], items: list[Stated]) -> Group:
    records = list(map(kind.record_of, items))
    check_records(kind, records)
    saved = tuple(map(_saved, items)) if kind.save is not Stated.save else ()
    return Group(kind, records, saved, tuple(items))


def _actions(env: Environment) -> tuple[tuple[Any, ...], ...]:
    running = env.actions
    ended = [
        handle
        for pawn in env.entities.values()
        for handle in (getattr(pawn, "_acts", None) or {}).values()
        if not handle.running
    ]
    return tuple(
        [
            (h.pawn.id, h.action.name, h.action.params, h.action.duration, h.ticks, h.status.name.lower())
            for h in (*running, *ended)
            if h.pawn.alive
        ]
    )


def _generator(generator: Any) -> tuple[int, ...]:
    state = generator.bit_generator.state
    return (state["state"]["state"], state["state"]["inc"], state["has_uint32"], state["uinteger"])
