"""Where configuration comes from: defaults in code, files, variables, flags. Each gives one layer of values."""

from __future__ import annotations

import os

from framework.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Any, TypeAlias

    Lines: TypeAlias = Callable[[str, str], int]

LAYERS = ("defaults", "files", "secrets", "environment", "flags", "overrides")
"""The names of the layers, lowest first. Of several layers of one name the later one wins."""

FILE_NAME = "fw.toml"
RESERVED = frozenset({"FW_CONFIG", "FW_ENV", "FW_REQUIRE"})


class Value:
    """A raw value and the place it was read from.

    ``is_text``: it comes from a variable, a flag or a file of bare text, and must be parsed. ``is_secret``: it comes
    from a source of secrets and is shown nowhere, whatever the schema says.
    """

    __slots__ = ("is_secret", "is_text", "raw", "source")

    def __init__(self, raw: Any, source: str, is_text: bool = False, is_secret: bool = False) -> None:
        self.raw = raw
        self.source = source
        self.is_text = is_text
        self.is_secret = is_secret

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and (self.raw, self.source, self.is_text, self.is_secret) == (
            other.raw,
            other.source,
            other.is_text,
            other.is_secret,
        )

    __hash__ = None  # type: ignore[assignment] # the raw value may be a list

    def __repr__(self) -> str:
        shown = "…" if self.is_secret else repr(self.raw)
        return f"Value({shown}, {self.source!r}, is_text={self.is_text}, is_secret={self.is_secret})"


class Layer(dict[str, "Mapping[str, Value]"]):
    """Values by section and key, and the place of the layer among the others: ``name`` is one of `LAYERS`.

    Everything in a layer of ``secrets`` is secret. ``path`` is the file or folder that it was read from.
    """

    def __init__(self, name: str, values: Mapping[str, Mapping[str, Value]], path: Path | None = None) -> None:
        if name not in LAYERS:
            raise ValueError(f"{name!r} is no layer of the configuration: there are {', '.join(LAYERS)}.")
        super().__init__({normal(section): keys for section, keys in values.items()})
        self.name = name
        self.path = path
        self.strays: dict[str, str] = {}
        """Variables that are ours by their beginning and name no key of a section, and where each was read."""
        for value in (value for keys in values.values() for value in keys.values() if name == "secrets"):
            value.is_secret = True


def lookup(keys: Mapping[str, Value], path: Sequence[str]) -> Value | None:
    """The value that a section has for a key, or for one in tables below it: written there, or as ``KEY__INNER``."""
    for length in range(len(path), 0, -1):
        found = keys.get("__".join(path[:length]))
        if found is None:
            continue
        raw = found.raw
        if path[length:] and found.is_text and isinstance(raw, str):
            raw = _json(raw)
        for part in path[length:]:
            if not isinstance(raw, dict) or part not in raw:
                break
            raw = raw[part]
        else:
            return Value(raw, found.source, found.is_text, found.is_secret) if path[length:] else found
    return None


def _json(text: str) -> Any:
    """What a text holds as JSON; None if it is none."""
    import json

    try:
        return json.loads(text)
    except ValueError:
        return None


def normal(section: str) -> str:
    """A section's name as it is compared: ``store-sql`` and ``FW_STORE_SQL__…`` mean the same."""
    return section.lower().replace("-", "_")


def from_code(
    values: Mapping[str, Mapping[str, Any]], source: str = "App(defaults=…)", name: str = "defaults"
) -> Layer:
    """A layer from a mapping of sections."""
    return Layer(name, {s: {k: Value(v, source) for k, v in keys.items()} for s, keys in values.items()})


def from_file(path: Path, environment: str | None = None) -> list[Layer]:
    """The layers of a TOML file: its sections, then those of ``[env.ENVIRONMENT]``.

    Raises :class:`ConfigError`, also for an environment that the file does not have.
    """
    return from_tree(*read_toml(path), environment)


def read_toml(path: Path) -> tuple[dict[str, Any], Path, Lines]:
    """What stands in a TOML file, in ``[tool.fw]`` if it is a ``pyproject.toml``; for :func:`from_tree`."""
    from framework.toml import parsed

    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigError(f"The configuration file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: not UTF-8: {error}.", remedy="Save the file as UTF-8.") from error
    tree = parsed(text, str(path), ConfigError)
    if path.name == "pyproject.toml":
        tree, prefix = _table(_table(tree, "tool", path), "fw", path), "tool.fw."
    else:
        prefix = ""
    return tree, path, lambda section, key: _line(text, prefix + section if section else None, key)


