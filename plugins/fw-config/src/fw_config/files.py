"""Files of settings: TOML, JSON and INI with the standard library, YAML with the parser that dynaconf brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from framework.errors import ConfigError
from framework.sources import Layer, from_tree, read_toml
from fw_config.text import text_of, wrong

if TYPE_CHECKING:
    from framework.sources import Lines

Read: TypeAlias = Callable[[Path, bool], "tuple[dict[str, Any], Lines]"]
"""Reads a file, with ``True`` every scalar as the text that is written there; and the lines of its keys."""

PYTHON = (".py", ".pyc", ".pyw")


def read_file(path: Path, environment: str | None, named_by: str) -> list[Layer]:
    """The layers of a file: its sections, then those of the named environment, if it has that."""
    tree, lines = _reader(path, named_by)(path, False)
    return _layers(tree, path, lines, environment, are_text=path.suffix == ".ini")


def read_secret_file(path: Path, environment: str | None, named_by: str) -> list[Layer]:
    """The same of a file of secrets, whose values are taken as the text that is written there."""
    tree, lines = _reader(path, named_by)(path, True)
    found = _layers(tree, path, lines, environment, are_text=path.suffix != ".toml")
    return [Layer("secrets", layer, path) for layer in found]


def has_format(path: Path) -> bool:
    """Whether the name says which format the file has."""
    return path.suffix in READERS or path.suffix in PYTHON


def _layers(tree: dict[str, Any], path: Path, lines: Lines, environment: str | None, *, are_text: bool) -> list[Layer]:
    _check_keys(tree, path)
    environments = tree.get("env", {})
    chosen = environment if isinstance(environments, dict) and environment in environments else None
    found = from_tree(tree, path, lines, chosen)
    for value in (value for layer in found for keys in layer.values() for value in keys.values()):
        value.is_text = are_text and isinstance(value.raw, str)
    return found


def _check_keys(tree: Any, path: Path, depth: int = 4) -> None:
    """Refuse what is no table, and sections and keys that are no text: numbers, dates, nothing."""
    if not isinstance(tree, dict):
        raise ConfigError(f"{path} holds no sections.", remedy="Write sections with their keys below them.")
    for key, value in tree.items():
        if not isinstance(key, str):
            raise ConfigError(f"{path}: the key {key!r} is no text.", remedy="Put it in quotes.")
        if depth > 1 and isinstance(value, dict):
            _check_keys(value, path, depth - 1)


def _reader(path: Path, named_by: str) -> Read:
    if path.suffix in PYTHON:
        raise ConfigError(
            f"{named_by}: {path} is Python, which would be run rather than read.",
            remedy=f"Write the settings as {', '.join(sorted(READERS))}.",
        )
    if path.suffix not in READERS:
        raise ConfigError(
            f"{named_by}: the format of {path} is not known.", remedy=f"Known are {', '.join(sorted(READERS))}."
        )
    return READERS[path.suffix]


def _toml(path: Path, _: bool) -> tuple[dict[str, Any], Lines]:
    tree, _path, lines = read_toml(path)
    return tree, lines


def _json(path: Path, as_text: bool) -> tuple[dict[str, Any], Lines]:
    import json

    number: Mapping[str, Any] = {"parse_int": str, "parse_float": str} if as_text else {}
    try:
        return json.loads(
            text_of(path), object_pairs_hook=_once, parse_constant=_no_constant, **number
        ), lambda section, key: 0
    except (ValueError, RecursionError) as error:
        raise wrong(path, "JSON", error) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands there twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _ini(path: Path, _: bool) -> tuple[dict[str, Any], Lines]:
    """Sections are written ``[http]`` and ``[env.prod.http]``; values are text, and nothing in them is replaced."""
    import configparser
    import re

    text = text_of(path)
    parser = configparser.RawConfigParser(default_section="")
    parser.optionxform = str  # type: ignore[method-assign,assignment] # the documented way to keep the case of keys
    try:
        parser.read_string(text, str(path))
    except configparser.Error as error:
        lines = [number for number, _ in getattr(error, "errors", ())] or [getattr(error, "lineno", 0)]
        raise wrong(path, "INI", f"{type(error).__name__}, line {lines[0]}") from None
    tree: dict[str, Any] = {}
    for section in parser.sections():
        inner = tree
        for part in section.split(".", 2) if section.startswith("env.") else [section]:
            inner = inner.setdefault(part, {})
        inner.update(parser.items(section))

    def line(section: str, key: str) -> int:
        current = ""
        for number, written in enumerate(text.splitlines(), 1):
            if header := re.match(r"\[([^\]]+)\]", written):
                current = header[1]
            elif current == section and re.match(rf"{re.escape(key)}\s*[=:]", written):
                return number
        return 0

    return tree, line


def _yaml(path: Path, as_text: bool) -> tuple[dict[str, Any], Lines]:
    from fw_config.yaml import read_yaml

    return read_yaml(path, as_text)


READERS: Mapping[str, Read] = {".ini": _ini, ".json": _json, ".toml": _toml, ".yaml": _yaml, ".yml": _yaml}
