"""One draw list, drawn the same by every renderer, which changes nothing.

The golden picture was made by ArrayRenderer, which must repeat it exactly. The others may differ at edges, which each
library rounds in its own way: by more than 51 of 255 in at most 3 % of the pixels, by at most 3 on average.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fw_environment.drawing import (
    ArrayRenderer,
    Camera,
    Circle,
    DrawingFault,
    DrawList,
    InvalidImage,
    OpenCVRenderer,
    PygameRenderer,
    QtRenderer,
    Renderer,
    UnknownImage,
)
from fw_environment.extras import MissingExtra, required

GOLDEN = Path(__file__).parent / "golden" / "scene.png"
BACKGROUND, RED, GREEN, BLUE = (20, 24, 32), (255, 0, 0), (0, 255, 0), (0, 0, 255)
EVERY: list[Any] = [
    ArrayRenderer,
    PygameRenderer,
    OpenCVRenderer,
    pytest.param(QtRenderer, marks=pytest.mark.needs("qt-libraries")),
]
every_renderer = pytest.mark.parametrize("make", EVERY)


def tile() -> np.ndarray:
    """A quarter each red, green, blue and half-covering yellow."""
    image = np.zeros((4, 4, 4), dtype=np.uint8)
    image[:2, :2], image[:2, 2:], image[2:, :2], image[2:, 2:] = (
        (*RED, 255),
        (*GREEN, 255),
        (*BLUE, 255),
        (255, 255, 0, 128),
    )
    return image


def scene() -> DrawList:
    picture = DrawList(background=BACKGROUND, images={"tile": tile()})
    picture.rect((-9, -5), (6, 4), (200, 60, 60))
    picture.rect((-9, 0), (6, 4), (60, 200, 60), 2)
    picture.circle((0, -3), 2, (60, 90, 220))
    picture.circle((0, 2), 2, (240, 200, 40), 3)
    picture.line([(3, -5), (6, -2), (9, -5)], (255, 255, 255), 3)
    picture.polygon([(3, 0), (8, 1), (6, 4), (4, 3.5)], (160, 60, 200))
    picture.sprite((-1, 4.2), "tile", (2, 2))
    picture.sprite((8, 3.5), "tile", (2, 2), 0.6)
    picture.rect((-4, -4), (8, 6), (255, 255, 255, 90), layer=2)
    picture.dots([(x * 0.5, -5.5) for x in range(-18, 19)], (255, 120, 0), 3)
    picture.circle((10, 6), 3, (0, 200, 200, 128), layer=3)
    return picture


def test_the_array_renderer_repeats_the_golden_picture_exactly() -> None:
    frame = ArrayRenderer().draw(scene(), Camera((320, 200), zoom=16))
    assert np.array_equal(frame, np.asarray(Image.open(GOLDEN)))


@every_renderer
def test_every_renderer_draws_the_golden_picture_within_the_tolerance(make: Callable[[], Renderer]) -> None:
    frame = make().draw(scene(), Camera((320, 200), zoom=16))
    assert frame.shape == (200, 320, 3)
    assert frame.dtype == np.uint8
    apart = np.abs(frame.astype(int) - np.asarray(Image.open(GOLDEN)).astype(int))
    assert (apart.max(axis=2) > 51).mean() <= 0.03
    assert apart.mean() <= 3


def test_a_picture_with_something_left_out_is_outside_of_the_tolerance() -> None:
    picture = scene()
    del picture.commands[0]
    apart = np.abs(
        ArrayRenderer().draw(picture, Camera((320, 200), zoom=16)).astype(int) - np.asarray(Image.open(GOLDEN))
    )
    assert (apart.max(axis=2) > 51).mean() > 0.03


@every_renderer
def test_drawing_changes_neither_picture_nor_camera_and_repeats_itself(make: Callable[[], Renderer]) -> None:
    picture, camera, renderer = scene(), Camera((160, 100), zoom=8), make()
    before = pickle.dumps((picture, camera))
    first = renderer.draw(picture, camera)
    renderer.draw(DrawList(), Camera((3, 3)))
    second = renderer.draw(picture, camera)
    assert np.array_equal(first, second)
    assert first is not second
    assert pickle.dumps((picture, camera)) == before


@every_renderer
def test_layers_come_before_order(make: Callable[[], Renderer]) -> None:
    picture = DrawList()
    picture.rect((0, 0), (10, 10), RED, layer=1, screen=True)
    picture.rect((0, 0), (10, 10), GREEN, screen=True)
    assert make().draw(picture, Camera((10, 10)))[5, 5].tolist() == list(RED)


@every_renderer
def test_half_covering_colours_mix(make: Callable[[], Renderer]) -> None:
    picture = DrawList(background=(200, 0, 0))
    half = (0, 200, 0, 128)
    picture.rect((2, 2), (16, 6), half, screen=True)
    picture.circle((30, 5), 4, half, screen=True)
    picture.line([(40, 5), (60, 5)], half, 5, screen=True)
    picture.dots([(70, 5)], half, 5, screen=True)
    frame = make().draw(picture, Camera((80, 12)))
    for x in (8, 30, 50, 70):
        assert frame[5, x].tolist() == pytest.approx([100, 100, 0], abs=2), x
    assert frame[0, 0].tolist() == [200, 0, 0]


@every_renderer
@pytest.mark.parametrize("y_up", [False, True])
def test_the_camera_decides_where_things_are(make: Callable[[], Renderer], y_up: bool) -> None:
    picture = DrawList(images={"tile": tile()})
    picture.circle((3, 4), 0.5, RED)
    picture.rect((0, 0), (4, 4), BLUE, screen=True)
    frame = make().draw(picture, Camera((100, 60), centre=(2, 3), zoom=10, y_up=y_up))
    assert frame[20 if y_up else 40, 60].tolist() == list(RED)
    assert frame[40 if y_up else 20, 60].tolist() == [0, 0, 0]
    assert frame[1, 1].tolist() == list(BLUE)


@every_renderer
@pytest.mark.parametrize("y_up", [False, True])
def test_images_stay_upright_and_turn_towards_y(make: Callable[[], Renderer], y_up: bool) -> None:
    picture = DrawList(images={"tile": tile()[:, :, :3]})
    picture.sprite((-2, 0), "tile", (2, 2))
    picture.sprite((2, 0), "tile", (2, 2), np.pi / 2)
    frame = make().draw(picture, Camera((80, 40), zoom=10, y_up=y_up))
    assert [frame[15, 15].tolist(), frame[15, 25].tolist(), frame[25, 15].tolist()] == [
        list(RED),
        list(GREEN),
        list(BLUE),
    ]
    # A quarter turn takes the red quarter, up and to the left, to the right where y points down, else down.
    assert frame[(25, 55) if y_up else (15, 65)].tolist() == list(RED)


@every_renderer
def test_what_is_outside_is_left_out_whatever_its_size(make: Callable[[], Renderer]) -> None:
    picture = DrawList(background=BACKGROUND, images={"tile": tile()})
    for far in (-1e4, 1e4):
        picture.rect((far, far), (5, 5), RED)
        picture.circle((far, 0), 50, RED)
        picture.line([(far, far), (far, far + 9)], RED, 4)
        picture.polygon([(far, 0), (far, 9), (far + 9, 0)], (*RED, 99))
        picture.sprite((0, far), "tile", (3, 3), 1.0)
        picture.text((far, far), "far", RED)
        picture.dots([(far, 0), (0, far)], (*RED, 99))
    assert (make().draw(picture, Camera((20, 20))) == BACKGROUND).all()


@every_renderer
def test_what_is_partly_outside_is_cut_off(make: Callable[[], Renderer]) -> None:
    picture = DrawList(images={"tile": tile()})
    for corner in ((0, 0), (40, 0), (0, 40), (40, 40)):
        picture.circle(corner, 8, (*RED, 128), screen=True)
        picture.text((corner[0] - 9, corner[1] - 9), "WWW", GREEN, 18, screen=True)
        picture.sprite(corner, "tile", (9, 9), 0.3, screen=True)
        picture.dots([corner], BLUE, 9, screen=True)
    frame = make().draw(picture, Camera((40, 40)))
    assert frame[20, 20].tolist() == [0, 0, 0]
    assert frame[1, 1].any()
    assert frame[38, 38].any()


@every_renderer
def test_nothing_to_draw_is_drawn(make: Callable[[], Renderer]) -> None:
    picture = DrawList()
    picture.dots([], RED)
    picture.line([(0, 0)], RED)
    picture.line([], RED)
    picture.polygon([(0, 0), (1, 1)], RED)
    picture.text((0, 0), "", RED)
    assert not make().draw(picture, Camera((9, 9))).any()


@every_renderer
def test_text_stands_below_and_to_the_right_of_its_place(make: Callable[[], Renderer]) -> None:
    picture = DrawList()
    picture.text((20, 10), "Hit 7!", (255, 255, 0), 18, screen=True)
    frame = make().draw(picture, Camera((140, 50)))
    rows, columns = np.nonzero(frame[:, :, 0] > 128)
    assert len(rows) > 60
    assert rows.min() >= 10
    assert rows.max() < 32
    assert columns.min() >= 19
    assert (frame[:, :, 2] == 0).all()


@every_renderer
def test_an_image_that_nobody_gave_is_named(make: Callable[[], Renderer]) -> None:
    picture, renderer = DrawList(images={"fox": tile()}), make()
    picture.sprite((0, 0), "dog", (1, 1))
    with pytest.raises(UnknownImage, match=r"no image 'dog' in the draw list.*holds: fox"):
        renderer.draw(picture, Camera((9, 9)))
    picture.clear()
    picture.rect((-5, -5), (10, 10), RED)
    assert renderer.draw(picture, Camera((9, 9)))[4, 4].tolist() == list(RED)


def test_commands_are_plain_data() -> None:
    command = Circle((1, 2), 3, RED, layer=4)
    assert command == Circle((1, 2), 3, RED, layer=4)
    assert hash(command) == hash(Circle((1, 2), 3, RED, layer=4))
    picture = scene()
    again = pickle.loads(pickle.dumps(picture))  # noqa: S301 - it was made on the line before
    camera = Camera((320, 200), zoom=16)
    assert np.array_equal(ArrayRenderer().draw(again, camera), ArrayRenderer().draw(picture, camera))


def test_images_of_another_shape_are_refused() -> None:
    with pytest.raises(InvalidImage, match=r"image 'fox' of shape \(4, 4\)"):
        DrawList(images={"fox": np.zeros((4, 4))})


def test_pygame_draws_into_a_window() -> None:
    import pygame

    window = pygame.Surface((60, 40))
    picture = DrawList(background=GREEN)
    PygameRenderer(window).paint(picture, Camera((60, 40)))
    assert window.get_at((30, 20))[:3] == GREEN


@pytest.mark.needs("qt-libraries")
def test_qt_paints_with_a_given_painter() -> None:
    from PySide6.QtGui import QImage, QPainter

    page = QImage(30, 20, QImage.Format.Format_RGB32)
    painter = QPainter(page)
    renderer = QtRenderer(painter, smooth=True)
    renderer.paint(DrawList(background=GREEN), Camera((30, 20)))
    painter.end()
    seen = page.pixelColor(5, 5)
    assert (seen.red(), seen.green(), seen.blue()) == GREEN
    with pytest.raises(DrawingFault, match="given painter"):
        renderer.frame()


def test_a_library_that_is_not_there_is_named_with_its_extra() -> None:
    with pytest.raises(MissingExtra, match=r"nowhere_at_all cannot be imported .*pip install fw-environment\[pygame\]"):
        required("nowhere_at_all", "pygame")


def test_drawing_with_numpy_imports_no_library_that_draws() -> None:
    program = (
        "import sys; from fw_environment.drawing import *\n"
        "ArrayRenderer().draw(DrawList(), Camera((9, 9)))\n"
        "print(sorted({'pygame', 'cv2', 'PySide6', 'PIL'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_pygame_says_nothing_on_standard_output() -> None:
    program = "from fw_environment.drawing import PygameRenderer; PygameRenderer()"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == ""
