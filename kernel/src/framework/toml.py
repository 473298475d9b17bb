"""TOML, with errors that name the line."""

from __future__ import annotations

from framework.errors import FrameworkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parsed(text: str, place: str, refuse: type[FrameworkError]) -> dict[str, Any]:
    """The tables of a text; ``place`` is its file. Raises ``refuse`` with file and line."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said, _, where = str(error).rpartition(" (at ")
        words = where.rstrip(")").replace(",", "").split()
        line = words[1] if words[:1] == ["line"] else str(text.count("\n") + 1)
        raise refuse(f"{place}:{line}: not valid TOML: {said or error}.", remedy="Correct that line.") from error
    except RecursionError as error:
        raise refuse(f"{place}: not valid TOML: nested too deeply.", remedy="Nest it less.") from error
