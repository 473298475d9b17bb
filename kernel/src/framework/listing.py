"""Prints the installed plugins as a table or as JSON, without importing any of them."""

from __future__ import annotations

from framework.inputs import Sources
from framework.toggling import default_mode, select


def print_plugins(*, as_json: bool) -> None:
    """Which plugins are installed, which are on in the current folder's configuration, and why the others are off."""
    inputs = Sources(None, {}).read(None, None, (), ())
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
        print(f"{row['name']:{width}}  {row['version']:8}  {row['state']:6}  {row['reason'] or row['summary']}")
    print(f"\nmode {mode}; `fw run --mode MODE` chooses another")
