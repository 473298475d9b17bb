"""`Templates`: entities described in TOML or YAML, and read again when the file changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakSet

from fw_environment.entity import EnvironmentEntity
from fw_environment.errors import BadFile, NotDeterministic, UnknownName
from fw_environment.fields import kind_of
from fw_environment.system import System
from fw_environment.template_file import Template, TemplateFile

if TYPE_CHECKING:
    from fw_environment.environment import Environment

log = logging.getLogger("fw.environment")

_KEPT = 16
"""Texts that are kept read: worlds may be rewound to older ones."""


class TemplateText(System):
    """The text of a file of templates as a part of a world's state; it does nothing by itself."""

    kind: ClassVar[str] = "TemplateText"

    text: str = ""


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
        self._controllers = dict(controllers or {})
        self._file = TemplateFile(self.path, {kind_of(kind): kind for kind in kinds}, self._controllers)
        self._stamp = self._stamped()
        self._text = self._file.text()
        self._read: dict[str, dict[str, Template]] = {}
        self._worlds: WeakSet[Environment] = WeakSet()
        self.all = self._templates(self._text)

    def spawn(self, env: Environment, template: str, /, **values: Any) -> EnvironmentEntity:
        """Spawn what a template describes, parts and controllers included; ``values`` replace its own."""
        return self._spawn(env, self.of(env), template, None, values)

    def _spawn(
        self,
        env: Environment,
        templates: Mapping[str, Template],
        name: str,
        parent: EnvironmentEntity | None,
        values: Mapping[str, Any],
    ) -> EnvironmentEntity:
        if name not in templates:
            raise UnknownName("template", name, templates, f"Write it into {self.path}.")
        template = templates[name]
        entity = template.kind(**(dict(template.values) | dict(values) | {"template": name}))
        env.spawn(entity, parent=parent)
        for child in template.children:
            self._spawn(env, templates, child, entity, {})
        if template.controller:
            self._controllers[template.controller]().possess(entity)
        return entity

    @property
    def name(self) -> str:
        """What the system is called that holds the text in an attached world."""
        return f"templates {self.path.name}"

    def of(self, env: Environment) -> Mapping[str, Template]:
        """The templates as ``env`` has them: those of the file, or in an attached world those of its state."""
        held: Any = env.systems.get(self.name)
        return self.all if held is None else self._templates(held.text)

    def attach(self, env: Environment) -> None:
        """Make the text a part of the state of ``env``, and follow the file: after each step of the world it is looked
        at, and a change comes in as an input of the next step. So snapshots and recordings hold which templates there
        were. A file that is wrong is told to the log, once, and the templates stay as they were.
        """
        env.add_system(TemplateText(name=self.name, text=self._text))
        env.watchers.append(self._watch)
        self._worlds.add(env)

    def _watch(self, env: Environment) -> None:
        stamp = self._stamped()
        if stamp is None or stamp == self._stamp or not env.inputs.live:
            return
        try:
            changed = self.reload()
        except BadFile as error:
            self._stamp = stamp
            log.warning("templates stay as they were: %s", error)
        else:
            log.info("%s was read again; changed: %s", self.path, ", ".join(changed) or "nothing")

    def reload(self, *worlds: Environment) -> list[str]:
        """Read the file again if it has changed; the names of the templates that have.

        In ``worlds``, and in all that are attached, a changed value reaches the entities that were spawned from the
        template and still have the old one, at the beginning of the next step, as an input: so recordings replay it. A
        file that cannot be read raises `BadFile`, and nothing changes.
        """
        stamp = self._stamped()
        if stamp == self._stamp:
            return []
        for env in worlds:
            if env.deterministic and env not in self._worlds:
                raise NotDeterministic(
                    repr(env), f"A change of {self.path} that is no part of its state", "Attach the templates to it."
                )
        text = self._file.text()
        fresh, before = self._templates(text), self.all
        for env in {*worlds, *self._worlds}:
            self._renew(env, fresh, text)
        self._stamp, self._text, self.all = stamp, text, fresh
        return sorted(name for name in {*before, *fresh} if before.get(name) != fresh.get(name))

    def _renew(self, env: Environment, fresh: Mapping[str, Template], text: str) -> None:
        before = self.of(env)
        if self.name in env.systems:
            env.inputs.tune(self.name, "text", text)
        for entity in env.entities.values():
            old, new = before.get(entity.template), fresh.get(entity.template)
            if old is not None and new is not None and old.values != new.values:
                _follow(env, entity, old, new)

    def _stamped(self) -> tuple[int, int, int] | None:
        # An editor that replaces the file may leave a moment in which there is none.
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _templates(self, text: str) -> dict[str, Template]:
        if text not in self._read:
            found = self._file.templates(text)
            while len(self._read) >= _KEPT:
                del self._read[next(iter(self._read))]
            self._read[text] = found
        return self._read[text]


def _follow(env: Environment, entity: EnvironmentEntity, old: Template, new: Template) -> None:
    for field in {**old.values, **new.values}:
        default = type(entity).defaults.get(field)
        was, now = old.values.get(field, default), new.values.get(field, default)
        if was != now and getattr(entity, field, None) == was:
            env.inputs.set(entity.id, field, now)
