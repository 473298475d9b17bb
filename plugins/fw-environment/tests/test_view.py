"""A world shows itself: its renderers fill draw lists."""

from __future__ import annotations

import numpy as np
import pytest

from fw_environment import Environment, EnvironmentEntity
from fw_environment.drawing import ArrayRenderer, Camera, DrawList, Frame, View


class Comet(EnvironmentEntity):
    kind = "Comet"

    def on_update(self, dt: float) -> None:
        self.x += 10 * dt


def sky(env: Environment, picture: DrawList, alpha: float) -> None:
    for comet in env.of(Comet):
        x, y, _ = env.interpolation.place(comet, alpha)
        picture.rect((x - 0.5, y - 0.5), (1, 1), (255, 255, 255))


def columns_lit(frame: Frame) -> list[int]:
    return np.flatnonzero(frame[:, :, 0].any(axis=0)).tolist()


def world() -> tuple[Environment, View, list[Frame]]:
    env = Environment(dt=0.1)
    env.spawn(Comet(), at=(0.5, 5.5))
    frames: list[Frame] = []
    view = View(sky, Camera((40, 20), centre=(10, 5), zoom=2), ArrayRenderer(), frames.append)
    env.renderers.append(view)
    return env, view, frames


def test_each_frame_shows_the_world_as_it_is_then() -> None:
    env, _, frames = world()
    env.step(3)
    env.step(4)
    assert [columns_lit(frame) for frame in frames] == [[6, 7], [14, 15]]


def test_between_two_steps_things_are_between_two_places() -> None:
    env, view, frames = world()
    env.interpolation.on = True
    env.clock.pace = "real"
    env.clock.scale = 0.01
    env.step(10)
    env.clock.advance(0.0)
    assert columns_lit(view.frame(env)) == [20, 21]
    assert [columns_lit(frame) for frame in frames] == [[18, 19], [18, 19]]
    assert env.clock.advance(5.0).alpha == 0.5
    assert columns_lit(frames[-1]) == [19, 20]


def test_drawing_leaves_the_world_and_the_frames_of_before_as_they_are() -> None:
    env, view, frames = world()
    env.step()
    before, shown = env.hash(), frames[0].copy()
    assert np.array_equal(view.frame(env), view.frame(env))
    assert env.hash() == before
    assert np.array_equal(frames[0], shown)


def test_a_renderer_with_a_window_only_paints() -> None:
    class Window(ArrayRenderer):
        painted = 0

        def paint(self, picture: DrawList, camera: Camera) -> None:
            self.painted += 1
            super().paint(picture, camera)

        def frame(self) -> Frame:
            raise AssertionError("nobody asked for a frame")

    window, (env, view, _) = Window(), world()
    env.renderers[:] = [View(sky, view.camera, window)]
    env.step(5)
    assert window.painted == 1


def test_a_film_of_a_run_takes_every_so_many_steps() -> None:
    env, view, frames = world()
    env.renderers[:] = [View(sky, view.camera, ArrayRenderer(), frames.append, every=4)]
    env.run(1.1)
    assert [columns_lit(frame)[0] for frame in frames] == [8, 16]
    with pytest.raises(ValueError, match="every 0 steps"):
        View(sky, view.camera, ArrayRenderer(), every=0)
