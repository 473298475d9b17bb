"""Finds where two runs that should be equal differ first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fw_environment.fields import columns_of, kind_of
from fw_environment.packing import pack
from fw_environment.state import Group, State

if TYPE_CHECKING:
    from fw_environment.environment import Environment


@dataclass(frozen=True)
class Difference:
    """The first difference: after which step, in which field (``Bear 3 'teddy'.hunger``), and both values.

    The values are None where only hashes are known; ``place`` then names the class and the field.
    """

    tick: int
    place: str
    left: Any
    right: Any

    def __str__(self) -> str:
        if self.left is None and self.right is None:
            return (
                f"After step {self.tick}, {self.place} differs. A Recorder with states=True tells who and the values."
            )
        return f"After step {self.tick}, {self.place} differs: {self.left!r} here, {self.right!r} there."


def find_desync(left: Environment, right: Environment, steps: int) -> Difference | None:
    """Step two worlds side by side, up to ``steps`` times; the first difference, also one before the first step."""
    for number in range(steps + 1):
        if number:
            left.step()
            right.step()
        first, second = left.snapshot(), right.snapshot()
        if first.digests() != second.digests():
            return difference(first, second)
    return None


def difference(left: State, right: State) -> Difference | None:
    """The first field in which two states differ, bit by bit."""
    tick = max(left.tick, right.tick)
    for name in ("dt", "seed", "tick"):
        if getattr(left, name) != getattr(right, name):
            return Difference(tick, name, getattr(left, name), getattr(right, name))
    for part in (left.entities, right.entities), (left.controllers, right.controllers):
        if (found := _of_groups(tick, *part)) is not None:
            return found
    if (found := _of_systems(tick, left, right)) is not None:
        return found
    for name in ("streams", "generators", "events", "actions", "counts"):
        mine, theirs = _mapped(getattr(left, name)), _mapped(getattr(right, name))
        for key in [*mine, *theirs]:
            if pack(mine.get(key)) != pack(theirs.get(key)):
                return Difference(tick, f"{name}[{key!r}]", mine.get(key), theirs.get(key))
    return None


def _mapped(value: Any) -> dict[Any, Any]:
    return dict(sorted(value.items())) if isinstance(value, dict) else dict(enumerate(value))


def _of_groups(tick: int, left: tuple[Group, ...], right: tuple[Group, ...]) -> Difference | None:
    mine, theirs = ({kind_of(g.kind): g for g in groups} for groups in (left, right))
    for name in [*mine, *(name for name in theirs if name not in mine)]:
        ids, other_ids = _ids(mine.get(name)), _ids(theirs.get(name))
        if ids != other_ids:
            only = sorted({*ids} ^ {*other_ids})
            return Difference(tick, f"{name} {only[0]}" if only else f"the order of {name}", ids, other_ids)
        group, other = mine[name], theirs[name]
        pairs = zip(columns_of(group.kind, group.records), columns_of(other.kind, other.records), strict=False)
        for (field, values), (_, others) in pairs:
            if (at := _first(values, others)) is not None:
                return Difference(tick, f"{_label(group, at)}.{field}", values[at], others[at])
        if (at := _first(list(group.saved), list(other.saved))) is not None:
            return Difference(tick, f"{_label(group, at)}.save()", group.saved[at], other.saved[at])
    return None


def _ids(group: Group | None) -> list[int]:
    return [] if group is None else [record[group.kind.fields.index("id")] for record in group.records]


def _label(group: Group, at: int) -> str:
    known = dict(zip(group.kind.fields, group.records[at], strict=True))
    return f"{kind_of(group.kind)} {known['id']}" + (f" {known['name']!r}" if known.get("name") else "")


def _first(values: list[Any], others: list[Any]) -> int | None:
    """Where two columns differ first. Equal numbers may differ: 0.0 and -0.0, 1 and 1.0; and nan equals itself."""
    for at, (value, other) in enumerate(zip(values, others, strict=True)):
        if value is not other and pack(value) != pack(other):
            return at
    return None


def _of_systems(tick: int, left: State, right: State) -> Difference | None:
    for system, other in zip(left.systems, right.systems, strict=False):
        for field, value, theirs in zip(system.kind.fields, system.record, other.record, strict=False):
            if pack(value) != pack(theirs):
                return Difference(tick, f"{system.name}.{field}", value, theirs)
        if system.saved != other.saved:
            return Difference(tick, f"{system.name}.save()", system.saved, other.saved)
        columns = other.columns()
        for name, array in system.columns().items():
            rows = array.view("u1").reshape(len(array), -1) != columns[name].view("u1").reshape(len(array), -1)
            if rows.any():
                at = int(rows.any(axis=1).argmax())
                return Difference(tick, f"{system.name}.{name}[{at}]", array[at].item(), columns[name][at].item())
    return None
