"""Paths over grids: the cheapest ones, by every finder, and what is refused."""

from __future__ import annotations

import itertools
from heapq import heappop, heappush
from itertools import pairwise
from math import hypot, inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fw_environment.paths import (
    AStar,
    BlockedPlace,
    BudgetSpent,
    FlowField,
    FlowFields,
    Grid,
    InvalidMap,
    JumpPoints,
    OutsideMap,
    Path,
    PathFault,
    PathFinder,
    UnevenMap,
    cast,
    sees,
    straightened,
)

Cell = tuple[int, int]

MAZE = """
    ......
    .####.
    .#....
    .#.##.
    .#..#.
    ......
"""


def neighbours(weights: np.ndarray, cell: Cell, diagonal: bool = True) -> list[tuple[Cell, float]]:
    """The rules of steps, written a second time as plainly as can be."""

    def free(x: int, y: int) -> bool:
        return 0 <= y < weights.shape[0] and 0 <= x < weights.shape[1] and bool(weights[y, x] < inf)

    (x, y), found = cell, []
    for dx, dy in itertools.product((-1, 0, 1), repeat=2):
        if not (dx or dy) or (dx and dy and not diagonal):
            continue
        if free(x + dx, y + dy) and free(x + dx, y) and free(x, y + dy):
            mean = (weights[y, x] + weights[y + dy, x + dx]) / 2
            found.append(((x + dx, y + dy), (sqrt(2) if dx and dy else 1.0) * mean))
    return found


def dijkstra(weights: np.ndarray, start: Cell, diagonal: bool = True) -> dict[Cell, float]:
    cost = {start: 0.0}
    heap = [(0.0, start)]
    while heap:
        known, cell = heappop(heap)
        if known > cost[cell]:
            continue
        for there, price in neighbours(weights, cell, diagonal):
            if known + price < cost.get(there, inf):
                cost[there] = known + price
                heappush(heap, (known + price, there))
    return cost


@st.composite
def maps(draw: st.DrawFn, weights: tuple[float, ...]) -> tuple[np.ndarray, Cell, Cell]:
    """A grid's weights, and two free cells of it. Drawn by a seed: a number for each cell takes ten times as long."""
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    found = random.choice(weights, (height, width))
    x1, x2 = random.integers(width, size=2).tolist()
    y1, y2 = random.integers(height, size=2).tolist()
    found[y1, x1] = found[y2, x2] = 1.0
    return found, (x1, y1), (x2, y2)


EVEN = maps((1.0, 1.0, 1.0, inf))
UNEVEN = maps((1.0, 1.0, 2.5, 0.25, 9.0, inf))


def steps_of(grid: Grid, path: Path) -> list[tuple[Cell, Cell]]:
    return list(pairwise([grid.cell_at(point) for point in path.points]))


def proven(grid: Grid, path: Path | None, start: Cell, goal: Cell, costs: dict[Cell, float]) -> None:
    """The path is one, keeps to the rules, and costs what the cheapest must cost."""
    if path is None:
        assert goal not in costs
        return
    assert (path.start, path.goal) == (grid.centre(start), grid.centre(goal))
    legal = [dict(neighbours(grid.weights, here, grid.diagonal)) for here, _ in steps_of(grid, path)]
    spent = [allowed[there] for allowed, (_, there) in zip(legal, steps_of(grid, path), strict=True)]
    assert path.cost == pytest.approx(sum(spent) * grid.cell)
    assert path.cost == pytest.approx(costs[goal] * grid.cell)


@settings(deadline=None)
@given(UNEVEN, st.booleans())
def test_a_star_finds_what_dijkstra_finds(drawn: tuple[np.ndarray, Cell, Cell], diagonal: bool) -> None:
    weights, start, goal = drawn
    grid = Grid(weights, diagonal=diagonal)
    proven(grid, AStar(grid).find(start, goal), start, goal, dijkstra(weights, start, diagonal))


