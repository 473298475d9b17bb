"""Secrets in files: those with sections, and those that hold one secret each, as containers have them mounted."""

from __future__ import annotations

from pathlib import Path

from framework.errors import ConfigError
from framework.sources import Layer, Value, normal
from fw_config.files import has_format, read_secret_file
from fw_config.text import text_of


def read_secrets(path: Path, environment: str | None, named_by: str) -> list[Layer]:
    """The layers of a file of secrets or of a folder of such. Raises :class:`ConfigError`.

    A file whose name says a format has sections; any other holds one secret and is called after it:
    ``SECTION__KEY``, in either case, with or without ``FW_`` in front.
    """
    if path.is_dir():
        return _of_folder(path, named_by)
    return read_secret_file(path, environment, named_by) if has_format(path) else [_single(path, named_by)]


def _of_folder(path: Path, named_by: str) -> list[Layer]:
    """Every file in a folder; what begins with a dot is the mounting system's own (``..data``)."""
    merged: dict[str, dict[str, Value]] = {}
    try:
        files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise ConfigError(
            f"{named_by}: the folder of secrets {path} cannot be read: {error.strerror}.",
            remedy="Let the user that runs the application read it.",
        ) from error
    for file in files:
        if file.is_dir():
            raise ConfigError(
                f"{named_by}: {file} is a folder in a folder of secrets.", remedy="Name it in [config] secrets too."
            )
        for section, keys in _single(file, named_by).items():
            merged.setdefault(section, {}).update(keys)
    return [Layer("secrets", merged, path)]


def _single(path: Path, named_by: str) -> Layer:
    section, mark, key = path.name.removeprefix("FW_").removeprefix("fw_").partition("__")
    if not (section and mark and key):
        raise ConfigError(
            f"{named_by}: the name of the secret file {path} does not say which setting it is.",
            remedy="Call it SECTION__KEY, such as http__token; or name the files that are meant one by one.",
        )
    raw = text_of(path)
    raw = raw.removesuffix("\n").removesuffix("\r")
    return Layer("secrets", {normal(section): {key.lower(): Value(raw, str(path), is_text=True)}}, path)
