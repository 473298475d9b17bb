"""`Templates`: entities described in TOML or YAML, and read again when the file changes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fw_environment.entity import EnvironmentEntity
from fw_environment.errors import BadFile, UnknownName, nearest
from fw_environment.fields import kind_of

if TYPE_CHECKING:
    from fw_environment.environment import Environment

KEYS = ("kind", "extends", "controller", "children")
"""What a template says beside the values of fields."""


@dataclass(frozen=True)
class Template:
    """One template: a class, the values of its fields, what controls it, and its parts."""

    kind: type[EnvironmentEntity]
    values: Mapping[str, Any]
    controller: str
    children: tuple[str, ...]


class Templates:
    """The templates of one file. ``kinds`` are the classes that they may name, ``controllers`` make the controllers.

    A table is a template: ``kind`` names the class, ``extends`` another template whose values it takes over,
    ``controller`` one of the controllers, ``children`` other templates that become its parts; all else are fields.
    """

    def __init__(
        self,
        path: str | Path,
        kinds: list[type[EnvironmentEntity]],
        controllers: Mapping[str, Callable[[], Any]] | None = None,
    ) -> None:
        self.path = Path(path)
        self._kinds = {kind_of(kind): kind for kind in kinds}
        self._controllers = dict(controllers or {})
        self._stamp = self._stamped()
        self.all = self._read()

    def spawn(self, env: Environment, template: str, /, **values: Any) -> EnvironmentEntity:
        """Spawn what a template describes, parts and controllers included; ``values`` replace its own."""
        return self._spawn(env, template, None, values)

    def _spawn(
        self, env: Environment, name: str, parent: EnvironmentEntity | None, values: Mapping[str, Any]
    ) -> EnvironmentEntity:
        template = self._found(name)
        entity = template.kind(**(dict(template.values) | dict(values) | {"template": name}))
        env.spawn(entity, parent=parent)
        for child in template.children:
            self._spawn(env, child, entity, {})
        if template.controller:
            self._controllers[template.controller]().possess(entity)
        return entity

    def _found(self, name: str) -> Template:
        if name not in self.all:
            raise UnknownName("template", name, self.all, f"Write it into {self.path}.")
        return self.all[name]

    def reload(self, *worlds: Environment) -> list[str]:
        """Read the file again if it has changed; the names of the templates that have.

        In ``worlds`` a changed value reaches the entities that were spawned from the template and still have the old
        one, at the beginning of the next step, as an input: so recordings replay it. A file that cannot be read raises
        `BadFile`, and nothing changes.
        """
        stamp = self._stamped()
        if stamp == self._stamp:
            return []
        fresh, before = self._read(), self.all
        self._stamp, self.all = stamp, fresh
        for env in worlds:
            for entity in env.entities.values():
                old, new = before.get(entity.template), fresh.get(entity.template)
                if old is not None and new is not None and old.values != new.values:
                    self._renew(env, entity, old, new)
        return sorted(name for name in {*before, *fresh} if before.get(name) != fresh.get(name))

    @staticmethod
    def _renew(env: Environment, entity: EnvironmentEntity, old: Template, new: Template) -> None:
        for field in {**old.values, **new.values}:
            default = type(entity).defaults[field]
            was, now = old.values.get(field, default), new.values.get(field, default)
            if was != now and getattr(entity, field) == was:
                env.inputs.set(entity.id, field, now)

    def _stamped(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_mtime_ns, status.st_size

    def _read(self) -> dict[str, Template]:
        tables = _tables(self.path)
        return {name: self._template(name, tables) for name in tables}

    def _template(self, name: str, tables: Mapping[str, Any]) -> Template:
        place = f"{self.path}, template {name!r}"
        merged = _merged(name, tables, place, ())
        kind = self._kinds.get(merged.get("kind", ""))
        if kind is None:
            hint = nearest(str(merged.get("kind", "")), self._kinds) or f" There are {', '.join(self._kinds)}."
            raise BadFile(place, f"Its kind is {merged.get('kind')!r}.{hint}", "Name a class that Templates was given.")
        values = {key: _plain(value) for key, value in merged.items() if key not in KEYS}
        for field in values:
            if field not in kind.fields:
                raise BadFile(
                    place, f"{kind_of(kind)} has no field {field!r}.{nearest(field, kind.fields)}", "Rename it."
                )
        controller, children = merged.get("controller", ""), tuple(merged.get("children", ()))
        if controller and controller not in self._controllers:
            raise BadFile(place, f"There is no controller {controller!r}.", "Give it in controllers=.")
        for child in children:
            if child not in tables:
                raise BadFile(
                    place, f"Its part {child!r} is no template of the file.{nearest(child, tables)}", "Add it."
                )
        return Template(kind, values, controller, children)


def _merged(name: str, tables: Mapping[str, Any], place: str, seen: tuple[str, ...]) -> dict[str, Any]:
    if name in seen:
        raise BadFile(place, f"It extends itself: {' -> '.join((*seen, name))}.", "Break the circle.")
    if name not in tables:
        raise BadFile(place, f"It extends {name!r}, which is not there.{nearest(name, tables)}", "Add that template.")
    own = dict(tables[name])
    base = own.pop("extends", None)
    return own if base is None else _merged(base, tables, place, (*seen, name)) | own


def _plain(value: Any) -> Any:
    return tuple([_plain(item) for item in value]) if isinstance(value, list) else value


def _tables(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
        tables = _yaml(text) if path.suffix in {".yaml", ".yml"} else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BadFile(str(path), f"It cannot be read: {error}.", "Repair the file.") from error
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise BadFile(str(path), "It is not a table of templates.", "Write one table for each template.")
    return tables


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
