"""A path as a line, and going along it."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fw_environment.paths import Path, PathFollower

BEND = Path(((0, 0), (3, 0), (3, 4)), 7.0)
COORDINATES = st.integers(-5, 5)


def test_a_path_knows_its_length_and_its_points() -> None:
    assert (BEND.length, BEND.start, BEND.goal) == (7, (0, 0), (3, 4))
    assert [BEND.sample(at) for at in (-1, 0, 1.5, 3, 5, 7, 99)] == [
        (0, 0), (0, 0), (1.5, 0), (3, 0), (3, 2), (3, 4), (3, 4),
    ]  # fmt: skip


def test_a_path_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        Path((), 0)


def test_equal_paths_are_equal() -> None:
    assert {BEND, Path(((0, 0), (3, 0), (3, 4)), 7.0)} == {BEND}


@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=6), st.tuples(COORDINATES, COORDINATES))
def test_nothing_on_the_line_is_nearer_than_its_nearest_point(
    points: list[tuple[float, float]], place: tuple[float, float]
) -> None:
    path = Path(tuple(points), 0)

    def away(mark: float) -> float:
        x, y = path.sample(mark)
        return hypot(x - place[0], y - place[1])

    found = path.nearest(place)
    assert away(found) <= min(away(path.length * share / 200) for share in range(201)) + 1e-9
    corners = path.corners()
    assert corners.length == pytest.approx(path.length)
    assert all(
        corners.sample(path.length * share / 50) == pytest.approx(path.sample(path.length * share / 50), abs=1e-6)
        for share in range(51)
    )


def test_only_the_stretch_that_is_asked_about_counts() -> None:
    there_and_back = Path(((0, 0), (10, 0), (10, 1), (0, 1)), 21)
    assert there_and_back.nearest((2, 0.6)) == 19
    assert there_and_back.nearest((2, 0.6), 0, 5) == 2
    assert there_and_back.nearest((2, 0), 4, 5) == 4


def test_corners_are_where_the_line_turns() -> None:
    path = Path(((0, 0), (1, 1), (2, 2), (2, 3), (2, 4), (2, 3)), 6)
    assert path.corners().points == ((0, 0), (2, 2), (2, 4), (2, 3))
    assert Path(((1, 1),), 0).corners().points == ((1, 1),)


def followed(path: Path, speed: float, seconds: float) -> tuple[PathFollower, tuple[float, float], float]:
    """A body that steers as told: its follower, where it is in the end, and how far off the path it came at most."""
    follower, (x, y), off = PathFollower(path, ahead=0.5, reach=0.2), path.start, 0.0
    for _ in range(int(seconds * 20)):
        if follower.arrived((x, y)):
            break
        tx, ty = follower.target((x, y))
        share = min(1.0, speed / 20 / (hypot(tx - x, ty - y) or 1.0))
        x, y = x + (tx - x) * share, y + (ty - y) * share
        nx, ny = path.sample(path.nearest((x, y)))
        off = max(off, hypot(nx - x, ny - y))
    return follower, (x, y), off


def test_a_follower_arrives_and_rounds_corners_no_more_than_it_looks_ahead() -> None:
    follower, place, off = followed(BEND, speed=1.0, seconds=8)
    assert follower.arrived(place)
    assert 0 < off < 0.5


def test_a_follower_of_a_path_that_crosses_itself_takes_the_whole_of_it() -> None:
    loop = Path(((0, 0), (4, 0), (4, 3), (2, 3), (2, -3), (0, -0.05)), 0)
    follower, place, _ = followed(loop, speed=1.0, seconds=60)
    assert follower.arrived(place)
    _, early, _ = followed(loop, speed=1.0, seconds=5)
    assert early != place


def test_a_follower_at_the_goal_of_a_round_trip_has_not_arrived_before_it_went() -> None:
    square = Path(((0, 0), (2, 0), (2, 2), (0, 2), (0, 0)), 8)
    follower = PathFollower(square)
    assert not follower.arrived((0, 0))
    assert follower.left == 8
    turned = [(1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1), (0, 0)]
    for place in turned:
        follower.target(place)
    assert follower.arrived((0, 0))
