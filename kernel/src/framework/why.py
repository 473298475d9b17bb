"""`fw plugins why NAME`: every reason for the state of a plugin."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from framework.degrading import idle
from framework.errors import BootstrapError, PluginFailure, did_you_mean
from framework.inputs import Inputs, Sources
from framework.options import add_application_options
from framework.toggling import default_mode, select

if TYPE_CHECKING:
    from framework.app import App
    from framework.discovery import Plugin


@dataclass
class Explanation:
    """The state of a plugin (``on``, ``off``, ``broken``), the reasons for it, and what it means for others.

    ``falls`` are plugins that are off because this one is; ``idle`` the places of declarations on it that nobody acts
    on; ``failure`` the report of what is broken.
    """

    name: str
    distribution: str
    version: str
    state: str
    mode: str
    guard: bool
    reasons: list[str] = field(default_factory=list)
    required_by: list[str] = field(default_factory=list)
    falls: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    failure: list[str] = field(default_factory=list)


def explain(name: str, inputs: Inputs, mode: str | None, app: App | None = None) -> Explanation:
    """Why a plugin is on, off or broken. Imports its hooks module if it is on, to see whether that works.

    Raises :class:`BootstrapError` for a name that is not installed.
    """
    plugins = {plugin.name: plugin for plugin in [*inputs.installed(), *inputs.candidates]}
    plugin = plugins.get(name)
    if plugin is None:
        raise BootstrapError(
            f"There is no plugin {name!r} among those installed.",
            remedy=did_you_mean(name, plugins) or f"Install it: pip install fw-{name}",
        )
    mode = mode or default_mode(inputs.candidates)
    found = Explanation(name, plugin.distribution, plugin.version, "on", mode, plugin.manifest.guard)
    found.required_by = sorted(p.name for p in plugins.values() if _requires(p, plugin))
    try:
        off: Mapping[str, str] = select(inputs.candidates, mode, inputs.toggles).off
    except BootstrapError as error:
        found.reasons.append(f"the choice of plugins fails as a whole: {error.message}")
        off = {}
    if name in off:
        found.state = "off"
        found.reasons.append(off[name])
        found.falls = _falls(plugin, plugins, off)
        if app is not None:
            found.idle = [declaration.place for declaration in idle(app, [plugin], off).get(name, ())]
    else:
        found.reasons += _reasons_on(plugin, inputs, mode, off)
        _try(plugin, found)
    if plugin.broken:
        found.state, found.failure = "broken", plugin.broken.splitlines()
    return found


def _requires(plugin: Plugin, other: Plugin) -> bool:
    return bool({other.name, *other.manifest.provides} & set(plugin.manifest.requires))


def _falls(plugin: Plugin, plugins: Mapping[str, Plugin], off: Mapping[str, str]) -> list[str]:
    """The plugins that are off because this one is, directly or not."""
    found: list[str] = []
    todo = [plugin]
    while todo:
        lost = todo.pop()
        needs = [f"requires {need!r}, which" for need in (lost.name, *lost.manifest.provides)]
        for name, reason in off.items():
            if name not in found and name in plugins and reason.startswith(tuple(needs)):
                found.append(name)
                todo.append(plugins[name])
    return sorted(found)


def _reasons_on(plugin: Plugin, inputs: Inputs, mode: str, off: Mapping[str, str]) -> list[str]:
    toggles, modes = inputs.toggles, plugin.manifest.modes
    if toggles.only is not None:
        wanted = [p.name for p in inputs.candidates if _requires(p, plugin) and p.name not in off]
        return ["named by App(plugins=…)"] if plugin.name in toggles.only else [f"required by {', '.join(wanted)}"]
    if plugin.name in toggles.enable:
        return [f"enabled by {toggles.enable[plugin.name]}"]
    suits = f"made for mode {' or '.join(modes)}, which this is" if modes else "made for every mode"
    return [f"installed, {suits}, and nothing switches it off"]


def _try(plugin: Plugin, found: Explanation) -> None:
    try:
        plugin.load()
    except PluginFailure as error:
        found.state = "broken"
        found.failure = [line for report in error.reports for line in report.lines()]


def why_command(arguments: Sequence[str], toggles: Sequence[str]) -> int:
    """Run ``fw plugins why``; the exit status. Raises :class:`FrameworkError`."""
    parser = argparse.ArgumentParser(prog="fw plugins why", description="Every reason for the state of a plugin.")
    parser.add_argument("name", help="the plugin")
    parser.add_argument("target", nargs="?", help="module:attribute of an App, to see what it declares on the plugin")
    add_application_options(parser, with_target=False)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    app = None
    if given.target:
        from framework.target import load_app

        app = load_app(given.target)
    sources = app.sources if app else Sources(None, {})
    inputs = sources.read(given.config, given.env, [*toggles, *given.toggles], given.flags)
    found = explain(given.name, inputs, given.mode, app)
    if given.json:
        import json

        print(json.dumps(asdict(found), indent=2))
    else:
        print("\n".join(_lines(found)))
    return 0


def _lines(found: Explanation) -> list[str]:
    origin = f" ({found.distribution} {found.version})" if found.distribution else ""
    lines = [f"{found.name}{origin} is {found.state} in mode {found.mode}"]
    lines += [f"  because: {reason}" for reason in found.reasons]
    lines += ["  a guard: no application starts without it because something failed"] if found.guard else []
    lines += [f"  required by: {', '.join(found.required_by)}"] if found.required_by else []
    lines += [f"  off because of it: {', '.join(found.falls)}"] if found.falls else []
    lines += [f"  idle declaration: {place}" for place in found.idle]
    return lines + [f"  {line}" for line in found.failure]
