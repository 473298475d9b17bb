"""Which plugins are on, in which order, and why the others are off.

Pure: it knows manifests and toggles, imports nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from framework.discovery import Plugin
from framework.errors import BootstrapError
from framework.graph import closure, order

DEFAULT_MODE = "worker"


@dataclass(frozen=True)
class Toggles:
    """What the user switched: names to the source that says so. ``only`` is the exact set of ``App(plugins=[…])``."""

    enable: Mapping[str, str] = field(default_factory=dict)
    disable: Mapping[str, str] = field(default_factory=dict)
    only: frozenset[str] | None = None


@dataclass(frozen=True)
class Selection:
    """The plugins that are on, each after what it needs.

    The reasons of those that are off; and the edges between those on.
    """

    on: Sequence[Plugin]
    off: Mapping[str, str]
    needs: Mapping[str, frozenset[str]]


def default_mode(plugins: Iterable[Plugin]) -> str:
    """``web`` if a plugin made for it is installed, else ``worker``."""
    return "web" if any("web" in plugin.manifest.modes for plugin in plugins) else DEFAULT_MODE


def select(plugins: Sequence[Plugin], mode: str, toggles: Toggles) -> Selection:
    """Decide. Raises :class:`BootstrapError` for unknown names, missing requirements, rival providers and circles."""
    known = {plugin.name: plugin for plugin in plugins}
    _check_names(known, toggles)
    off = _switched_off(known, mode, toggles)
    _drop_dependants(known, off, toggles)
    on = {name: plugin for name, plugin in known.items() if name not in off}
    providers = _providers(on)
    needs = {
        name: frozenset(
            providers.get(need, need)
            for need in (*plugin.manifest.requires, *plugin.manifest.after)
            if providers.get(need, need) in on
        )
        for name, plugin in on.items()
    }
    return Selection([on[name] for name in order(needs)], off, needs)


def _check_names(known: Mapping[str, Plugin], toggles: Toggles) -> None:
    for name, source in (
        *toggles.enable.items(),
        *toggles.disable.items(),
        *((n, "App(plugins=…)") for n in toggles.only or ()),
    ):
        if name not in known:
            near = get_close_matches(name, known, 1)
            raise BootstrapError(
                f"{source} names a plugin {name!r} that is not installed.",
                remedy=f"Did you mean {near[0]!r}?" if near else f"Installed: {', '.join(sorted(known)) or 'none'}.",
            )


def _switched_off(known: Mapping[str, Plugin], mode: str, toggles: Toggles) -> dict[str, str]:
    if toggles.only is not None:
        offers = {c: p.name for p in known.values() for c in p.manifest.provides}
        wants = {p.name: [n if n in known else offers.get(n, n) for n in p.manifest.requires] for p in known.values()}
        wanted = closure(toggles.only, wants)
        return {name: "not among App(plugins=…)" for name in known if name not in wanted}
    off = {}
    for name, plugin in known.items():
        modes = plugin.manifest.modes
        if name in toggles.disable and name not in toggles.enable:
            off[name] = f"disabled by {toggles.disable[name]}"
        elif modes and mode not in modes and name not in toggles.enable:
            off[name] = f"made for mode {' or '.join(modes)}, not {mode}"
    return off


def _drop_dependants(known: Mapping[str, Plugin], off: dict[str, str], toggles: Toggles) -> None:
    """Switch off what requires something that is off, until nothing changes."""
    offers = {c: p.name for p in known.values() for c in p.manifest.provides if p.name not in off}
    changed = True
    while changed:
        changed = False
        for name, plugin in known.items():
            if name in off:
                continue
            for need in plugin.manifest.requires:
                reason = _lack(need, known, off, offers, plugin)
                if not reason:
                    continue
                if name in toggles.enable:
                    raise BootstrapError(
                        f"Plugin {name!r} was switched on by {toggles.enable[name]} "
                        f"but requires {need!r}, which is {reason}."
                    )
                off[name] = f"requires {need!r}, which is {reason}"
                changed = True
                break


def _lack(
    need: str, known: Mapping[str, Plugin], off: Mapping[str, str], offers: Mapping[str, str], plugin: Plugin
) -> str:
    """Why ``need`` cannot be met; '' if it can. Raises if nothing installed could ever meet it."""
    provider = need if need in known else offers.get(need)
    if provider is not None:
        return off.get(provider, "")
    if any(need in p.manifest.provides for p in known.values()):
        return "provided only by plugins that are off"
    raise BootstrapError(
        f"Plugin {plugin.name!r} ({plugin.distribution or 'no distribution'}) requires {need!r}, "
        "which is not installed.",
        remedy=f"Install it: pip install fw-{need}. Or switch {plugin.name!r} off: fw run -p no:{plugin.name}.",
    )


def _providers(on: Mapping[str, Plugin]) -> dict[str, str]:
    """The plugin behind each capability. Raises if two that are on provide one."""
    found: dict[str, str] = {}
    for name in sorted(on):
        for capability in on[name].manifest.provides:
            if capability in found:
                raise BootstrapError(
                    f"Plugins {found[capability]!r} and {name!r} both provide {capability!r}.",
                    remedy=f'Switch one of them off: [plugins] disable = ["{name}"].',
                )
            found[capability] = name
    return found
