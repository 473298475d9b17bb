"""`Drawn`: the system's randomness, fetched many bytes at a time."""

from __future__ import annotations

import os
from random import SystemRandom
from weakref import WeakSet

AT_ONCE = 4096
"""Bytes. Each question to the system takes as long as making an id does, and lets go of the interpreter."""

_in_use: WeakSet[Drawn] = WeakSet()


class Drawn(SystemRandom):
    """As hard to guess as the system's own random numbers. No byte is used twice, not even by a forked process."""

    def __init__(self) -> None:
        self._bytes = b""
        self._used = 0
        _in_use.add(self)
        super().__init__()

    def getrandbits(self, k: int) -> int:
        """A number of ``k`` random bits. Raises ValueError for a negative ``k``."""
        size = (k + 7) // 8
        start, end = self._used, self._used + size
        if size > AT_ONCE or k < 0:
            return super().getrandbits(k)
        if end > len(self._bytes):
            self._bytes, start, end = os.urandom(AT_ONCE), 0, size
        self._used = end
        return int.from_bytes(self._bytes[start:end]) >> (size * 8 - k)

    def forget(self) -> None:
        """Let go of what has been fetched."""
        self._bytes, self._used = b"", 0


def _forget() -> None:
    for drawn in _in_use:
        drawn.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
