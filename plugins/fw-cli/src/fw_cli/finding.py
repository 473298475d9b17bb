"""`Finding`: one thing that is wrong with an installation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """``kind`` is a few fixed words, ``what`` a sentence for this case, ``remedy`` what to do."""

    kind: str
    what: str
    remedy: str
