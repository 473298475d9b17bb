"""Navigation meshes: openings between polygons, and tight paths through them."""

from __future__ import annotations

from itertools import pairwise
from math import hypot, inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fw_environment.paths import AStar, BudgetSpent, Grid, InvalidMap, NavMesh, OutsideMap, UnevenMap, sees
from fw_environment.paths.mesh import tightened
from fw_environment.paths.polygons import Portal

Point = tuple[float, float]

L_SHAPE = [[(0, 0), (4, 0), (4, 1), (0, 1)], [(3, 1), (4, 1), (4, 4), (3, 4)]]


def distance(one: Point, two: Point) -> float:
    return hypot(one[0] - two[0], one[1] - two[1])


def passes(one: Point, two: Point, opening: Portal) -> bool:
    """Whether the line from one point to another goes through an opening or touches its ends."""

    def side(point: Point) -> float:
        return (two[0] - one[0]) * (point[1] - one[1]) - (two[1] - one[1]) * (point[0] - one[0])

    return side(opening.left) >= -1e-9 and side(opening.right) <= 1e-9


def shortest(start: Point, goal: Point, openings: list[Portal]) -> float:
    """By trying every row of the openings' ends: it turns nowhere else."""
    stops = [(0, start)] + [(n + 1, end) for n, portal in enumerate(openings) for end in (portal.left, portal.right)]
    stops.append((len(openings) + 1, goal))
    best = {0: 0.0}
    for at in range(1, len(stops)):
        level, point = stops[at]
        for before, known in list(best.items()):
            start_level, origin = stops[before]
            between = openings[start_level : level - 1]
            if start_level < level and all(passes(origin, point, opening) for opening in between):
                best[at] = min(best.get(at, inf), known + distance(origin, point))
    return best[len(stops) - 1]


@settings(deadline=None, max_examples=120)
@given(
    st.lists(st.tuples(st.integers(-6, 6), st.integers(1, 5)), min_size=1, max_size=8),
    st.integers(-6, 6),
    st.integers(-6, 6),
)
def test_a_tightened_path_is_the_shortest_through_its_openings(
    gates: list[tuple[int, int]], start: int, goal: int
) -> None:
    # Gates at x = 1, 2, 3, …, from `low` to `low + width`: whoever goes to the right has the upper end to the left.
    openings = [Portal(n, (n + 1.0, low + width), (n + 1.0, low)) for n, (low, width) in enumerate(gates)]
    points = tightened((0.0, float(start)), (len(gates) + 1.0, float(goal)), openings)
    assert points[0] == (0.0, float(start))
    assert points[-1] == (len(gates) + 1.0, float(goal))
    length = sum(distance(one, two) for one, two in pairwise(points))
    assert length == pytest.approx(shortest(points[0], points[-1], openings))


@st.composite
def grids(draw: st.DrawFn) -> tuple[Grid, Point, Point]:
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    walls = random.random((height, width)) < 0.3
    x1, x2 = random.integers(width, size=2).tolist()
    y1, y2 = random.integers(height, size=2).tolist()
    walls[y1, x1] = walls[y2, x2] = False
    return Grid.of_walls(walls), (x1 + 0.5, y1 + 0.5), (x2 + 0.5, y2 + 0.5)


@settings(deadline=None, max_examples=100)
@given(grids())
def test_a_mesh_finds_a_way_exactly_where_its_grid_has_one(drawn: tuple[Grid, Point, Point]) -> None:
    grid, start, goal = drawn
    mesh = NavMesh.of_grid(grid)
    found, cells = mesh.find(start, goal), AStar(grid).find(start, goal)
    assert (found is None) == (cells is None)
    if found is not None:
        assert (found.start, found.goal) == (start, goal)
        assert found.cost == found.length >= distance(start, goal) - 1e-9
        for one, two in pairwise(found.points):  # all of the way is on free ground
            for share in np.linspace(0, 1, 40).tolist():
                x, y = one[0] + (two[0] - one[0]) * share, one[1] + (two[1] - one[1]) * share
                assert mesh.polygon_at((x, y)) is not None
        if sees(grid, start, goal):
            assert found.cost <= distance(start, goal) * 1.5


def test_a_path_turns_at_the_inner_corner() -> None:
    path = NavMesh(L_SHAPE).find((0.5, 0.5), (3.5, 3.5))
    assert path is not None
    assert path.points == ((0.5, 0.5), (3.0, 1.0), (3.5, 3.5))
    assert path.cost == path.length


def test_polygons_may_be_given_either_way_round_and_share_part_of_an_edge() -> None:
    backwards = [corners[::-1] for corners in L_SHAPE]
    mesh = NavMesh(backwards)
    assert mesh.portals[0] == (Portal(1, (3, 1), (4, 1)),)
    assert mesh.portals[1] == (Portal(0, (4, 1), (3, 1)),)


def test_polygons_that_touch_at_a_corner_or_from_one_side_have_no_opening() -> None:
    corner = [[(0, 0), (1, 0), (1, 1), (0, 1)], [(1, 1), (2, 1), (2, 2), (1, 2)]]
    assert NavMesh(corner).portals == ((), ())
    assert NavMesh(corner).find((0.5, 0.5), (1.5, 1.5)) is None


def test_slanted_edges_open_too() -> None:
    mesh = NavMesh([[(0, 0), (3, 1), (0, 2)], [(3, 1), (0, 2), (3, 3)]])
    path = mesh.find((0.5, 1), (2.8, 2.5))
    assert path is not None
    assert len(path.points) == 2


def test_places_outside_and_polygons_that_are_none_are_named() -> None:
    mesh = NavMesh(L_SHAPE)
    with pytest.raises(OutsideMap, match=r"the goal \(0.5, 3\) lies outside the map, which covers 2 polygons"):
        mesh.find((0.5, 0.5), (0.5, 3))
    with pytest.raises(OutsideMap, match="start"):
        mesh.find((9, 9), (0.5, 0.5))
    with pytest.raises(InvalidMap, match=r"polygon 1 .* is not convex"):
        NavMesh([L_SHAPE[0], [(0, 0), (4, 0), (1, 1), (0, 4)]])
    with pytest.raises(InvalidMap, match=r"polygon 0 .* has no area"):
        NavMesh([[(0, 0), (1, 1), (2, 2)]])
    with pytest.raises(InvalidMap, match="twice in a row"):
        NavMesh([[(0, 0), (0, 0), (2, 2), (1, 3)]])
    with pytest.raises(UnevenMap, match="knows no weights"):
        NavMesh.of_grid(Grid.of_text("12"))


def test_a_spent_budget_tells_the_way_so_far() -> None:
    mesh = NavMesh([[(x, 0), (x + 1, 0), (x + 1, 1), (x, 1)] for x in range(9)])
    with pytest.raises(BudgetSpent) as spent:
        mesh.find((0.5, 0.5), (8.5, 0.5), budget=4)
    assert spent.value.nearest.points == ((0.5, 0.5), (3, 0.5))
