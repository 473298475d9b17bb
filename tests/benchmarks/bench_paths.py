"""What finding ways costs beside a plain A*, in one run: CPU time of each, and the ratio.

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-environment \
        python tests/benchmarks/bench_paths.py

The plain A* is what one writes in half an hour: heapq, dictionaries, the octile distance, the same steps. Every path is
compared with its cost. The map: 256 x 256 cells, 25 % of them walls, from one corner to the other and between random
places.
"""

import gc
import statistics
import time
from collections.abc import Callable
from heapq import heappop, heappush
from math import inf, sqrt

import numpy as np

from fw_environment.paths import AStar, FlowField, FlowFields, Grid, JumpPoints, NavMesh
from fw_environment.space import PointIndex

SIZE, WALLS, ROUNDS, TRIPS, AGENTS = 256, 0.25, 7, 20, 10_000

Cell = tuple[int, int]


def plain(walls: list[list[bool]], start: Cell, goal: Cell) -> float:
    """The cost of the cheapest path; `inf` without one."""
    height, width = len(walls), len(walls[0])

    def bound(cell: Cell) -> float:
        dx, dy = abs(cell[0] - goal[0]), abs(cell[1] - goal[1])
        return max(dx, dy) + (sqrt(2) - 1) * min(dx, dy)

    def neighbours(cell: Cell) -> list[tuple[Cell, float]]:
        x, y = cell
        found = []
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)):
            nx, ny = x + dx, y + dy
            if not (0 <= nx < width and 0 <= ny < height) or walls[ny][nx]:
                continue
            if dx and dy and (walls[y][nx] or walls[ny][x]):
                continue
            found.append(((nx, ny), sqrt(2) if dx and dy else 1.0))
        return found

    cost, came, closed = {start: 0.0}, {start: start}, set()
    heap = [(bound(start), start)]
    while heap:
        _, cell = heappop(heap)
        if cell == goal:
            return cost[cell]
        if cell in closed:
            continue
        closed.add(cell)
        for there, step in neighbours(cell):
            total = cost[cell] + step
            if total < cost.get(there, inf):
                cost[there], came[there] = total, cell
                heappush(heap, (total + bound(there), there))
    return inf


def seconds(act: Callable[[], object]) -> float:
    """CPU time of one call."""
    gc.collect()
    started = time.process_time()
    act()
    return time.process_time() - started


def compared(peer: Callable[[], object], own: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """Median time of each, and the median of its ratios to the peer, round by round."""
    rounds = [{"plain A*": seconds(peer), **{name: seconds(act) for name, act in own.items()}} for _ in range(ROUNDS)]
    return {
        name: (
            statistics.median(one[name] for one in rounds),
            statistics.median(one["plain A*"] / one[name] for one in rounds),
        )
        for name in rounds[0]
    }


def shown(title: str, found: dict[str, tuple[float, float]]) -> None:
    print(f"\n{title}")
    for name, (spent, ratio) in found.items():
        print(f"  {name:<42} {spent * 1000:9.2f} ms   x {ratio:6.2f}")


def cost_of(finder: AStar | JumpPoints | FlowFields, trip: tuple[Cell, Cell]) -> float:
    path = finder.find(*trip)
    return inf if path is None else path.cost


def bench_paths() -> None:
    random = np.random.default_rng(7)
    walls = random.random((SIZE, SIZE)) < WALLS
    walls[:2, :2] = walls[-2:, -2:] = False
    grid, rows = Grid.of_walls(walls), walls.tolist()
    free = [(int(x), int(y)) for y, x in np.argwhere(~walls)]
    across = ((0, 0), (SIZE - 1, SIZE - 1))
    trips = [(free[a], free[b]) for a, b in random.integers(len(free), size=(TRIPS, 2)).tolist()]
    star, jumps = AStar(grid), JumpPoints(grid)
    fields = FlowFields(grid)
    for trip in [across, *trips]:
        costs = [plain(rows, *trip), cost_of(star, trip), cost_of(jumps, trip), cost_of(fields, trip)]
        assert costs == [costs[0]] * 4 or max(costs) - min(costs) < 1e-9, costs

    shown("corner to corner", compared(lambda: plain(rows, *across), {
        "AStar": lambda: star.find(*across),
        "JumpPoints": lambda: jumps.find(*across),
        "FlowField, made for this one path": lambda: FlowField(grid, [across[1]]).path(across[0]),
    }))  # fmt: skip
    shown(f"{TRIPS} random trips", compared(lambda: [plain(rows, *trip) for trip in trips], {
        "AStar": lambda: [star.find(*trip) for trip in trips],
        "JumpPoints": lambda: [jumps.find(*trip) for trip in trips],
    }))  # fmt: skip
    to_one = [(start, across[1]) for start, _ in trips]
    field = FlowField(grid, [across[1]])
    places = random.random((AGENTS, 2)) * SIZE
    shown(f"{TRIPS} agents with one goal", compared(lambda: [plain(rows, *trip) for trip in to_one], {
        "FlowField, made and followed": lambda: [
            one.path(start) for one in [FlowField(grid, [across[1]])] for start, _ in to_one
        ],
        "FlowField, made before": lambda: [field.path(start) for start, _ in to_one],
    }))  # fmt: skip
    print("\nalone")
    crowd = random.random((AGENTS, 2)) * 100
    for name, act in {
        "tables of a grid, for AStar": lambda: AStar(Grid.of_walls(walls)).find((0, 0), (0, 0)),
        "tables for JumpPoints": lambda: JumpPoints(grid),
        f"directions of {AGENTS} agents": lambda: field.directions(places),
        "NavMesh.of_grid": lambda: NavMesh.of_grid(grid),
        f"PointIndex of {AGENTS} places and all pairs within 1": lambda: PointIndex(crowd, cell=1.0).pairs(1.0),
    }.items():
        print(f"  {name:<52} {statistics.median(seconds(act) for _ in range(ROUNDS)) * 1000:9.2f} ms")


if __name__ == "__main__":
    bench_paths()