def from_tree(tree: dict[str, Any], path: Path, lines: Lines, environment: str | None) -> list[Layer]:
    """The layers of a parsed file: its sections, then those of its table ``env.ENVIRONMENT``.

    ``lines`` gives the line of a key of a section, or of a section, 0 if unknown. Raises :class:`ConfigError`.
    """
    environments = _environments(tree, path, lines)
    layers = [_sections(tree, path, lines)]
    if environment is not None:
        if environment not in environments:
            raise ConfigError(
                f"{path} has no environment [env.{environment}].",
                remedy=f"It has: {', '.join(environments) or 'none'}. Choose with --env or FW_ENV.",
            )
        layers.append(_sections(environments[environment], path, lines, f"env.{environment}."))
    return layers


def _table(tree: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    found = tree.get(key, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: {key!r} must be a table, not {found!r}.", remedy="Write [tool.fw.SECTION].")
    return found


def _environments(tree: dict[str, Any], path: Path, lines: Lines) -> Mapping[str, Any]:
    """Take ``[env.NAME…]`` out of the tree."""
    if not isinstance(tree.get("env", {}), dict):
        return {}  # a lone key, to be refused with the others that stand outside any section
    found: dict[str, Any] = tree.pop("env", {})
    for name, sections in found.items():
        if not isinstance(sections, dict):
            raise ConfigError(
                f"{place(path, lines('env', name))}: {name!r} stands outside any section.",
                remedy=f"Put it under a section of an environment, such as [env.{name}.app].",
            )
    return found


def _sections(tree: Mapping[str, Any], path: Path, lines: Lines, prefix: str = "") -> Layer:
    found: dict[str, dict[str, Value]] = {}
    for section, keys in tree.items():
        if not isinstance(keys, dict):
            raise ConfigError(
                f"{place(path, lines(prefix.rstrip('.'), section))}: {section!r} stands outside any section.",
                remedy="Put it under the section it belongs to, such as [app].",
            )
        found[section] = {key: Value(value, place(path, lines(prefix + section, key))) for key, value in keys.items()}
    return Layer("files", found, path)


def place(path: Path, line: int) -> str:
    """``file:line``, or only the file where the line is not known (0)."""
    return f"{path}:{line}" if line else str(path)


def _line(text: str, section: str | None, key: str) -> int:
    """The line of a key, found by reading; 1 if it is written in a way that hides it."""
    import re

    current: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[([^\[\]]+)\]", line)
        if header:
            current = header[1].strip()
        elif current == section and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", line):
            return number
    return 1


def from_environment(variables: Mapping[str, str]) -> Layer:
    """The layer of variables named ``FW_SECTION__KEY``."""
    found: dict[str, dict[str, Value]] = {}
    for name, text in variables.items():
        section, mark, key = name.removeprefix("FW_").partition("__")
        if name.startswith("FW_") and name not in RESERVED and mark:
            found.setdefault(normal(section), {})[key.lower()] = Value(
                text, f"environment variable {name}", is_text=True
            )
    layer = Layer("environment", found)
    strays = (name for name in variables if name.startswith("FW_") and name not in RESERVED and "__" not in name)
    layer.strays = {name: f"environment variable {name}" for name in strays}
    return layer


def from_flags(flags: Iterable[str]) -> Layer:
    """The layer of ``--set section.key=value``. Raises :class:`ConfigError` for one written otherwise."""
    found: dict[str, dict[str, Value]] = {}
    for flag in flags:
        name, equals, text = flag.partition("=")
        section, dot, key = name.rpartition(".")
        if not (equals and dot and section and key):
            raise ConfigError(f"--set {flag!r} is not understood.", remedy="Write --set section.key=value.")
        found.setdefault(normal(section), {})[key] = Value(text, f"--set {name}", is_text=True)
    return Layer("flags", found)


def find_file(
    explicit: str | os.PathLike[str] | None, variables: Mapping[str, str], folder: str | os.PathLike[str]
) -> Path | None:
    """The file named, else ``FW_CONFIG``, else ``fw.toml``, else a ``pyproject.toml`` with ``[tool.fw]``, else None."""
    named = explicit or variables.get("FW_CONFIG")
    own, project = os.path.join(folder, FILE_NAME), os.path.join(folder, "pyproject.toml")
    if not named and os.path.isfile(own):
        named = own
    if not named and os.path.isfile(project):
        with open(project, encoding="utf-8", errors="replace") as text:
            named = project if "[tool.fw" in text.read() else None
    if not named:
        return None
    from pathlib import Path

    return Path(named)
