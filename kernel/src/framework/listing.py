"""Prints the installed plugins as a table or as JSON, without importing any of them."""

from __future__ import annotations

from framework.inputs import Sources
from framework.toggling import default_mode, select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def print_plugins(toggles: Sequence[str], *, as_json: bool) -> None:
    """Which plugins are installed, which are on in the current folder's configuration, and why the others are off."""
    inputs = Sources(None, {}).read(None, None, toggles, ())
    mode = default_mode(inputs.candidates)
    off = select(inputs.candidates, mode, inputs.toggles).off
    rows = [
        {
            "name": plugin.name,
            "version": plugin.version,
            "distribution": plugin.distribution,
            "state": "broken" if plugin.broken else "off" if plugin.name in off else "on",
            "reason": plugin.broken or off.get(plugin.name, ""),
            "summary": plugin.manifest.summary,
        }
        for plugin in inputs.candidates
    ]
    if as_json:
        import json

        print(json.dumps(rows, indent=2))
        return
    if not rows:
        print("No plugins are installed. Try: pip install fw-http")
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        # A broken manifest has a remedy on a line of its own; a table has one line for each plugin.
        said = " ".join((row["reason"] or row["summary"]).split())
        print(f"{row['name']:{width}}  {row['version']:8}  {row['state']:6}  {said}".rstrip())
    print(f"\nmode {mode}; `fw run --mode MODE` chooses another")


def refresh() -> int:
    """Make the index anew, whatever the old one says; the exit status."""
    from framework.discovery import plugins_of
    from framework.index import refresh as make_anew

    found = plugins_of(make_anew().points)
    broken = sum(bool(plugin.broken) for plugin in found)
    print(f"{len(found)} plugins are installed{f', {broken} of them broken (fw plugins list)' if broken else ''}.")
    return 0
