"""Modes: an open set of names for the ways in which one application can run."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

from framework.errors import BootstrapError, did_you_mean

COMMAND_MODE: Final = "cli"
"""The mode in which an application stops when its AppReady handlers are done."""
FIRST_PARTY: Final = frozenset({COMMAND_MODE, "web", "worker", "desktop", "sim"})


def check_mode(mode: str, manifests: Iterable[Collection[str]], components: Iterable[tuple[Any, str]]) -> None:
    """Refuse a mode that nobody has heard of: ``manifests`` and ``components`` (with their owners) name modes."""
    known = FIRST_PARTY.union(*manifests, *(getattr(kind, "modes", ()) for kind, _ in components))
    if mode not in known:
        raise BootstrapError(
            f"No plugin or component is made for mode {mode!r}.",
            remedy=did_you_mean(mode, known) or f"There are: {', '.join(sorted(known))}.",
        )
