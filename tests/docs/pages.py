"""The documents as tests see them: pages and their code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(r"^```(?P<info>[^`\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'title="([^"]*)"')
_VERSION = r"\d+\.\d+\.\d+"
_FREE = re.compile(rf"(\.\.\.|(?<=\S) {{2,}}|(?<![\d.]){_VERSION}(?![\d.]))")
_FREEDOM = {"..": ".*", "  ": " +"}


@dataclass(frozen=True)
class Block:
    """A fenced block. Its first line reads ``LANGUAGE [title="TITLE"] [FLAG ...]``.

    ``title`` is the file that the block is, or the terminal that it is typed into. Flags: ``norun`` (shown only),
    ``repeat`` (its command is typed again until it answers as shown).
    """

    page: Path
    line: int
    language: str
    title: str
    flags: frozenset[str]
    text: str

    @property
    def place(self) -> str:
        """``page:line``, for messages."""
        page = self.page.relative_to(ROOT) if self.page.is_relative_to(ROOT) else self.page
        return f"{page.as_posix()}:{self.line}"


def blocks(page: Path, text: str | None = None) -> Iterator[Block]:
    """The blocks of a page in order; of ``text`` if the page's own is to be replaced."""
    text = page.read_text(encoding="utf-8") if text is None else text
    for match in _FENCE.finditer(text):
        info = match["info"]
        title = _TITLE.search(info)
        language, *flags = _TITLE.sub("", info).split()
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page, line, language, title[1] if title else "", frozenset(flags), match["text"])


def pattern(expected: str) -> re.Pattern[str]:
    """What a shown output matches.

    ``...`` alone on a line stands for any number of lines, ``...`` within a line for anything on that line. Any version
    (``0.1.0``) matches any other, and columns may be wider or narrower.
    """
    lines = []
    for line in expected.splitlines():
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            parts = _FREE.split(line.rstrip())
            lines.append(
                "".join(_FREEDOM.get(part[:2], _VERSION) if n % 2 else re.escape(part) for n, part in enumerate(parts))
            )
            lines.append(r"[ ]*\n")
    return re.compile("".join(lines))
