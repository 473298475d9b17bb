"""Every setting of an application with its value and source; and everything that is wrong with them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any, get_type_hints

from framework import App
from framework.config import KERNEL_SECTIONS, Config
from framework.errors import ConfigError, FrameworkError
from framework.inputs import Inputs
from framework.options import RunOptions
from framework.secrecy import hidden, is_secret, masked, secret_texts
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


def settings(described: Mapping[str, type[Any]], config: Config) -> Iterator[Setting]:
    """Every setting of these sections, as written where it is set: nothing is checked.

    Those of nested settings are named with dots, if these could be made.
    """
    for section, schema in described.items():
        try:
            made = config.get(schema)
        except ConfigError:
            made = None
        yield from _of(section, "", schema, made, config)


def _of(section: str, prefix: str, schema: type[Any], made: Any, config: Config) -> Iterator[Setting]:
    hints = get_type_hints(schema) if is_dataclass(schema) else {}
    for field in fields(schema) if hints else ():
        key, inner = prefix + field.name, getattr(made, field.name, None)
        found = config.value(section, key) or _default(field)
        secret = (found.is_secret or is_secret(field)) and found.raw not in ("", None)
        if is_dataclass(inner) and not secret:
            yield from _of(section, f"{key}.", type(inner), inner, config)
            continue
        shown = masked(inner) if isinstance(inner, dict) and found.raw else found.raw
        shown = MASK if secret else hidden(shown, set(secret_texts(found.raw, hints[field.name])))
        yield Setting(section, key, shown, found.source, secret)


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
    refused = _refused(app, chosen)
    found = [problem for error in refused for problem in getattr(error, "problems", [error])]
    if any(isinstance(error, ConfigError) for error in refused):  # then nobody looked for sections of nothing yet
        known = {*described, *(plugin.name for plugin in inputs.installed())}
        told = {str(problem) for problem in found}
        found += [problem for problem in inputs.config.section_problems(known) if str(problem) not in told]
    return found


def _refused(app: App, chosen: RunOptions) -> list[FrameworkError]:
    """What only a bootstrap shows, such as the settings that plugins declare in their hooks."""
    try:
        app.bootstrap(
            mode=chosen.mode, config=chosen.config, env=chosen.env, toggles=chosen.toggles, flags=chosen.flags
        )
    except FrameworkError as error:
        return [error]
    return []


def configuration(app: App, inputs: Inputs, chosen: RunOptions) -> Config:
    """What the application reads its settings from, once plugins have added their sources and declared their sections.

    Where that fails, which is for ``fw config check`` to explain, what files, variables and options alone say.
    """
    refused = _refused(app, chosen)
    if not refused:
        return app.config
    print("fw: not all sources could be read; `fw config check` says why", file=sys.stderr)
    return inputs.config
