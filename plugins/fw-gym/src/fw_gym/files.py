"""Arrays in files that appear when they are complete."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from fw_environment import BadFile


def write_arrays(path: str | Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write ``.npz``, under another name until all of it is there."""
    path = Path(path)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # the names are no options of savez
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """What :func:`write_arrays` wrote; `BadFile` where it is something else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (ValueError, EOFError, BadZipFile, TypeError, AttributeError) as error:
        raise BadFile(str(path), f"It holds no arrays: {error}.", "Write it with save().") from error
