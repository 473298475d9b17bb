"""What is found in frames: regions, changes, templates, colours."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fw_vision import Frame, Region, Template, difference, find_color, find_template
from fw_vision.errors import BadTemplate, OutsideScreen

Pixels = NDArray[np.uint8]


def plain(width: int = 200, height: int = 100, bgr: tuple[int, int, int] = (0, 0, 0)) -> Pixels:
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[:] = (*bgr, 255)
    return pixels


def test_a_crop_is_a_view_with_coordinates_of_the_screen(noise: Pixels) -> None:
    frame = Frame(noise, Region(100, 50, 640, 480), 3.0)
    part = frame.crop(Region(110, 60, 20, 10)).crop(Region(112, 61, 3, 4))
    assert (part.region, part.time) == (Region(112, 61, 3, 4), 3.0)
    assert np.shares_memory(part.pixels, noise)
    assert np.array_equal(part.pixels, noise[11:15, 12:15])
    with pytest.raises(OutsideScreen, match=r"left=99.*is not inside.*left=100"):
        frame.crop(Region(99, 60, 20, 10))


def test_frames_cannot_be_written_to_and_know_whether_they_show_the_same(noise: Pixels) -> None:
    frame = Frame(noise)
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0, 0] = 1
    same, other = noise.copy(), noise.copy()
    other[7, 7, 1] ^= 1
    assert frame.digest == Frame(same, Region(9, 9, 640, 480)).digest != Frame(other).digest
    assert frame.crop(Region(0, 0, 9, 9)).digest == Frame(noise[:9, :9].copy()).digest


def test_colours_are_converted_like_opencv_does(noise: Pixels) -> None:
    frame = Frame(noise)
    assert np.array_equal(frame.bgr, noise[..., :3])
    assert np.array_equal(frame.rgb, noise[..., 2::-1])
    assert frame.gray.shape == (480, 640)


def test_changes_are_told_by_share_and_place() -> None:
    before, after = plain(), plain()
    after[10:20, 30:50, 1] = 90
    after[70:75, 150:160, 2] = 90
    after[0, 0] = (7, 7, 7, 255)  # within the tolerance
    found = difference(Frame(before), Frame(after, Region(1000, 0, 200, 100)))
    assert found.regions == (Region(1030, 10, 20, 10), Region(1150, 70, 10, 5))
    assert found.share == pytest.approx(250 / 20000)
    assert not difference(Frame(before), Frame(before.copy()))


def test_changes_that_lie_close_are_one_region() -> None:
    before, after = plain(), plain()
    after[10:20, 10:20], after[10:20, 23:30] = 90, 90
    assert difference(Frame(before), Frame(after), join=4).regions == (Region(10, 10, 20, 10),)
    assert len(difference(Frame(before), Frame(after), join=0).regions) == 2


def test_frames_of_different_size_cannot_be_compared() -> None:
    with pytest.raises(OutsideScreen):
        difference(Frame(plain(10, 10)), Frame(plain(10, 11)))


@pytest.mark.parametrize("width, height", [(9, 7), (64, 64), (150, 60)])
def test_a_template_is_found_where_it_was_taken_from(noise: Pixels, width: int, height: int) -> None:
    frame = Frame(noise, Region(50, 20, 640, 480))
    places = [Region(50 + x, 20 + y, width, height) for x, y in ((0, 0), (313, 177), (640 - width, 480 - height))]
    for place in places:
        [match, *_] = find_template(frame, Template.from_frame(frame.crop(place)), limit=1)
        assert match.region == place
        assert match.score == pytest.approx(1.0, abs=1e-3)


def test_all_copies_of_a_template_are_found_under_noise_and_light(noise: Pixels) -> None:
    part = noise[100:148, 100:164].copy()
    picture = plain(640, 480, (60, 60, 60))
    places = [(20, 30), (301, 33), (77, 401)]
    for x, y in places:
        picture[y : y + 48, x : x + 64] = part
    dim = (picture * 0.7 + np.random.default_rng(1).integers(0, 12, picture.shape)).astype(np.uint8)
    found = find_template(Frame(dim), Template(part))
    assert sorted((match.region.left, match.region.top) for match in found) == sorted(places)
    assert find_template(Frame(dim), Template(part), limit=2) == found[:2]


def test_the_pyramid_finds_what_a_search_at_full_size_finds(noise: Pixels) -> None:
    random = np.random.default_rng(2)
    for _ in range(20):
        x, y = int(random.integers(0, 560)), int(random.integers(0, 420))
        part = noise[y : y + 48, x : x + 56]
        scores = cv2.matchTemplate(Frame(noise).gray, Template(part).gray, cv2.TM_CCOEFF_NORMED)
        [best] = find_template(Frame(noise), Template(part), limit=1)
        assert (best.region.left, best.region.top) == cv2.minMaxLoc(scores)[3]


def test_what_is_not_there_is_not_found(noise: Pixels) -> None:
    stranger = np.random.default_rng(9).integers(0, 255, (40, 40, 3), np.uint8)
    assert find_template(Frame(noise), Template(stranger)) == []
    assert find_template(Frame(plain(20, 20)), Template(stranger)) == []


def test_a_template_without_structure_is_refused_and_a_file_that_is_no_picture(tmp_path: Path, noise: Pixels) -> None:
    with pytest.raises(BadTemplate, match="find_color"):
        Template(plain())
    with pytest.raises(BadTemplate, match="shape"):
        Template(np.zeros((3, 3), np.uint8))
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(BadTemplate, match=r"a\.png is no picture"):
        Template.from_file(tmp_path / "a.png")
    cv2.imwrite(str(tmp_path / "b.png"), noise[:20, :20, :3])
    assert np.array_equal(Template.from_file(tmp_path / "b.png").gray, Template(noise[:20, :20, :3]).gray)


def test_areas_of_a_colour_are_found_with_their_exact_boxes() -> None:
    picture = plain()
    cv2.rectangle(picture, (21, 11), (40, 30), (10, 200, 30, 255), -1)
    cv2.circle(picture, (150, 50), 9, (10, 200, 30, 255), -1)
    picture[80, 80] = (10, 200, 30, 255)
    found = find_color(Frame(picture, Region(0, 500, 200, 100)), (30, 200, 10))
    assert [(blob.region, blob.center) for blob in found] == [
        (Region(21, 511, 20, 20), (30, 520)),
        (Region(141, 541, 19, 19), (150, 550)),
    ]
    assert found[0].area == 400
    assert find_color(Frame(picture), (30, 100, 10)) == []


@pytest.mark.parametrize("step", [1, 2, 4, 8])
def test_a_rough_first_look_finds_the_same_areas_and_may_miss_what_is_narrower(step: int) -> None:
    picture = plain()
    cv2.rectangle(picture, (33, 11), (52, 30), (10, 200, 30, 255), -1)
    cv2.circle(picture, (150, 50), 11, (10, 200, 30, 255), -1)
    assert find_color(Frame(picture), (30, 200, 10), step=step) == find_color(Frame(picture), (30, 200, 10), step=1)
    line = plain()
    line[41, 10:90] = (10, 200, 30, 255)
    assert len(find_color(Frame(line), (30, 200, 10), step=step)) == (1 if step == 1 else 0)


def test_an_area_counts_once_whatever_its_shape() -> None:
    picture = plain()
    picture[20:80, 20:26, 1] = 250  # a U, within whose box another area lies
    picture[74:80, 20:90, 1] = 250
    picture[20:80, 84:90, 1] = 250
    picture[30:50, 40:60, 1] = 250
    found = find_color(Frame(picture), (0, 250, 0))
    assert [blob.region for blob in found] == [Region(20, 20, 70, 60), Region(40, 30, 20, 20)]