@settings(deadline=None, max_examples=150)
@given(EVEN)
def test_jump_points_find_paths_as_cheap_as_those_of_a_star(drawn: tuple[np.ndarray, Cell, Cell]) -> None:
    weights, start, goal = drawn
    grid = Grid(weights)
    proven(grid, JumpPoints(grid).find(start, goal), start, goal, dijkstra(weights, start))


@settings(deadline=None)
@given(UNEVEN, st.booleans())
def test_a_flow_field_holds_exactly_what_dijkstra_finds(drawn: tuple[np.ndarray, Cell, Cell], diagonal: bool) -> None:
    weights, start, goal = drawn
    grid = Grid(weights, diagonal=diagonal)
    field = FlowField(grid, [goal])
    wanted = np.full(weights.shape, inf)
    for (x, y), cost in dijkstra(weights, goal, diagonal).items():
        wanted[y, x] = cost
    assert field.costs == pytest.approx(wanted, rel=1e-12)
    proven(grid, field.path(start), start, goal, dijkstra(weights, start, diagonal))


@settings(deadline=None)
@given(UNEVEN, st.data())
def test_a_field_of_several_goals_leads_to_the_cheapest(
    drawn: tuple[np.ndarray, Cell, Cell], data: st.DataObject
) -> None:
    weights, one, two = drawn
    field = FlowField(Grid(weights), [one, two])
    both = dijkstra(weights, one), dijkstra(weights, two)
    y, x = data.draw(st.sampled_from([tuple(cell) for cell in np.argwhere(weights < inf).tolist()]))
    assert field.cost((x, y)) == pytest.approx(min(costs.get((x, y), inf) for costs in both))


@settings(deadline=None)
@given(EVEN)
def test_agents_that_follow_a_field_arrive(drawn: tuple[np.ndarray, Cell, Cell]) -> None:
    weights, start, goal = drawn
    grid = Grid(weights, cell=2.0, origin=(-3.0, 5.0))
    field = FlowField(grid, [grid.centre(goal)])
    place = np.array([grid.centre(start)])
    if field.cost(grid.centre(start)) == inf:
        assert field.directions(place).tolist() == [[0, 0]]
        return
    for _ in range(81):  # cells at most
        direction = field.directions(place)
        step = 2.0 * (sqrt(2) if direction.all() else 1.0)
        place = place + direction * step
    assert place[0] == pytest.approx(grid.centre(goal))
    assert field.direction(grid.centre(goal)) == (0, 0)


@pytest.mark.parametrize("finder", [AStar, JumpPoints, FlowFields])
def test_corners_are_not_cut(finder: type[AStar]) -> None:
    grid = Grid.of_text("..\n#.\n..")
    path = finder(grid).find((0, 0), (0, 2))
    assert path is not None
    assert [grid.cell_at(point) for point in path.points] == [(0, 0), (1, 0), (1, 1), (1, 2), (0, 2)]


@pytest.mark.parametrize("finder", [AStar, JumpPoints, FlowFields])
def test_where_no_way_leads_there_is_no_path(finder: type[AStar]) -> None:
    assert finder(Grid.of_text(".#.\n.#.")).find((0, 0), (2, 1)) is None


@pytest.mark.parametrize("finder", [AStar, JumpPoints, FlowFields])
def test_a_path_to_where_one_is_has_one_point_and_no_length(finder: type[AStar]) -> None:
    path = finder(Grid.of_text("...")).find((1.2, 0.3), (1.9, 0.9))
    assert path == Path(((1.5, 0.5),), 0.0)
    assert path.length == 0


