"""Combinations of keys."""

from __future__ import annotations

from fw_input.events import InputEvent, Key

_SIDES = ("_l", "_r", "_gr")


def plain(key: str) -> str:
    """A key without side and case: ctrl_r is ctrl, K is k."""
    name = key.lower()
    for side in _SIDES:
        name = name.removesuffix(side)
    return name


def combination(text: str) -> tuple[str, ...]:
    """The keys of ``ctrl+alt+k``. Raises `ValueError`."""
    keys = tuple(part.strip() for part in text.split("+"))
    if not all(keys):
        raise ValueError(f"A combination of keys is like 'ctrl+alt+k', not {text!r}.")
    return keys


class HotKey:
    """Tells when all keys of a combination are down at once."""

    def __init__(self, text: str) -> None:
        self._wanted = frozenset(map(plain, combination(text)))
        self._down: set[str] = set()

    def complete(self, event: InputEvent) -> bool:
        """Whether this event made it complete."""
        if not isinstance(event, Key):
            return False
        key = plain(event.key)
        if not event.pressed:
            self._down.discard(key)
            return False
        fresh = key not in self._down
        self._down.add(key)
        return fresh and key in self._wanted and self._wanted <= self._down
