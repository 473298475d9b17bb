"""The text of a file, and the error for one that cannot be parsed."""

from __future__ import annotations

from pathlib import Path

from framework.errors import ConfigError


def text_of(path: Path) -> str:
    """What stands in a file. Raises :class:`ConfigError`."""
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(
            f"The configuration file {path} cannot be read: {error.strerror}.",
            remedy="Correct [config]: paths are relative to the current folder.",
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: {error}.", remedy="Save it as UTF-8.") from error


def wrong(path: Path, form: str, error: object) -> ConfigError:
    """The error for a file that cannot be parsed; ``error`` must not quote what stands in a file of secrets."""
    return ConfigError(f"{path} is not valid {form}: {error}.", remedy="Correct that place.")
