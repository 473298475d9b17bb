"""Writes what the reference pages can take from the code: `python tools/reference.py`; with `--check` it only compares.

It writes between `<!-- generated: NAME -->` and `<!-- end -->`; everything around that is written by hand. So are the
meanings of settings, which are kept: a row of a table, in the column `meaning`. Exits 1 with each fault on stderr.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from described import Described, hooks, names, on_the_app, settings
from workspace import ROOT

PAGES = ("hooks.md", "configuration.md", "api.md")
BLOCK = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
WORDS = {str: "string", int: "whole number", float: "number", bool: "true or false", Path: "path", NoneType: "none"}


class PageFault(Exception):
    """A page, or the code it describes, lacks something; the message says what and where."""


def table(*head: str, rows: Iterator[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" if line[0] != "---" else f"|{'|'.join(line)}|\n" for line in lines)


def hook_list(_: str) -> str:
    """Every hook, its docstring's first line, and who implements it in call order."""
    return table(
        "hook",
        "what it is for",
        "implemented here, in call order, by",
        rows=(
            (f"`{hook.name}`", hook.summary, ", ".join(f"`{name}`" for name in hook.by) or "no plugin")
            for hook in hooks()
        ),
    )


def hook_text(_: str, name: str) -> str:
    """The docstring of one hook."""
    for hook in hooks():
        if hook.name.partition("(")[0] == name:
            return f"{hook.text}\n"
    raise PageFault(f"there is no hook {name!r}")


def setting_tables(page: str) -> str:
    """A section of the page for each section of the configuration."""
    known = meanings(page)
    parts = []
    for section in settings():
        rows = []
        for key in section.keys:
            meaning = known.get((section.name, key.name))
            if not meaning:
                raise PageFault(
                    f"[{section.name}] {key.name} has no meaning yet; add a row for it under `## [{section.name}]`: "
                    f"| `{key.name}` | | | its meaning |"
                )
            kind = words(key.kind) + (", secret" if key.secret else "")
            rows.append((f"`{key.name}`", kind, f"`{key.default}`", meaning))
        heading = f"## [{section.name}]\n\nRead by {section.reader}.\n\n"
        parts.append(heading + table("key", "type", "default", "meaning", rows=iter(rows)))
    return "\n" + "\n".join(parts) + "\n"


def meanings(page: str) -> dict[tuple[str, str], str]:
    """What the page says of each key, by section and key."""
    found = {}
    for section, text in re.findall(r"^## \[([\w-]+)\]\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL):
        for key, meaning in re.findall(r"^\| `(\w+)` \|(?:[^|\n]*\|){2} ([^\n]+?) \|$", text, re.MULTILINE):
            found[section, key] = meaning
    return found


def words(kind: Any) -> str:
    """A type as the configuration page calls it."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return "one of " + ", ".join(f"`{value}`" for value in inner)
    if origin in (list, tuple):
        return f"list of {words(inner[0])}s"
    if origin in (Union, UnionType):
        return " or ".join(words(part) for part in inner)
    if kind in WORDS:
        return WORDS[kind]
    return "one of " + ", ".join(f"`{member.value}`" for member in kind)


def api(_: str) -> str:
    """Every public name of every package, and what plugins add to the App."""
    parts = []
    for package, items in names():
        parts.append(f"## {package}\n\n" + table("name", "what it is", rows=map(_row, items)))
    parts.append("## On the App\n\n" + table("name", "what it is", rows=map(_row, on_the_app())))
    return "\n" + "\n".join(parts) + "\n"


def _row(item: Described) -> tuple[str, str]:
    if not item.summary:
        raise PageFault(f"{item.name} has no docstring of its own")
    return f"`{item.name}`", item.summary


WRITERS: Mapping[str, Callable[..., str]] = {
    "hooks": hook_list,
    "hook": hook_text,
    "settings": setting_tables,
    "api": api,
}


def rendered(page: str) -> str:
    """The page with its generated parts written anew. Raises :class:`PageFault`."""

    def write(match: re.Match[str]) -> str:
        name, *arguments = match[2].split()
        if name not in WRITERS:
            raise PageFault(f"nothing generates {match[2]!r}; there are: {', '.join(sorted(WRITERS))}")
        return match[1] + WRITERS[name](page, *arguments) + match[3]

    if not BLOCK.search(page):
        raise PageFault("it has no generated part")
    return BLOCK.sub(write, page)


def main(arguments: list[str], folder: Path = ROOT / "docs/reference") -> int:
    """0 when the pages are in order (or have been put so), 1 with the reasons on stderr."""
    parser = argparse.ArgumentParser(prog="reference.py", description="The generated parts of docs/reference.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on a difference")
    check = parser.parse_args(arguments).check
    for variable in [name for name in os.environ if name.startswith("FW_")]:
        del os.environ[variable]  # the pages say how it is without them
    faults = []
    for page in (folder / name for name in PAGES):
        text = page.read_text(encoding="utf-8")
        try:
            new = rendered(text)
        except PageFault as fault:
            faults.append(f"docs/reference/{page.name}: {fault}")
            continue
        if check and new != text:
            changes = difflib.unified_diff(text.splitlines(), new.splitlines(), "page", "code", lineterm="", n=0)
            faults += [f"docs/reference/{page.name} differs; run `python tools/reference.py`", *changes]
        elif new != text:
            page.write_text(new, encoding="utf-8")
    for line in faults:
        print(line, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
