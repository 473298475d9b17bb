"""Variables in a file, such as ``.env``, by the parser that dynaconf brings; nothing in them is replaced."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

from framework.errors import ConfigError
from framework.sources import RESERVED, Layer, Value, from_environment
from fw_config.text import text_of


def read_dotenv(path: Path, named_by: str) -> list[Layer]:
    """The layer of the ``FW_…`` variables in a file, without those that the environment sets itself.

    Raises :class:`ConfigError` for a line that is no assignment, and for a variable that is needed earlier.
    """
    from dynaconf.vendor.dotenv import parser

    bindings: Any = parser.parse_stream(io.StringIO(text_of(path)))  # type: ignore[no-untyped-call] # it has no types
    found: dict[str, dict[str, Value]] = {}
    strays: dict[str, str] = {}
    for binding in bindings:
        before = binding.original.string[: -len(binding.original.string.lstrip()) or None]
        place = f"{path}:{binding.original.line + before.count(chr(10))}"
        if binding.error:
            raise ConfigError(f"{place}: this is no assignment of a variable.", remedy="Write NAME=value.")
        name = binding.key
        if name is None or not name.startswith("FW_") or name in os.environ:
            continue
        if name in RESERVED:
            raise ConfigError(
                f"{place}: {name} is read before this file, which {named_by} names.",
                remedy="Set it in the environment, or on the command line.",
            )
        one = from_environment({name: binding.value or ""})
        strays |= dict.fromkeys(one.strays, f"{place}: {name}")
        for section, keys in one.items():
            for key, value in keys.items():
                found.setdefault(section, {})[key] = Value(value.raw, f"{place}: {name}", is_text=True)
    layer = Layer("environment", found, path)
    layer.strays = strays
    return [layer]
