"""Draws a graph of units, as text and as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from framework.facade import APPLICATION

Needs = Mapping[str, Collection[str]]
"""Each unit, in the order in which they start, with the units that it needs."""


def reduced(needs: Needs) -> dict[str, frozenset[str]]:
    """The same order with the fewest edges: what a unit needs through another need of it is left out."""
    found: dict[str, frozenset[str]] = {}
    beyond: dict[str, frozenset[str]] = {}
    for name, wanted in needs.items():
        indirect = frozenset[str]().union(*(beyond[need] for need in wanted))
        found[name] = frozenset(wanted) - indirect
        beyond[name] = frozenset(wanted) | indirect
    return found


def as_text(needs: Needs) -> str:
    """A line for each unit, followed by what it needs."""
    width = max((len(name) for name in needs), default=0)
    return "".join(f"{name:{width}}{_needed(needs[name])}".rstrip() + "\n" for name in needs)


def _needed(names: Collection[str]) -> str:
    return f"  needs {', '.join(sorted(names))}" if names else ""


def as_mermaid(needs: Needs, owners: Mapping[str, str]) -> str:
    """A flowchart: an arrow leads from a unit to each that waits for it; each owner's units stand in a frame.

    Names never stand where Mermaid reads keywords or punctuation: nodes are numbered and labels are quoted.
    """
    numbers = {name: f"n{number}" for number, name in enumerate(needs)}
    return "".join(f"{line}\n" for line in ["flowchart LR", *_frames(numbers, owners), *_arrows(numbers, needs)])


def _frames(numbers: Mapping[str, str], owners: Mapping[str, str]) -> Iterator[str]:
    for index, owner in enumerate(dict.fromkeys(owners[name] for name in numbers)):
        yield f'  subgraph g{index}["{_label(owner if owner != APPLICATION else "the application")}"]'
        for name, number in numbers.items():
            if owners[name] == owner:
                yield f'    {number}["{_label(name)}"]'
        yield "  end"


def _arrows(numbers: Mapping[str, str], needs: Needs) -> Iterator[str]:
    for name, number in numbers.items():
        for need in sorted(needs[name], key=lambda need: int(numbers[need][1:])):
            yield f"  {numbers[need]} --> {number}"


def _label(text: str) -> str:
    """Text for a quoted label; what Mermaid or HTML would read is written as an entity."""
    return "".join(letter if letter.isalnum() or letter in " .:_-" else f"#{ord(letter)};" for letter in text)
