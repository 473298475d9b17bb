"""Indexes of space answer as looking at everything would."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fw_environment.space import InvalidPlaces, ItemTwice, ObjectIndex, PointIndex, UnknownItem

Point = tuple[float, float]

# Whole numbers and halves as well, so that places lie on edges, on one another and exactly at a radius.
COORDINATE = st.one_of(st.integers(-8, 8).map(float), st.floats(-10, 10, width=32), st.sampled_from([0.5, 1e6, -1e6]))
PLACE = st.tuples(COORDINATE, COORDINATE)
PLACES = st.lists(PLACE, max_size=30)
CELL = st.sampled_from([0.3, 1.0, 4.0, 100.0])
RADIUS = st.sampled_from([0.0, 0.5, 1.0, 3.0, 7.5, 50.0])


def objects(places: list[Point], cell: float, radius: float = 0.0) -> ObjectIndex[int]:
    index: ObjectIndex[int] = ObjectIndex(cell)
    for number, place in enumerate(places):
        index.add(number, place, radius)
    return index


def away(places: list[Point], place: Point) -> list[tuple[float, int]]:
    """Distance and number of everybody, sorted."""
    return sorted((float(np.hypot(x - place[0], y - place[1])), n) for n, (x, y) in enumerate(places))


def same(found: list[tuple[float, int]], wanted: list[tuple[float, int]]) -> bool:
    """Equal but for the last digits of distances: the order of two that differ only there is free."""
    numbers = sorted(n for _, n in found) == sorted(n for _, n in wanted)
    return numbers and [d for d, _ in found] == pytest.approx([d for d, _ in wanted], abs=1e-9)


@settings(deadline=None)
@given(PLACES, PLACE, RADIUS, st.one_of(st.none(), CELL))
def test_within_a_radius(places: list[Point], place: Point, radius: float, cell: float | None) -> None:
    wanted = [(d, n) for d, n in away(places, place) if d <= radius]
    assert PointIndex(places, cell=cell).within(place, radius).tolist() == sorted(n for _, n in wanted)
    assert same(objects(places, cell or 1.0).within(place, radius), wanted)


@settings(deadline=None)
@given(PLACES, PLACE, st.integers(0, 6), st.one_of(st.none(), CELL))
def test_the_nearest(places: list[Point], place: Point, count: int, cell: float | None) -> None:
    wanted = away(places, place)[:count]
    numbers, distances = PointIndex(places, cell=cell).nearest(place, count)
    assert list(zip(distances.tolist(), numbers.tolist(), strict=True)) == wanted
    found = objects(places, cell or 1.0).nearest(place, count)
    assert [d for d, _ in found] == pytest.approx([d for d, _ in wanted])


@settings(deadline=None)
@given(PLACES, PLACE, PLACE, st.one_of(st.none(), CELL))
def test_in_a_box(places: list[Point], one: Point, two: Point, cell: float | None) -> None:
    low, high = (min(one[0], two[0]), min(one[1], two[1])), (max(one[0], two[0]), max(one[1], two[1]))
    wanted = [n for n, (x, y) in enumerate(places) if low[0] <= x <= high[0] and low[1] <= y <= high[1]]
    assert PointIndex(places, cell=cell).in_box(low, high).tolist() == wanted
    assert objects(places, cell or 1.0).in_box(low, high) == wanted


@settings(deadline=None)
@given(PLACES, RADIUS, st.one_of(st.none(), CELL))
def test_pairs(places: list[Point], radius: float, cell: float | None) -> None:
    wanted = [
        (one, two)
        for one in range(len(places))
        for two in range(one + 1, len(places))
        if np.hypot(places[one][0] - places[two][0], places[one][1] - places[two][1]) <= radius
    ]
    first, second = PointIndex(places, cell=cell).pairs(radius)
    assert list(zip(first.tolist(), second.tolist(), strict=True)) == wanted


@settings(deadline=None, max_examples=120)
@given(
    st.lists(st.tuples(st.floats(-10, 10, width=32), st.floats(-10, 10, width=32)), max_size=30),
    st.tuples(st.floats(-12, 12, width=32), st.floats(-12, 12, width=32)),
    st.one_of(st.floats(0, 6.3), st.sampled_from([0.0, np.pi / 2, np.pi])),
    st.sampled_from([0.5, 5.0, 40.0]),
    st.sampled_from([0.1, 1.0, 5.0]),
    CELL,
)
def test_along_a_ray(
    places: list[Point], origin: Point, angle: float, length: float, radius: float, cell: float
) -> None:
    way = np.array([np.cos(angle), np.sin(angle)])
    # Tried in small steps: whoever the ray enters by more than a hair must be met, whoever it passes by must not.
    steps = np.linspace(0, length, 1500)[:, None] * way + np.array(origin)
    closest = [float(np.hypot(*(steps - place).T).min()) for place in places]
    numbers, distances = PointIndex(places, cell=cell, radii=radius).along(origin, (way[0] * 3, way[1] * 3), length)
    found = objects(places, cell, radius).along(origin, (way[0] * 3, way[1] * 3), length)
    assert same(found, list(zip(distances.tolist(), numbers.tolist(), strict=True)))
    assert {n for n, d in enumerate(closest) if d < radius - 0.03} <= set(numbers.tolist())
    assert {n for n, d in enumerate(closest) if d > radius + 0.03}.isdisjoint(numbers.tolist())
    assert distances.tolist() == sorted(distances.tolist())
    for number, distance in zip(numbers.tolist(), distances.tolist(), strict=True):
        x, y = np.array(origin) + way * distance
        gap = np.hypot(x - places[number][0], y - places[number][1])
        assert gap == pytest.approx(radius, abs=1e-6) or (distance == 0 and gap < radius)


def test_a_ray_by_hand() -> None:
    places = [(5.0, 0.0), (2.0, 0.5), (-3.0, 0.0), (8.0, 3.0), (0.2, 0.0)]
    numbers, distances = PointIndex(places, radii=[1, 1, 1, 1, 0.5]).along((0, 0), (9, 0), 20)
    assert numbers.tolist() == [4, 1, 0]
    assert distances.tolist() == pytest.approx([0, 2 - 0.75**0.5, 4])
    with pytest.raises(ValueError, match="direction"):
        PointIndex(places).along((0, 0), (0, 0), 1)
    with pytest.raises(ValueError, match="direction"):
        objects(places, 1).along((0, 0), (0, 0), 1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["add", "move", "remove"]), st.integers(0, 9), PLACE), max_size=40), PLACE)
def test_things_that_move_are_found_where_they_are(changes: list[tuple[str, int, Point]], place: Point) -> None:
    index: ObjectIndex[int] = ObjectIndex(2.0)
    known: dict[int, Point] = {}
    for change, item, where in changes:
        if change == "add" and item not in known:
            index.add(item, where)
            known[item] = where
        elif change == "move" and item in known:
            index.move(item, where)
            known[item] = where
        elif change == "remove" and item in known:
            index.remove(item)
            del known[item]
    assert sorted(index) == sorted(known)
    assert len(index) == len(known)
    assert {item: index.place(item) for item in known} == known
    wanted = sorted(float(np.hypot(x - place[0], y - place[1])) for x, y in known.values())
    assert [d for d, _ in index.nearest(place, 10)] == pytest.approx(wanted)


def test_of_equally_near_things_the_one_added_first_comes_first() -> None:
    index: ObjectIndex[str] = ObjectIndex(1.0)
    for name, place in {"b": (1.0, 0.0), "a": (-1.0, 0.0), "c": (0.0, 1.0)}.items():
        index.add(name, place)
    assert index.nearest((0, 0), 3) == [(1, "b"), (1, "a"), (1, "c")]
    assert "a" in index
    assert PointIndex([(1, 0), (-1, 0), (0, 1)]).nearest((0, 0), 2)[0].tolist() == [0, 1]


def test_things_that_are_not_there_or_there_already_are_named() -> None:
    index: ObjectIndex[str] = ObjectIndex(1.0)
    index.add("rock", (0, 0))
    with pytest.raises(ItemTwice, match="'rock' is in the index already"):
        index.add("rock", (1, 1))
    for act in (index.remove, index.place, lambda item: index.move(item, (0, 0))):
        with pytest.raises(UnknownItem, match="'tree' is not in the index"):
            act("tree")


def test_places_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidPlaces, match=r"shape \(2, 3\)"):
        PointIndex(np.zeros((2, 3)))
    with pytest.raises(InvalidPlaces, match="finite"):
        PointIndex([(0, inf)])
    with pytest.raises(InvalidPlaces, match="radii"):
        PointIndex([(0, 0)], radii=[1, 2])
    for cell in (0.0, -1.0, inf):
        with pytest.raises(InvalidPlaces, match="cells of size"):
            PointIndex([(0, 0)], cell=cell)
        with pytest.raises(InvalidPlaces, match="cells of size"):
            ObjectIndex(cell)


def test_the_index_keeps_its_own_copy() -> None:
    places = np.zeros((3, 2))
    index = PointIndex(places)
    places += 100
    assert index.within((0, 0), 1).tolist() == [0, 1, 2]
    assert len(index) == 3