@pytest.mark.parametrize("finder", [AStar, JumpPoints, FlowFields])
def test_a_start_or_goal_in_a_wall_or_outside_is_named(finder: type[AStar]) -> None:
    ways: PathFinder = finder(Grid.of_text(".#"))
    with pytest.raises(BlockedPlace, match=r"goal \(1.5, 0.5\) lies in cell \(1, 0\), which is a wall"):
        ways.find((0, 0), (1.5, 0.5))
    with pytest.raises(BlockedPlace, match="start"):
        ways.find((1, 0), (0, 0))
    with pytest.raises(
        OutsideMap, match=r"start \(-0.5, 0\) lies outside the map, which covers x 0.0 to 2.0 and y 0.0"
    ):
        ways.find((-0.5, 0), (0, 0))
    with pytest.raises(OutsideMap, match="goal"):
        ways.find((0, 0), (0, 1))


@pytest.mark.parametrize("finder", [AStar, JumpPoints])
def test_a_spent_budget_tells_the_way_to_the_nearest_place(finder: type[AStar]) -> None:
    ways = finder(Grid.of_text(MAZE))
    whole = ways.find((0, 0), (3, 4))
    assert whole is not None
    with pytest.raises(BudgetSpent, match="within the budget of 1;") as spent:
        ways.find((0, 0), (3, 4), budget=1)
    assert spent.value.budget == 1
    assert spent.value.nearest.start == (0.5, 0.5)
    assert spent.value.nearest.cost < whole.cost
    assert ways.find((0, 0), (3, 4), budget=1000) == whole


@pytest.mark.parametrize("finder", [AStar, JumpPoints, FlowFields])
def test_of_equally_cheap_paths_it_is_always_the_same(finder: type[AStar]) -> None:
    walls = np.random.default_rng(5).random((40, 40)) < 0.2
    walls[0, 0] = walls[-1, -1] = False
    paths = {finder(Grid.of_walls(walls)).find((0, 0), (39, 39)) for _ in range(3)}
    assert len(paths) == 1
    assert paths != {None}


def test_fields_are_made_once_for_all_who_go_to_the_same_goals() -> None:
    fields = FlowFields(Grid.of_text("....."), capacity=2)
    first = fields.to((4, 0), (0, 0))
    assert fields.to((0.5, 0.9), (4.2, 0)) is first
    fields.to((1, 0))
    fields.to((2, 0))
    assert fields.to((4, 0), (0, 0)) is not first
    with pytest.raises(PathFault, match="at least one goal"):
        fields.to()


def test_the_first_steps_of_a_long_way_can_be_had_alone() -> None:
    path = FlowField(Grid.of_text("....."), [(4, 0)]).path((0, 0), steps=2)
    assert path == Path(((0.5, 0.5), (1.5, 0.5), (2.5, 0.5)), 2.0)


def test_a_field_directs_nobody_outside_or_in_a_wall() -> None:
    field = FlowField(Grid.of_text("..#"), [(1, 0)])
    places = [(0.1, 0.9), (1.5, 0.5), (2.5, 0.5), (-5, 0), (0, 99)]
    assert field.directions(places).tolist() == [[1, 0], [0, 0], [0, 0], [0, 0], [0, 0]]


def test_maps_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidMap, match=r"cell \(1, 0\) weighs 0.0; a weight is above 0"):
        Grid([[1.0, 0.0]])
    with pytest.raises(InvalidMap, match=r"cell \(0, 1\) weighs nan"):
        Grid([[1.0], [np.nan]])
    with pytest.raises(InvalidMap, match=r"shape \(3,\)"):
        Grid([1.0, 1.0, 1.0])
    with pytest.raises(InvalidMap, match="size 0"):
        Grid([[1.0]], cell=0)
    with pytest.raises(InvalidMap, match=r"lines of \[1, 2\] cells"):
        Grid.of_text("..\n.")
    with pytest.raises(UnevenMap, match="cells of different weights; use AStar"):
        JumpPoints(Grid.of_text("1.3"))
    with pytest.raises(UnevenMap, match="no diagonal steps"):
        JumpPoints(Grid.of_text("..", diagonal=False))


