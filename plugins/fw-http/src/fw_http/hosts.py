"""`Hosts`: the names that the server answers to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address

from framework import ConfigError

LOOPBACK_NAMES = ("localhost", "*.localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*))(?::(?P<port>\d{0,5}))?", re.IGNORECASE)
_MOST_REMEMBERED = 1024


class Hosts:
    """Says whether a ``Host`` is one of ``patterns``: names, ``*.example.org`` for all below, or ``*`` for any.

    Ports do not matter: they are often translated on the way. Raises :class:`ConfigError` for a malformed pattern.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        for pattern in patterns:
            name = pattern.removeprefix("*.")
            if pattern != "*" and (_name(name) != name.lower().rstrip(".") or not name):
                raise ConfigError(
                    f"[http] hosts: {pattern!r} is no host name.",
                    remedy='Write "shop.example", "*.shop.example", "[::1]" or "*", without a port.',
                )
        names = [pattern.lower().rstrip(".") for pattern in patterns]
        self._any = "*" in names
        self._exact = {name for name in names if not name.startswith("*")}
        self._below = tuple(name[1:] for name in names if name.startswith("*."))
        self.known: set[str | None] = set()
        """Hosts that have been let in, as they were written; for a look before :meth:`allows`."""

    def allows(self, host: str) -> bool:
        """Whether requests for this host (of a ``Host`` header) are answered. False for what is malformed."""
        name = _name(host)
        allowed = name is not None and (self._any or name in self._exact or name.endswith(self._below))
        if allowed and len(self.known) < _MOST_REMEMBERED:
            self.known.add(host)
        return allowed


def is_host(text: str) -> bool:
    """Whether it is what a ``Host`` header may say."""
    return _name(text) is not None


def is_loopback(host: str) -> bool:
    """Whether this address, or name, is one that only this machine can connect to."""
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _name(host: str) -> str | None:
    found = _HOST.fullmatch(host)
    return found.group("name").lower().rstrip(".") if found else None
