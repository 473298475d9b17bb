"""Frames as files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from fw_environment.drawing import Film, Frame, InvalidImage, save


def frame_of(*colour: int) -> Frame:
    return np.full((4, 6, 3), colour, dtype=np.uint8)


@pytest.mark.parametrize("kind", ["gif", "png", "webp"])
def test_a_film_moves_at_its_rate(kind: str, tmp_path: Path) -> None:
    film = Film(rate=10)
    for shade in (0, 100, 200):
        film.add(frame_of(shade, shade, shade))
    assert len(film) == 3
    film.save(tmp_path / f"film.{kind}")
    with Image.open(tmp_path / f"film.{kind}") as shown_film:
        frames = ImageSequence.Iterator(shown_film)
        shown = [(np.asarray(one.convert("RGB"))[0, 0, 0], one.info["duration"]) for one in frames]
    assert [shade for shade, _ in shown] == pytest.approx([0, 100, 200], abs=3)
    assert [duration for _, duration in shown] == [100, 100, 100]
    assert [path.name for path in tmp_path.iterdir()] == [f"film.{kind}"]
    (tmp_path / "plain").touch()
    assert (tmp_path / f"film.{kind}").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_one_frame_is_a_picture(tmp_path: Path) -> None:
    save(frame_of(1, 2, 3), tmp_path / "still.png")
    with Image.open(tmp_path / "still.png") as picture:
        assert np.array_equal(np.asarray(picture), frame_of(1, 2, 3))


def test_the_frames_of_a_film_are_its_own(tmp_path: Path) -> None:
    film, frame = Film(), frame_of(9, 9, 9)
    film.add(frame)
    frame[:] = 200
    film.save(tmp_path / "still.png")
    with Image.open(tmp_path / "still.png") as picture:
        assert np.array_equal(np.asarray(picture), frame_of(9, 9, 9))


def test_what_cannot_be_saved_is_named_and_leaves_nothing_behind(tmp_path: Path) -> None:
    film = Film()
    with pytest.raises(InvalidImage, match="nothing was recorded"):
        film.save(tmp_path / "film.gif")
    film.add(frame_of(0, 0, 0))
    with pytest.raises(InvalidImage, match=r"film.mp4: unknown kind of picture; end its name in .gif, .png, .webp"):
        film.save(tmp_path / "film.mp4")
    with pytest.raises(InvalidImage, match=r"a frame of \(2, 2\) after frames of \(6, 4\)"):
        film.add(np.zeros((2, 2, 3), dtype=np.uint8))
    with pytest.raises(InvalidImage, match="float64; give height x width x 3"):
        film.add(np.zeros((4, 6, 3)))  # type: ignore[arg-type]  # what a caller without type checks does
    with pytest.raises(ValueError, match="frames a second"):
        Film(rate=0)
    assert list(tmp_path.iterdir()) == []