def test_a_changed_map_is_a_new_one() -> None:
    grid = Grid.of_text("...")
    shut = grid.with_cells({(1, 0): inf})
    assert AStar(grid).find((0, 0), (2, 0)) is not None
    assert AStar(shut).find((0, 0), (2, 0)) is None
    with pytest.raises(OutsideMap, match="cell"):
        grid.with_cells({(3, 0): 1})


def test_a_wide_body_finds_narrow_gaps_shut() -> None:
    grid = Grid.of_text(".....\n##.##\n.....")
    assert AStar(grid.widened(0.4)).find((2, 0), (2, 2)) is not None
    wide = grid.widened(0.6)
    assert not wide.free((2, 1))
    assert Grid.of_text("...\n...\n..#").widened(0.6).weights.tolist() == [[1, 1, 1], [1, 1, inf], [1, inf, inf]]


@settings(deadline=None)
@given(EVEN, st.data())
def test_sight_ends_at_walls(drawn: tuple[np.ndarray, Cell, Cell], data: st.DataObject) -> None:
    weights, start, _ = drawn
    grid = Grid(weights)
    inside = st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
    shift, angle = data.draw(inside), data.draw(st.floats(0, 6.28))
    origin = (start[0] + shift[0], start[1] + shift[1])
    way = (np.cos(angle), np.sin(angle))
    found = cast(grid, origin, way, 20.0)
    # Walked in small steps: no wall before the ray's end, and one right behind it.
    shares = np.arange(0, 20.0 if found is None else found - 1e-6, 0.01)
    cells = [grid.cell_at((origin[0] + way[0] * share, origin[1] + way[1] * share)) for share in shares]
    walls = [cell for cell in cells if 0 <= cell[0] < grid.width and 0 <= cell[1] < grid.height and not grid.free(cell)]
    assert not walls
    if found is not None:
        x, y = origin[0] + way[0] * found, origin[1] + way[1] * found
        around = [grid.cell_at((x + dx, y + dy)) for dx in (-1e-6, 1e-6) for dy in (-1e-6, 1e-6)]
        assert any(0 <= cx < grid.width and 0 <= cy < grid.height and not grid.free((cx, cy)) for cx, cy in around)


def test_sight_and_rays_by_hand() -> None:
    grid = Grid.of_text("...#\n....")
    assert not sees(grid, (0.5, 0.5), (3.5, 1.1))
    assert sees(grid, (0.5, 1.5), (3.5, 1.5))
    assert not sees(grid, (3.5, 0.5), (3.5, 1.5))
    assert not sees(Grid.of_text("1.9"), (0.5, 0.5), (2.5, 0.5))
    assert cast(grid, (0.5, 0.5), (2, 0), 10) == pytest.approx(2.5)
    assert cast(grid, (0.5, 0.5), (1, 0), 2.4) is None
    assert cast(grid, (0.5, 1.5), (1, 0), 10) is None
    with pytest.raises(ValueError, match="direction"):
        cast(grid, (0, 0), (0, 0), 1)


@settings(deadline=None)
@given(EVEN)
def test_a_straightened_path_is_free_and_no_longer(drawn: tuple[np.ndarray, Cell, Cell]) -> None:
    weights, start, goal = drawn
    grid = Grid(weights)
    path = AStar(grid).find(start, goal)
    if path is None:
        return
    straight = straightened(grid, path)
    assert (straight.start, straight.goal) == (path.start, path.goal)
    assert straight.cost <= path.cost + 1e-9
    assert straight.cost == pytest.approx(straight.length)
    assert all(sees(grid, one, two) for one, two in pairwise(straight.points))
    assert all(hypot(x2 - x1, y2 - y1) > 0 for (x1, y1), (x2, y2) in pairwise(straight.points))


def test_a_straightened_path_stays_on_the_ground_it_was_on() -> None:
    grid = Grid.of_text("111\n191\n111")
    path = AStar(grid).find((0, 0), (2, 2))
    assert path is not None
    assert straightened(grid, path).cost == pytest.approx(path.cost)
