"""What holds in the world."""

import pytest
from fw_environment import Recorder, replay

from {{ cookiecutter.package }}.sheep import Sheep
from {{ cookiecutter.package }}.world import count, grown, make_world


def test_a_run_is_repeated_bit_for_bit() -> None:
    env = make_world(10, seed=3)
    with Recorder(env) as recording:
        env.step(100)
    assert replay(make_world(10, seed=3), recording) is None
    assert make_world(10, seed=4).hash() != make_world(10, seed=3).hash()


def test_grass_without_sheep_grows() -> None:
    env = make_world(sheep=0)
    before = grown(env)
    env.run(10)
    assert before < grown(env) < 1


def test_sheep_eat_what_they_stand_on() -> None:
    env = make_world(sheep=1)
    [sheep] = env.of(Sheep)
    before = sheep.here()
    env.run(0.5)
    assert sheep.here() < before
    assert sheep.energy > 1


def test_sheep_starve_where_nothing_grows() -> None:
    env = make_world(sheep=5)
    next(env.of(Sheep)).grass.height[:] = 0.0
    env.run(60)
    assert count(env) == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_leaves_the_meadow(seed: int) -> None:
    env = make_world(10, seed)
    env.run(20)
    assert all(0 <= sheep.x <= 16 and 0 <= sheep.y <= 16 for sheep in env.of(Sheep))
