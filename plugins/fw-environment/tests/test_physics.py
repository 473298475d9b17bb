"""Bodies move as pymunk says, and their world stays one that can be saved, forked and replayed."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from math import inf, nan, pi
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fw_environment import (
    Action,
    Box,
    Environment,
    MissingExtra,
    PlayerController,
    Recorder,
    StepFailed,
    Templates,
    effector,
    replay,
)
from fw_environment.drawing import Circle, DrawList, Polygon
from fw_environment.physics import BadBody, Body, Physics, box, circle, draw, line, polygon


class Crate(Body):
    kind = "Crate"
    shapes = (box(1.0, 0.8),)
    elasticity = 0.1


class Ball(Body):
    kind = "Ball"
    shapes = (circle(0.5),)
    elasticity = 0.2


def heap(count: int = 40, seed: int = 1) -> Environment:
    """A box of walls into which balls and crates fall; one in seven is a ghost."""
    env = Environment(dt=1 / 60, seed=seed)
    env.add_system(Physics(gravity=(0.0, -10.0)))
    walls = (line((-5, 0), (5, 0), 0.1), line((-5, 0), (-5, 40), 0.1), line((5, 0), (5, 40), 0.1))
    env.spawn(Body(name="walls", motion="static", shapes=walls))
    chance = env.stream("heap")
    for number in range(count):
        made: Body = Ball() if number % 3 == 0 else Crate(angle=chance.uniform(0, 3))
        made.ghost = number % 7 == 5
        env.spawn(made, at=(chance.uniform(-4, 4), chance.uniform(1, 20)))
    env.events.on("touch")(heard)
    env.events.on("part")(heard)
    return env


def heard(env: Environment, *_: Any) -> None:
    """Events are part of the state while they wait; their number is afterwards."""


def hashes(env: Environment, steps: int) -> list[bytes]:
    found = []
    for _ in range(steps):
        env.step()
        found.append(env.hash())
    return found


def on_ground(*bodies: Body, gravity: float = -10.0, **rules: Any) -> Environment:
    env = Environment(dt=1 / 60)
    env.add_system(Physics(gravity=(0.0, gravity), **rules))
    env.spawn(Body(name="ground", motion="static", shapes=(line((-50, 0), (50, 0)),)))
    for body in bodies:
        env.spawn(body)
    return env


def test_a_restored_world_goes_on_bit_by_bit_in_the_same_world_in_a_fresh_one_and_in_a_fork() -> None:
    env = heap()
    env.step(100)
    state = env.snapshot()
    saved, twin = state.to_bytes(), env.fork()
    straight = hashes(env, 100)
    env.restore(state)
    assert hashes(env, 100) == straight
    assert hashes(twin, 100) == straight
    fresh = heap(0)
    fresh.know(Ball, Crate)
    fresh.restore(fresh.load(saved))
    assert hashes(fresh, 100) == straight


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(["restore", "fork", "spawn", "go", "move", "look"]), max_size=8))
def test_what_is_done_between_steps_does_not_show_where_it_was_saved_and_restored(seed: int, walk: list[str]) -> None:
    """Bodies come, go and are moved, alike in two worlds; one of them is restored and asked again and again."""
    plain, shaken = heap(15, seed), heap(15, seed)
    for number, what in enumerate(walk):
        for env in (plain, shaken):
            env.step(12)
            bodies = list(env.of(Body))[1:]
            if what == "spawn":
                env.spawn(Crate(vx=3.0), at=(-4.0, 12.0 + number))
            elif what == "go" and bodies:
                env.despawn(bodies[number % len(bodies)])
            elif what == "move" and bodies:
                bodies[number % len(bodies)].y += 4.0
                bodies[-1].push(50.0, 20.0)
        if what == "restore":
            shaken.restore(shaken.snapshot())
        elif what == "fork":
            shaken = shaken.fork()
        elif what == "look":
            shaken.system(Physics).ray((-6, 1), (6, 1))
        assert plain.hash() == shaken.hash()
    assert hashes(plain, 20) == hashes(shaken, 20)


def test_without_the_contacts_the_same_places_go_on_otherwise() -> None:
    """The variant that the test above must catch: contacts that are not saved."""
    env = heap()
    env.step(150)
    forgetful = env.fork()
    env.step(20)
    forgetful.system(Physics).load(())
    forgetful.step(20)
    assert env.hash() != forgetful.hash()


def test_asking_changes_nothing() -> None:
    asked, plain = heap(), heap()
    for _ in range(60):
        asked.step()
        asked.system(Physics).ray((-6, 1), (6, 1))
        asked.system(Physics).around((0, 1), 3)
        plain.step()
    assert asked.hash() == plain.hash()


def test_a_recording_is_replayed_in_every_step() -> None:
    env = heap(20)
    with Recorder(env) as recording:
        env.step(30)
        env.inputs.set(5, "vy", 12.0)
        env.step(60)
    other = heap(0)
    other.know(Ball, Crate)
    assert replay(other, recording) is None


def test_hashes_are_equal_in_another_process() -> None:
    lines = [
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})",
        "import test_physics",
        "env = test_physics.heap(); env.step(120)",
        "print(env.hash().hex())",
    ]
    env = heap()
    env.step(120)
    run = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == env.hash().hex()


def test_a_stack_of_ten_stands_also_when_others_come_and_go() -> None:
    stack = [Body(shapes=(box(1, 1),), friction=0.8, y=0.5 + number) for number in range(10)]
    env = on_ground(*stack)
    for _ in range(20):
        passing = env.spawn(Ball(), at=(30.0, 5.0))
        env.step(20)
        env.despawn(passing)
    top = stack[-1]
    assert [top.x, top.y, top.angle] == pytest.approx([0, 9.5, 0], abs=0.02)


def test_what_falls_falls_as_far_as_gravity_says() -> None:
    ball = Ball(y=100.0)
    env = on_ground(ball)
    env.step(60)
    assert ball.vy == pytest.approx(-10.0)
    assert ball.y == pytest.approx(95.0, abs=0.05)


def test_a_force_acts_for_one_step_and_an_impulse_at_once() -> None:
    pushed, kicked = Ball(x=-9.0, y=5.0, mass=2.0), Ball(x=9.0, y=5.0, mass=2.0)
    env = on_ground(pushed, kicked, gravity=0.0)
    pushed.push(60.0, 30.0)
    pushed.push(60.0, 0.0)
    pushed.twist(1.0)
    kicked.kick(2.0, 1.0)
    assert (kicked.vx, kicked.vy) == (1.0, 0.5)
    env.step()
    assert [pushed.vx, pushed.vy] == pytest.approx([1.0, 0.25])
    assert pushed.spin > 0
    env.step()
    assert [pushed.vx, pushed.fx, pushed.torque] == pytest.approx([1.0, 0.0, 0.0])


def test_a_door_moves_as_it_is_told_and_pushes_what_stands_in_its_way() -> None:
    door, crate = Body(motion="kinematic", shapes=(box(1, 2),), y=1.0, vx=2.0), Crate(x=1.5, y=0.4)
    env = on_ground(door, crate)
    env.step(60)
    assert [door.x, door.y] == pytest.approx([2.0, 1.0])
    assert crate.x > 2.5


def test_a_body_that_does_not_turn_stays_upright() -> None:
    hero = Body(shapes=(box(0.6, 1.8),), turns=False, y=0.9, vx=8.0)
    env = on_ground(hero, Crate(x=3.0, y=0.4))
    env.step(60)
    assert hero.angle == 0.0


def told(env: Environment) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    env.events.on("touch")(lambda env, *args: found.append(("touch", env.tick, *args)))
    env.events.on("part")(lambda env, *args: found.append(("part", env.tick, *args)))
    return found


def test_touching_is_told_once_with_its_speed_and_so_is_its_end() -> None:
    ball = Ball(y=2.0, elasticity=0.0)
    env = on_ground(ball)
    found, physics = told(env), env.system(Physics)
    env.step(60)
    [(what, _, one, other, speed)] = found
    assert (what, one, other) == ("touch", 1, ball.id)
    assert speed == pytest.approx(30**0.5, rel=0.05)  # it falls 1.5
    assert physics.touches(ball) == [env.find("ground")]
    ball.y = 20.0
    env.step()
    assert found[1:] == [("part", 61, 1, ball.id)]
    assert physics.touches(ball) == []


def test_a_bounce_between_two_steps_is_told_too() -> None:
    ball = Ball(y=0.6, vy=-20.0, elasticity=1.0)
    env = on_ground(ball, gravity=0.0)
    env.find("ground").elasticity = 1.0  # type: ignore[attr-defined]  # the ground is a body
    found = told(env)
    env.step()
    assert [what for what, *_ in found] == ["touch", "part"]
    assert ball.vy > 0


def test_a_ghost_is_touched_and_passed_through() -> None:
    goal, ball = Body(motion="static", ghost=True, shapes=(box(2, 2),), y=5.0), Ball(y=10.0)
    env = on_ground(goal, ball)
    found = told(env)
    env.step(75)
    assert [(what, one, other) for what, _, one, other, *_ in found] == [
        ("touch", goal.id, ball.id),
        ("part", goal.id, ball.id),
    ]
    assert ball.y < 4.0


def test_only_bodies_whose_categories_meet_touch() -> None:
    red, blue = Ball(y=0.5, category=2, meets=1 | 2), Ball(y=0.6, category=4, meets=1 | 4)
    env = on_ground(red, blue)
    env.step(30)
    assert abs(red.y - blue.y) < 0.05


def test_rays_and_places_find_bodies_as_they_are_now() -> None:
    near, far = Ball(x=5.0, y=1.0), Crate(x=9.0, y=1.0)
    env = on_ground(near, far, gravity=0.0)
    physics = env.system(Physics)
    first, second = physics.ray((0, 1), (10, 1))
    assert (first.body, first.point, first.normal) == (near, (4.5, 1.0), (-1.0, 0.0))
    assert first.share == pytest.approx(0.45)
    assert second.body is far
    near.y = 5.0
    assert [hit.body for hit in physics.ray((0, 1), (10, 1))] == [far]
    assert [hit.body for hit in physics.ray((0, 1), (10, 1), meets=2)] == []
    [(distance, found)] = physics.around((5.0, 6.0), 1.0)
    assert (distance, found) == (0.5, near)
    [(depth, found)] = physics.around((9.0, 1.0))
    assert depth < 0
    assert found is far
    env.despawn(far)
    assert physics.ray((0, 1), (10, 1)) == []


@pytest.mark.parametrize(
    "body, message",
    [
        (lambda: Ball(mass=0.0), r"Ball 2: Its mass is 0.0. Give it a mass above 0"),
        (Body, r"Body 2: It has no shape. Give shapes="),
        (lambda: Ball(motion="floating"), r"Its motion is 'floating'. It moves as"),
        (lambda: Ball(x=nan), r"Ball 2: Its place and speed are \(nan"),
        (lambda: Ball(shapes=(("cube", 1.0),)), r"\('cube', 1.0\) is no shape"),
        (lambda: Ball(shapes=(circle(0.0),)), r"has no extent"),
        (lambda: Ball(shapes=(circle(inf),)), r"holds what is no number"),
        (lambda: Ball(shapes=(line((1, 1), (1, 1)),)), r"has no extent"),
        (lambda: Ball(shapes=(polygon([(0, 0), (4, 0), (1, 1), (0, 4)]),)), r"is not convex. Make it of several"),
    ],
)
def test_a_body_that_cannot_be_fails_the_step_by_name(body: Callable[[], Body], message: str) -> None:
    env = on_ground(body())
    with pytest.raises(StepFailed, match=message) as failed:
        env.step()
    assert isinstance(failed.value.cause, BadBody)


def test_a_template_lists_shapes_and_what_it_spawns_is_drawn_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "things.toml"
    file.write_text(
        '[hammer]\nkind = "Body"\nshapes = [["box", 4, 1], ["circle", 1, [2, 0]], ["line", [0, 0], [0, 3], 0.2]]\n'
    )
    env = on_ground(gravity=0.0)
    hammer = Templates(file, [Body]).spawn(env, "hammer", x=10.0, y=9.0, angle=pi / 2)
    assert isinstance(hammer, Body)
    env.step()
    picture = DrawList()
    draw(picture, hammer, (255, 255, 255))
    head, disc, *stick = picture.commands
    assert isinstance(head, Polygon)
    assert {(round(x, 6), round(y, 6)) for x, y in head.points} == {(10.5, 7), (10.5, 11), (9.5, 11), (9.5, 7)}
    assert isinstance(disc, Circle)
    assert disc.centre == pytest.approx((10.0, 11.0))
    assert [type(part) for part in stick] == [Polygon, Circle, Circle]


def test_a_body_is_possessed_as_any_pawn() -> None:
    class Rocket(Ball):
        @effector(Box(0, 100))
        def thrust(self, force: float, dt: float) -> None:
            self.push(0.0, force)

    rocket = Rocket(y=1.0)
    env = on_ground(rocket)
    player = PlayerController().possess(rocket)
    player.send(Action("thrust", 30.0, duration=1.0))
    env.step(60)
    assert rocket.vy == pytest.approx(20.0, rel=0.05)  # 30 up, 10 down


def test_a_body_is_no_part_of_anything() -> None:
    env = on_ground()
    env.spawn(Ball(), parent=env.find("ground"))
    with pytest.raises(StepFailed, match=r"It is a part of another entity\. Spawn it without a parent"):
        env.step()


def test_a_body_that_is_thrown_out_of_the_numbers_fails_the_step() -> None:
    ball = Ball(y=5.0)
    env = on_ground(ball)
    env.step()
    ball.push(1e308, 0.0)
    ball.push(1e308, 0.0)
    with pytest.raises(StepFailed, match="Look for forces or masses that are too large"):
        env.step(3)


def test_rules_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadBody, match="substeps=0, iterations=10"):
        Physics(substeps=0)


def test_a_world_that_goes_leaves_nothing_behind() -> None:
    env = heap(10)
    env.step(60)
    env.restore(env.snapshot())
    env.step()
    stage = weakref.ref(env.system(Physics)._stage)
    space = weakref.ref(stage().space)  # type: ignore[union-attr]  # it is there
    del env
    gc.collect()
    assert stage() is None
    gc.collect()  # the space was held until its stage was gone
    assert space() is None


def test_without_pymunk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymunk", None)
    with pytest.raises(MissingExtra, match=r"pip install fw-environment\[physics\]"):
        Physics()
