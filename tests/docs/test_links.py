"""Links in the documents lead somewhere: to a file of the repository, and to a heading where they name one."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "*/*/README.md", "kernel/*.md") for path in ROOT.glob(pattern)
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def prose(path: Path) -> str:
    """The document without its code, where brackets mean something else."""
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", path.read_text(encoding="utf-8")))


def links(path: Path) -> Iterator[str]:
    """Targets within the repository."""
    for match in LINK.finditer(prose(path)):
        target = match.group(1) or match.group(2)
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(path: Path) -> set[str]:
    """The names under which headings can be linked: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ +(.+?) *#*$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(path: Path) -> list[str]:
    """Links of a document that lead nowhere."""
    found = []
    for link in links(path):
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    assert broken(document) == []


def test_broken_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# The *first* part, told\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](other.md) [b](other.md#the-first-part-told) [c](missing.md) [d](other.md#gone) [e](https://example.org)\n"
        "`[f](code.md)`\n```\n[g](fenced.md)\n```\n![h](picture.png)\n",
        encoding="utf-8",
    )
    assert broken(page) == ["missing.md", "other.md#gone", "picture.png"]
