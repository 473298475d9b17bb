"""What a file of templates says, in TOML or YAML: all of it checked, with the place of what is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fw_environment.entity import EnvironmentEntity
from fw_environment.errors import BadFile, nearest
from fw_environment.extras import required
from fw_environment.fields import kind_of

KEYS = ("kind", "extends", "controller", "children")
"""What a template says beside the values of fields."""


@dataclass(frozen=True)
class Template:
    """One template: a class, the values of its fields, what controls it, and its parts."""

    kind: type[EnvironmentEntity]
    values: Mapping[str, Any]
    controller: str
    children: tuple[str, ...]


class TemplateFile:
    """Reads texts of one file; ``kinds`` and ``controllers`` are what they may name."""

    def __init__(self, path: Path, kinds: Mapping[str, type[EnvironmentEntity]], controllers: Collection[str]) -> None:
        self.path = path
        self._kinds = kinds
        self._controllers = controllers

    def text(self) -> str:
        """What stands in the file now."""
        try:
            return self.path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error

    def templates(self, text: str) -> dict[str, Template]:
        """The templates of a text; `BadFile` names the line where one of them is wrong."""
        tables = self._tables(text)
        return {name: self._template(name, tables, text) for name in tables}

    def _tables(self, text: str) -> dict[str, Any]:
        try:
            tables = _yaml(text) if self.path.suffix in {".yaml", ".yml"} else tomllib.loads(text)
        except ValueError as error:
            raise self._unreadable(error) from error
        if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
            raise BadFile(str(self.path), "It is not a table of templates.", "Write one table for each template.")
        return tables

    def _unreadable(self, error: Exception) -> BadFile:
        line = re.search(r"\(at line (\d+)", str(error))
        place = f"{self.path}:{line[1]}" if line else str(self.path)
        return BadFile(place, f"It cannot be read: {error}.", "Repair the file.")

    def _template(self, name: str, tables: Mapping[str, Any], text: str) -> Template:
        def wrong(key: str, problem: str, remedy: str) -> BadFile:
            return BadFile(f"{self.path}:{_line(text, name, key)}, template {name!r}", problem, remedy)

        merged = self._merged(name, tables, text, ())
        kind = self._kinds.get(merged.get("kind", ""))
        if kind is None:
            hint = nearest(str(merged.get("kind", "")), self._kinds) or f" There are {', '.join(self._kinds)}."
            raise wrong("kind", f"Its kind is {merged.get('kind')!r}.{hint}", "Name a class that Templates was given.")
        values = {key: _plain(value) for key, value in merged.items() if key not in KEYS}
        for field, value in values.items():
            if field not in kind.fields:
                hint = nearest(field, kind.fields)
                raise wrong(field, f"{kind_of(kind)} has no field {field!r}.{hint}", "Rename it.")
            default = kind.defaults[field]
            if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
                values[field] = float(value)
            elif isinstance(default, bool | int | float | str | tuple) and type(value) is not type(default):
                wanted = type(default).__name__
                raise wrong(field, f"{field} is {value!r}, {kind_of(kind)}.{field} a {wanted}.", f"Give a {wanted}.")
        controller, children = merged.get("controller", ""), tuple(merged.get("children", ()))
        if controller and controller not in self._controllers:
            raise wrong("controller", f"There is no controller {controller!r}.", "Give it in controllers=.")
        for child in children:
            if child not in tables:
                hint = nearest(child, tables)
                raise wrong("children", f"Its part {child!r} is no template of the file.{hint}", "Add it.")
        return Template(kind, values, controller, children)

    def _merged(self, name: str, tables: Mapping[str, Any], text: str, seen: tuple[str, ...]) -> dict[str, Any]:
        last = seen[-1] if seen else name
        place = f"{self.path}:{_line(text, last, 'extends')}, template {last!r}"
        if name in seen:
            raise BadFile(place, f"It extends itself: {' -> '.join((*seen, name))}.", "Break the circle.")
        if name not in tables:
            hint = nearest(name, tables)
            raise BadFile(place, f"It extends {name!r}, which is not there.{hint}", "Add that template.")
        own = dict(tables[name])
        base = own.pop("extends", None)
        return own if base is None else self._merged(base, tables, text, (*seen, name)) | own


def _line(text: str, template: str, key: str) -> int:
    """The line of a key of a template, or that of the template, where the key stands elsewhere: in what it extends."""
    name, wanted = re.escape(template), re.escape(key)
    head = re.compile(rf"\s*(\[\s*[\"']?{name}[\"']?\s*\]|[\"']?{name}[\"']?\s*:)")
    row = re.compile(rf"(^|[{{,]|\s)[\"']?{wanted}[\"']?\s*[=:]")
    lines = text.splitlines()
    first = next((at for at, line in enumerate(lines) if head.match(line)), 0)
    for at in range(first, len(lines)):
        if at > first and re.match(r"\[|\S+\s*:", lines[at]):  # the next template
            break
        if row.search(lines[at]):
            return at + 1
    return first + 1


def _plain(value: Any) -> Any:
    return tuple([_plain(item) for item in value]) if isinstance(value, list) else value


def _yaml(text: str) -> Any:
    yaml = required("yaml", "yaml")
    try:
        return yaml.safe_load(text) or {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise ValueError(f"{error.problem} (at line {mark.line + 1}, column {mark.column + 1})") from error
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
