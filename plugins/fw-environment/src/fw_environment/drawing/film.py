"""Frames as files: pictures, and pictures that move."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex
from typing import Any

from fw_environment.drawing.errors import InvalidImage
from fw_environment.drawing.renderer import Frame
from fw_environment.extras import required

_KINDS = {".png": "PNG", ".gif": "GIF", ".webp": "WEBP"}


def save(frame: Frame, path: str | os.PathLike[str]) -> None:
    """Writes one frame: `.png`, `.gif` or `.webp`. Needs the extra `images`."""
    _written([_picture(frame)], path, {})


class Film:
    """Frames in order, `rate` of them a second, saved as one moving picture. Needs the extra `images`."""

    def __init__(self, rate: float = 20.0) -> None:
        if rate <= 0:
            raise ValueError(f"{rate} frames a second never move; give a rate above 0")
        self.rate = rate
        self._pictures: list[Any] = []

    def __len__(self) -> int:
        return len(self._pictures)

    def add(self, frame: Frame) -> None:
        """The next frame; raises InvalidImage unless it is of the size of the others."""
        picture = _picture(frame)
        if self._pictures and picture.size != self._pictures[0].size:
            raise InvalidImage(f"a frame of {picture.size} after frames of {self._pictures[0].size}; keep the viewport")
        self._pictures.append(picture)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes `.gif`, `.webp` or a moving `.png`, which runs for ever; the file appears when it is complete.

        A GIF holds 256 colours, and its frames last whole hundredths of a second.
        """
        if not self._pictures:
            raise InvalidImage(f"nothing was recorded for {path}; add frames first")
        _written(self._pictures, path, {"duration": 1000 / self.rate, "loop": 0})


def _picture(frame: Frame) -> Any:
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != "uint8":
        raise InvalidImage(f"a frame of shape {frame.shape} and {frame.dtype}; give height x width x 3 of uint8")
    return required("PIL.Image", "images").fromarray(frame)


def _written(pictures: list[Any], path: str | os.PathLike[str], options: dict[str, Any]) -> None:
    target = Path(path)
    kind = _KINDS.get(target.suffix.lower())
    if kind is None:
        raise InvalidImage(f"{target.name}: unknown kind of picture; end its name in {', '.join(sorted(_KINDS))}")
    if len(pictures) > 1:
        options = {**options, "save_all": True, "append_images": pictures[1:]}
    part = target.with_name(f".{target.name}.{token_hex(8)}")
    try:
        with part.open("xb") as file:
            pictures[0].save(file, format=kind, **options)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
