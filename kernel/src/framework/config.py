"""`Config`: layered settings that know where they come from, checked against dataclasses."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, get_type_hints

from framework.checking import Check, check, refuse, variable
from framework.errors import ConfigError
from framework.layering import Layering
from framework.secrecy import is_secret, secret_texts, texts
from framework.settings import KERNEL_SECTIONS, AppSettings, PluginSettings
from framework.sources import Layer, Value, from_code, normal

if TYPE_CHECKING:
    from framework.changes import Change

__all__ = ["KERNEL_SECTIONS", "AppSettings", "Config", "PluginSettings", "Source", "variable"]

T = TypeVar("T")

Source: TypeAlias = Callable[["Config"], Iterable[Layer]]
"""Reads layers from somewhere, told by the configuration where; raises :class:`ConfigError`. Called again to reload."""


class Config(Layering):
    """The settings of an application: layers of values, the highest one wins.

    ``read`` gives the layers it begins with anew. ``environment`` is the named environment that was chosen.
    """

    def __init__(
        self, *layers: Layer, read: Callable[[], Sequence[Layer]] | None = None, environment: str | None = None
    ) -> None:
        super().__init__(layers)
        self._read = read or (lambda: layers)
        self.environment = environment
        self._sources: list[Source] = []
        self._check: Check = check
        self._settings: dict[type[Any], Any] = {}
        self._sections: dict[type[Any], str] = {}
        self._known: Mapping[str, str] | None = None
        self._former_secrets: frozenset[str] = frozenset()
        self._followers: list[Callable[[], object]] = []
        self.sealed = False
        """Whether additions and overrides are refused."""

    def copy(self) -> Config:
        """The same layers, with nothing loaded, and open to additions and overrides."""
        return Config(*self._layers, read=self._read, environment=self.environment)

    # --- layers -----------------------------------------------------------------------------------------------------

    def add(self, source: Source) -> None:
        """Read further layers. From ``bootstrap`` and ``register``.

        Settings that were made already are made anew; nothing changes if the new ones are refused. Raises
        :class:`ConfigError`, also for what has been acted on already: ``[plugins]`` and ``[app] target``.
        """
        added = list(source(self))
        for layer in added:
            for section, key in (("plugins", None), ("app", "target")):
                values = layer.get(section, {})
                if (value := next(iter(values.values()), None) if key is None else values.get(key)) is not None:
                    raise ConfigError(
                        f"{value.source}: [{section}]{f' {key}' if key else ''} was acted on before this was read.",
                        remedy="Set it in fw.toml, as a variable or on the command line.",
                    )
        self._add(added, source)

    def override(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """Set values by section that win over every other source, flags included. Otherwise like :meth:`add`."""
        caller = sys._getframe(1)  # noqa: SLF001 - inspect.stack() reads source files, this costs nothing
        place = f"{caller.f_code.co_filename}:{caller.f_lineno}: config.override()"
        layer = from_code(values, place, "overrides")
        if "plugins" in layer:
            raise _too_late(f"{place}: [plugins] is")
        self._add([layer], lambda _: [layer])

    def _add(self, added: Sequence[Layer], source: Source) -> None:
        if self.sealed and added:
            places = sorted({value.source for layer in added for keys in layer.values() for value in keys.values()})
            sections = "], [".join(section for layer in added for section in layer)
            raise _too_late(f"{', '.join(places)}: [{sections}] would be")
        before = self._layers, dict(self._settings)
        self._layers = self._with(added)
        self._make_anew({section for layer in added for section in layer}, before)
        self._sources.append(source)

    def check_with(self, other: Check) -> None:
        """Let ``other`` make all settings from now on. Those that were made already are made anew."""
        before, self._check = self._check, other
        every = {normal(section) for section in self._sections.values()}
        try:
            self._make_anew(every, (self._layers, dict(self._settings)))
        except ConfigError:
            self._check = before
            raise

    def _make_anew(self, changed: set[str], before: tuple[Sequence[Layer], dict[type[Any], Any]]) -> None:
        try:
            for schema in [made for made in self._settings if normal(self._sections[made]) in changed]:
                self.load(schema, self._sections[schema])
        except ConfigError:
            self._layers, self._settings = before
            raise

    def seal(self) -> None:
        """Refuse additions and overrides from now on: what was built holds its settings."""
        self.sealed = True

    def secrets(self) -> frozenset[str]:
        """The raw values, as text, of every secret setting, in whichever layer: what must not be seen in a log.

        Secret is what its schema marks ``field(metadata={"secret": True})``, and all that a source of secrets gave.
        A mapping or list counts by its items, an empty value not at all. What was secret before a reload still is.
        """
        schemas = {normal(section): schema for schema, section in self._sections.items()}
        found = (_secrets_of(value, schemas.get(section), key) for _, section, key, value in self.values())
        return self._former_secrets.union(*found)

    # --- sections ---------------------------------------------------------------------------------------------------

    def check_sections(self, known: Mapping[str, str]) -> None:
        """Refuse sections that belong to nothing, told with all else that is wrong; ``known`` maps names to owners."""
        self._known = known
        if found := [*self.section_problems(known), *self.stray_problems(self._sections)]:
            refuse([*found, *self._all_problems()])

    # --- settings ---------------------------------------------------------------------------------------------------

    def describe(self, schema: type[Any], section: str) -> None:
        """Say which dataclass describes a section; its settings are made by :meth:`make`, or when asked for."""
        self._sections[schema] = section

    @property
    def described(self) -> Mapping[type[Any], str]:
        """The schemas that describe sections."""
        return self._sections

    def make(self, *schemas: type[Any], known: Iterable[str] | None = None) -> None:
        """Make the settings of these schemas, of all that are described without any.

        If something is wrong there, all that is wrong in any described section is told at once, and each section that
        is not among ``known``, if these are given: raises :class:`ConfigError`.
        """
        wanted = schemas or tuple(self._sections)
        if any(list(self.problems(schema, self._sections[schema])) for schema in wanted):
            belonging = self.section_problems(known) if known is not None else ()
            refuse([*self._all_problems(), *belonging, *self.stray_problems(self._sections)])

    def _all_problems(self) -> Iterator[ConfigError]:
        for schema, section in list(self._sections.items()):
            yield from self.problems(schema, section)

    def load(self, schema: type[T], section: str) -> T:
        """Make the settings of a section and keep them for :meth:`get`. Raises :class:`ConfigError`, naming places."""
        refuse(list(self.problems(schema, section)))
        return cast(T, self._settings[schema])

    def problems(self, schema: type[Any], section: str) -> Iterator[ConfigError]:
        """An error for everything that is wrong with a section; if nothing is, its settings are kept."""
        checked = self._check(section, schema, [layer.get(normal(section), {}) for layer in self._layers])
        yield from checked.problems
        if not checked.problems:
            self._settings[schema], self._sections[schema] = checked.settings, section

    def get(self, schema: type[T]) -> T:
        """The settings made from ``schema``. Raises :class:`ConfigError` if nothing declared it, or it is wrong."""
        try:
            return cast(T, self._settings[schema])
        except KeyError:
            if schema in self._sections:
                return self.load(schema, self._sections[schema])
            raise ConfigError(
                f"No section is described by {schema.__qualname__}.",
                remedy="Declare it: app.settings(Schema, section=…).",
            ) from None

    # --- reloading --------------------------------------------------------------------------------------------------

    def reread(self) -> Config:
        """What the same sources say now, for the same schemas. Changes nothing here; raises :class:`ConfigError`."""
        fresh = Config(*self._read(), read=self._read, environment=self.environment)
        fresh._check, fresh._sections = self._check, dict(self._sections)
        for source in self._sources:
            added = list(source(fresh))
            fresh._add(added, source)
        if self._known is not None:
            fresh.check_sections(self._known)
        fresh.make()
        return fresh

    def follow(self, follower: Callable[[], object]) -> None:
        """Call ``follower`` at the end of each :meth:`adopt`, before anybody else hears of what has changed."""
        self._followers.append(follower)

    def adopt(self, fresh: Config) -> list[Change]:
        """Take over what :meth:`reread` gave; every difference, in the order of the sections.

        Only settings whose schema marks them ``field(metadata={"reload": True})`` change; the others keep their value
        and source until the application is put together anew. Raises :class:`ConfigError`, and nothing changes, if
        the new values do not go with those that stay.
        """
        from framework.changes import changes

        found: list[Change] = []
        settings: dict[type[Any], Any] = {}
        held: dict[tuple[str, str], Value | None] = {}
        for schema, section in self._sections.items():
            differing = list(changes(section, schema, self, fresh))
            found += differing
            live = {c.key: getattr(fresh.get(schema), c.key) for c in differing if not c.needs_restart}
            held |= {(normal(section), c.key): self.value(section, c.key) for c in differing if c.needs_restart}
            try:
                settings[schema] = replace(self.get(schema), **live) if live else self.get(schema)
            except ValueError as error:
                places = ", ".join(sorted(c.new_source for c in differing if c.key in live))
                raise ConfigError(
                    f"{places}: what may change of [{section}] does not go with what needs a restart: {error}."
                ) from None
        self._former_secrets = self.secrets()
        self._layers, self._settings, self._held = fresh._layers, settings, held
        for follower in self._followers:
            follower()
        return found


def _too_late(what: str) -> ConfigError:
    return ConfigError(
        f"{what} changed after it was read.",
        remedy="Override in a plugin's `bootstrap` or `register`; or app.bootstrap(flags=…, toggles=…).",
    )


def _secrets_of(value: Value, schema: type[Any] | None, key: str) -> Iterable[str]:
    if value.is_secret:
        return texts(value.raw)
    outer, *path = key.split("__")
    definition = next((f for f in fields(schema) if f.name in (key, outer)), None) if schema else None
    if schema is None or definition is None:
        return ()
    if is_secret(definition):
        return texts(value.raw)
    return secret_texts(value.raw, get_type_hints(schema)[definition.name], path if definition.name == outer else ())
