"""Steering: what bodies do when they follow it."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from fw_environment.paths import FlowField, Grid, steering
from fw_environment.space import PointIndex

DT = 0.05


def vectors(*rows: tuple[float, float]) -> steering.Vectors:
    return np.array(rows, dtype=np.float64)


def lengths(found: steering.Vectors) -> list[float]:
    return [float(length) for length in np.hypot(found[:, 0], found[:, 1])]


def test_seek_and_flee_are_the_way_there_and_back_at_full_speed() -> None:
    places, still = vectors((0, 0), (5, 5)), vectors((0, 0), (0, 0))
    assert steering.seek(places, still, vectors((3, 4)), 10.0).tolist()[0] == pytest.approx([6, 8])
    assert steering.flee(places, still, vectors((3, 4)), 10.0).tolist()[0] == pytest.approx([-6, -8])
    assert steering.seek(places, vectors((6, 8), (0, 0)), vectors((3, 4)), 10.0).tolist()[0] == pytest.approx([0, 0])


def test_who_is_at_the_target_only_slows_down() -> None:
    assert steering.seek(vectors((1, 1)), vectors((2, 0)), vectors((1, 1)), 5.0).tolist() == [[-2, 0]]


def test_arrive_stops_at_the_target() -> None:
    place, velocity = vectors((0, 0)), vectors((0, 0))
    for _ in range(400):
        wanted = steering.arrive(place, velocity, vectors((7, -3)), speed=2.0, slowing=1.5)
        velocity = velocity + steering.limited(wanted, 4.0) * DT * 4
        place = place + velocity * DT
    assert place[0] == pytest.approx((7, -3), abs=1e-3)
    assert lengths(velocity) == pytest.approx([0], abs=1e-3)


def test_pursuit_catches_what_a_chase_after_its_place_does_not() -> None:
    def caught(behaviour: str) -> float:
        """The number of steps it takes, inf if it does not happen."""
        hunter, prey, run = vectors((0, -6)), vectors((-8, 0)), vectors((1.5, 0))
        for step in range(200):
            still = vectors((0, 0))
            if behaviour == "pursue":
                wanted = steering.pursue(hunter, still, prey, run, 1.6)
            else:
                wanted = steering.seek(hunter, still, prey, 1.6)
            hunter, prey = hunter + wanted * DT, prey + run * DT
            if lengths(hunter - prey)[0] < 0.2:
                return step
        return inf

    early = caught("pursue")
    assert early < inf
    assert caught("seek") > early


def test_evade_flees_from_where_the_hunter_will_be() -> None:
    fled = steering.evade(vectors((2, 1)), vectors((0, 0)), vectors((0, 0)), vectors((3, 0)), 2.0)
    assert fled[0, 1] > 0
    assert fled[0, 0] < steering.flee(vectors((2, 1)), vectors((0, 0)), vectors((0, 0)), 2.0)[0, 0]


def test_limited_cuts_only_what_is_longer() -> None:
    assert steering.limited(vectors((3, 4), (0.3, 0.4), (0, 0)), 1.0).tolist() == [
        pytest.approx([0.6, 0.8]), [0.3, 0.4], [0, 0],
    ]  # fmt: skip


def test_a_crowd_that_separates_keeps_its_distance() -> None:
    places = np.random.default_rng(2).random((60, 2)) * 2
    places[1] = places[0]
    for _ in range(300):
        pairs = PointIndex(places, cell=1.0).pairs(1.0)
        places = places + steering.separate(places, pairs, 1.0) * DT * 4
    _, near = PointIndex(places).nearest((0, 0), 60)
    one, two = PointIndex(places).pairs(0.6)
    assert len(one) == len(two) == 0
    assert np.isfinite(near).all()


def test_pushes_are_equal_and_opposite() -> None:
    places = np.random.default_rng(3).random((50, 2)) * 4
    pushed = steering.separate(places, PointIndex(places).pairs(1.0), 1.0)
    assert pushed.sum(axis=0) == pytest.approx([0, 0], abs=1e-9)


def test_align_and_cohere_are_towards_the_mean_of_the_neighbours() -> None:
    pairs = (np.array([0, 0]), np.array([1, 2]))
    values = vectors((0, 0), (2, 0), (4, 6), (9, 9))
    for found in (steering.align(values, pairs), steering.cohere(values, pairs)):
        assert found.tolist() == [[3, 3], [-2, 0], [-4, -6], [0, 0]]


def test_a_body_that_avoids_gets_past_what_stands_in_its_way() -> None:
    for height in (-0.4, 0.0, 0.3):
        place, velocity = vectors((-6, height)), vectors((2, 0))
        nearest = 99.0
        for _ in range(300):
            wanted = steering.seek(place, velocity, vectors((6, 0)), 2.0)
            around = steering.avoid(place, velocity, vectors((0, 0), (0, 50)), 1.0, seconds=1.5, body=0.3)
            velocity = velocity + (wanted * 0.5 + around * 3) * DT * 2
            place = place + velocity * DT
            nearest = min(nearest, lengths(place)[0])
            if place[0, 0] > 5:
                break
        assert place[0, 0] > 5
        assert nearest > 1.0


def test_what_is_behind_beside_or_far_is_no_obstacle() -> None:
    away = vectors((-3, 0), (0, 5), (50, 0))
    assert steering.avoid(vectors((0, 0)), vectors((1, 0)), away, 1.0, seconds=2).tolist() == [[0, 0]]
    assert steering.avoid(vectors((0, 0)), vectors((1, 0)), np.empty((0, 2)), 1.0, seconds=2).tolist() == [[0, 0]]
    assert steering.avoid(vectors((0, 0)), vectors((0, 0)), vectors((1, 0)), 1.0, seconds=2).tolist() == [[0, 0]]


def test_a_thousand_bodies_flow_to_one_goal_by_one_field() -> None:
    grid = Grid.of_text("......\n.####.\n.#....\n.#.##.\n......")
    field = FlowField(grid, [(5, 4)])
    random = np.random.default_rng(1)
    places = random.random((1000, 2)) * (6, 5)
    places = places[[grid.free(grid.cell_at((x, y))) for x, y in places.tolist()]]
    for _ in range(400):
        steps = steering.flow(np.zeros_like(places), field.directions(places), 1.0) * DT
        moved = places + steps
        free = np.array([grid.free(grid.cell_at((x, y))) for x, y in moved.tolist()])
        places = np.where(free[:, None], moved, places)
    assert [grid.cell_at((x, y)) for x, y in places.tolist()].count((5, 4)) > len(places) * 0.95
