"""Cameras: from world to screen and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fw_environment.drawing import Camera

NUMBER = st.floats(-1000, 1000)
PLACE = st.tuples(NUMBER, NUMBER)
CAMERAS = st.builds(
    Camera,
    st.tuples(st.integers(1, 2000), st.integers(1, 2000)),
    PLACE,
    st.floats(0.05, 100),
    st.booleans(),
    st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
)


@given(CAMERAS, PLACE)
def test_there_and_back_is_the_same_place(camera: Camera, place: tuple[float, float]) -> None:
    assert camera.screen_to_world(camera.world_to_screen(place)) == pytest.approx(place, abs=1e-6)
    assert camera.all_to_screen(np.array([place]))[0] == pytest.approx(camera.world_to_screen(place))


@given(CAMERAS, st.tuples(st.floats(0, 1), st.floats(0, 1)), st.floats(0.1, 10))
def test_zooming_at_a_pixel_keeps_what_is_seen_there(camera: Camera, share: tuple[float, float], factor: float) -> None:
    pixel = (share[0] * camera.viewport[0], share[1] * camera.viewport[1])
    before = camera.screen_to_world(pixel)
    camera.zoom_at(pixel, factor)
    assert camera.screen_to_world(pixel) == pytest.approx(before, rel=1e-6, abs=1e-6)


def test_the_centre_is_in_the_middle_and_y_points_where_one_says() -> None:
    assert Camera((200, 100), (5, 5), 10).world_to_screen((6, 6)) == (110, 60)
    assert Camera((200, 100), (5, 5), 10, y_up=True).world_to_screen((6, 6)) == (110, 40)


def test_the_view_is_what_the_corners_show() -> None:
    for y_up in (False, True):
        assert Camera((200, 100), (5, 5), 10, y_up=y_up).view == ((-5, 0), (15, 10))


def test_following_is_the_same_in_one_step_as_in_many() -> None:
    once, often = Camera((9, 9)), Camera((9, 9))
    once.follow((10, -4), 1.0, lag=0.5)
    for _ in range(50):
        often.follow((10, -4), 0.02, lag=0.5)
    assert once.centre == pytest.approx(often.centre)
    assert 0 < once.centre[0] < 10
    once.follow((10, -4), 0.01)
    assert once.centre == (10, -4)


def test_fitting_shows_all_of_a_box() -> None:
    camera = Camera((200, 100))
    camera.fit((10, 20), (14, 24), margin=10)
    assert (camera.zoom, camera.centre) == (20, (12, 22))
    camera.fit((3, 3), (3, 3))
    assert (camera.zoom, camera.centre) == (20, (3, 3))


def test_a_shake_moves_the_picture_and_ends() -> None:
    camera = Camera((100, 100))
    camera.shake(5, np.random.default_rng(1))
    assert camera.offset != (0, 0)
    assert max(map(abs, camera.offset)) <= 5
    camera.shake(0, np.random.default_rng(1))
    assert camera.world_to_screen((0, 0)) == (50, 50)


def test_cameras_that_show_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="viewport"):
        Camera((0, 5))
    with pytest.raises(ValueError, match="zoom 0"):
        Camera((5, 5), zoom=0)
    with pytest.raises(ValueError, match="zooming by -1"):
        Camera((5, 5)).zoom_at((0, 0), -1)
