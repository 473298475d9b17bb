"""Every setting of an application with its value and source; and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any

from framework import App
from framework.config import KERNEL_SECTIONS
from framework.errors import FrameworkError
from framework.inputs import Inputs
from framework.options import RunOptions
from framework.sources import Value
from framework.toggling import default_mode, select

DEFAULT = "default"
MASK = "***"


@dataclass(frozen=True)
class Setting:
    """One key of a section. ``source`` says the place, ``default`` where nothing sets it, '' where it must be set."""

    section: str
    key: str
    value: Any
    source: str
    secret: bool


def inputs_of(app: App, chosen: RunOptions) -> Inputs:
    """What a bootstrap of an App would start from. Raises :class:`ConfigError`."""
    return app.sources.read(chosen.config, chosen.env, chosen.toggles, chosen.flags)


def sections(app: App, inputs: Inputs, mode: str | None) -> Mapping[str, type[Any]]:
    """The sections that are in force: the kernel's, those of plugins, those that have been declared.

    Plugins are those that are on in ``mode``, without one those that are on in any. Raises
    :class:`framework.errors.FrameworkError`.
    """
    first = mode or default_mode(inputs.candidates)
    on = list(select(inputs.candidates, first, inputs.toggles).on)
    others = {m for plugin in inputs.candidates for m in plugin.manifest.modes} - {first} if mode is None else set()
    for other in sorted(others):
        with suppress(FrameworkError):  # what is wrong in another mode is not asked here
            on += select(inputs.candidates, other, inputs.toggles).on
    found = dict(KERNEL_SECTIONS)
    found |= {p.name: p.resolve("config", p.manifest.config) for p in on if p.manifest.config}
    return found | {entry.section: entry.schema for entry in app.schemas}


def settings(described: Mapping[str, type[Any]], inputs: Inputs) -> Iterator[Setting]:
    """Every setting of these sections, as written where it is set: nothing is checked."""
    for section, schema in described.items():
        for field in fields(schema) if is_dataclass(schema) else ():
            found = inputs.config.value(section, field.name) or _default(field)
            secret = bool(field.metadata.get("secret", False)) and found.raw not in ("", None)
            yield Setting(section, field.name, MASK if secret else found.raw, found.source, secret)


def _default(field: Field[Any]) -> Value:
    if field.default is not MISSING:
        return Value(field.default, DEFAULT)
    if field.default_factory is not MISSING:
        return Value(field.default_factory(), DEFAULT)
    return Value(None, "")


def problems(app: App, chosen: RunOptions) -> list[FrameworkError]:
    """Everything that keeps an application from being put together, as far as it can be seen at once.

    First the settings, all of them; if those are sound, whatever a bootstrap says.
    """
    try:
        inputs = inputs_of(app, chosen)
        described = sections(app, inputs, chosen.mode)
    except FrameworkError as error:
        return [error]
    known = {*described, *(plugin.name for plugin in inputs.installed())}
    found: list[FrameworkError] = [
        *inputs.config.section_problems(known),
        *(problem for section, schema in described.items() for problem in inputs.config.problems(schema, section)),
    ]
    return found or _refused(app, chosen)


def _refused(app: App, chosen: RunOptions) -> list[FrameworkError]:
    """What only a bootstrap shows, such as the settings that plugins declare in their hooks."""
    try:
        app.bootstrap(
            mode=chosen.mode, config=chosen.config, env=chosen.env, toggles=chosen.toggles, flags=chosen.flags
        )
    except FrameworkError as error:
        return [error]
    return []


def declared(app: App, chosen: RunOptions) -> bool:
    """Let plugins declare their sections too; False where that fails, which is for ``fw config check`` to explain."""
    return not _refused(app, chosen)
