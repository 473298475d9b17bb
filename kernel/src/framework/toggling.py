"""Which plugins are on, in which order, and why the others are off.

Pure: it knows manifests and toggles, imports nothing.
"""

from __future__ import annotations

from framework.errors import BootstrapError, did_you_mean
from framework.graph import closure, order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from framework.discovery import Plugin

DEFAULT_MODE = "worker"
BOOTSTRAP_FIRST = ("config", "logging")
"""Capabilities whose providers, and what those need, come before all other plugins."""


class Toggles:
    """What the user switched: names to the source that says so. ``only`` is the exact set of ``App(plugins=[…])``."""

    __slots__ = ("disable", "enable", "only")

    def __init__(
        self,
        enable: Mapping[str, str] | None = None,
        disable: Mapping[str, str] | None = None,
        only: frozenset[str] | None = None,
    ) -> None:
        self.enable: Mapping[str, str] = enable or {}
        self.disable: Mapping[str, str] = disable or {}
        self.only = only


class Selection:
    """The plugins that are on, `BOOTSTRAP_FIRST` in front, each after what it needs; why others are off; the edges."""

    __slots__ = ("needs", "off", "on")

    def __init__(self, on: Sequence[Plugin], off: Mapping[str, str], needs: Mapping[str, frozenset[str]]) -> None:
        self.on = on
        self.off = off
        self.needs = needs


def default_mode(plugins: Iterable[Plugin]) -> str:
    """``web`` if a plugin made for it is installed, else ``worker``."""
    return "web" if any("web" in plugin.manifest.modes for plugin in plugins) else DEFAULT_MODE


def select(
    plugins: Sequence[Plugin], mode: str, toggles: Toggles, failed: Mapping[str, str] | None = None
) -> Selection:
    """Decide. ``failed`` are plugins to do without, and why.

    Raises :class:`BootstrapError` for unknown names, missing requirements, rival providers, circles, and for a guard
    that would be left out because of a failure.
    """
    known = {plugin.name: plugin for plugin in plugins}
    _check_names(known, toggles)
    off = _switched_off(known, mode, toggles)
    off |= {name: reason for name, reason in (failed or {}).items() if name in known and name not in off}
    chosen = _choose_rivals(known, off, toggles)
    _drop_dependants(known, off, toggles, set(failed or ()) & set(off))
    on = {name: plugin for name, plugin in known.items() if name not in off}
    providers = {c: name for c, name in chosen.items() if name in on}
    _check_attributes(on)
    needs = {
        name: frozenset(
            providers.get(need, need)
            for need in (*plugin.manifest.requires, *plugin.manifest.after)
            if providers.get(need, need) in on
        )
        for name, plugin in on.items()
    }
    ordered = order(needs)
    for provider in (providers.get(capability, capability) for capability in reversed(BOOTSTRAP_FIRST)):
        early = closure([provider], needs)  # with what it needs, so that each still comes after all that it needs
        ordered = [n for n in ordered if n in early] + [n for n in ordered if n not in early]
    return Selection([on[name] for name in ordered], off, needs)


def _check_names(known: Mapping[str, Plugin], toggles: Toggles) -> None:
    for name, source in (
        *toggles.enable.items(),
        *toggles.disable.items(),
        *((n, "App(plugins=…)") for n in toggles.only or ()),
    ):
        if name not in known:
            raise BootstrapError(
                f"{source} names a plugin {name!r} that is not installed.",
                remedy=did_you_mean(name, known) or f"Installed: {', '.join(sorted(known)) or 'none'}.",
            )


def _switched_off(known: Mapping[str, Plugin], mode: str, toggles: Toggles) -> dict[str, str]:
    if toggles.only is not None:
        # A plugin that was named is the one that is meant where several provide a capability.
        preferred = sorted(known, key=lambda name: name in toggles.only)  # type: ignore[operator]
        offers = {capability: name for name in preferred for capability in known[name].manifest.provides}
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


def _choose_rivals(known: Mapping[str, Plugin], off: dict[str, str], toggles: Toggles) -> dict[str, str]:
    """The plugin behind each capability. Where several that are on provide one, the one that is enabled by name.

    The others are switched off. Raises :class:`BootstrapError` if none, or more than one, is enabled by name.
    """
    found: dict[str, list[str]] = {}
    for name in sorted(known):
        for capability in known[name].manifest.provides if name not in off else ():
            found.setdefault(capability, []).append(name)
    for capability, rivals in found.items():
        rivals[:] = [name for name in rivals if name not in off]
        named = [name for name in rivals if name in toggles.enable]
        if len(rivals) > 1 and len(named) != 1:
            listed = " and ".join(map(repr, rivals))
            raise BootstrapError(
                f"Plugins {listed} {'both' if len(rivals) == 2 else 'all'} provide {capability!r}.",
                remedy=f'Choose one: [plugins] enable = ["{rivals[0]}"], or switch the others off.',
            )
        for name in rivals if len(rivals) > 1 else ():
            if name != named[0]:
                off[name] = f"left out for {named[0]!r}, which provides {capability!r} too and is enabled by "
                off[name] += toggles.enable[named[0]]
    remaining = {capability: [name for name in rivals if name not in off] for capability, rivals in found.items()}
    return {capability: rivals[0] for capability, rivals in remaining.items() if rivals}


def _drop_dependants(known: Mapping[str, Plugin], off: dict[str, str], toggles: Toggles, fallen: set[str]) -> None:
    """Switch off what requires something that is off, until nothing changes. ``fallen`` is what a failure took."""
    offers = {c: p.name for p in known.values() for c in p.manifest.provides if p.name not in off}
    gone = {c: p.name for p in known.values() for c in p.manifest.provides if p.name in fallen}
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
                lost = {need, offers.get(need), gone.get(need)} & fallen
                if lost:
                    _refuse_to_lose(plugin, need, reason)
                    fallen.add(name)
                elif name in toggles.enable:
                    raise BootstrapError(
                        f"Plugin {name!r} was switched on by {toggles.enable[name]} "
                        f"but requires {need!r}, which is {reason}."
                    )
                off[name] = f"requires {need!r}, which {reason if reason.startswith('requires') else f'is {reason}'}"
                changed = True
                break


def _refuse_to_lose(plugin: Plugin, need: str, reason: str) -> None:
    if plugin.guard:
        raise BootstrapError(
            f"Plugin {plugin.name!r} is a guard and requires {need!r}, which is {reason}. "
            "An application never starts without a guard because something failed.",
            remedy=f"Repair {need!r}, or switch {plugin.name!r} off yourself: fw run -p no:{plugin.name}.",
        )


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


def _check_attributes(on: Mapping[str, Plugin]) -> None:
    """Refuse two plugins that add one attribute to the App."""
    found: dict[str, str] = {}
    for name in sorted(on):
        for attribute in (*on[name].manifest.facades, *on[name].manifest.members):
            other = found.setdefault(attribute, name)
            if other != name:
                raise BootstrapError(
                    f"Plugins {other!r} and {name!r} both add app.{attribute}.",
                    remedy=f'Switch one of them off: [plugins] disable = ["{name}"].',
                )
