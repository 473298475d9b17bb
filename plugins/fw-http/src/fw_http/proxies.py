"""`Proxies`: whose word is taken for who the client is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from framework import ConfigError

if TYPE_CHECKING:
    from aiohttp import web

_PAIR = re.compile(r'\s*(for|proto|host|by)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]+)\s*', re.IGNORECASE)
_PORT = re.compile(r":\d{1,5}\Z")


class Proxies:
    """The networks of ``[http] trusted_proxies``. Raises :class:`ConfigError` for what is no network."""

    def __init__(self, networks: Sequence[str], family: str = "x-forwarded") -> None:
        self._networks = [_network(text) for text in networks]
        self.family = family
        self.trusts = lru_cache(4096)(self._trusts)
        self._group = lru_cache(4096)(self._grouped)

    def _trusts(self, address: str) -> bool:
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, IPv6Address) and found.ipv4_mapped:
            return self._trusts(str(found.ipv4_mapped))
        return any(found in network for network in self._networks)

    def group(self, transport: asyncio.BaseTransport) -> str:
        """Which connections are counted together: those of an address, or of an IPv6 network of 64 bits.

        Empty for those that are not counted: of trusted proxies and of Unix sockets.
        """
        peer = transport.get_extra_info("peername")
        return self._group(peer[0]) if isinstance(peer, tuple) else ""

    def _grouped(self, address: str) -> str:
        if self._trusts(address):
            return ""
        if ":" not in address:
            return address
        found = IPv6Address(address.partition("%")[0])
        return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))

    def hops(self, request: web.BaseRequest) -> list[dict[str, str]]:
        """What trusted proxies say of the way, nearest first; members ``for``, ``proto``, ``host``, where they say so.

        The last one tells of the client. Empty if the client is connected itself.
        """
        said = _forwarded(request) if self.family == "forwarded" else _x_forwarded(request)
        peer = request.transport.get_extra_info("peername") if request.transport else None
        # A Unix socket has no address: who may write to it is the file system's matter.
        address = peer[0] if isinstance(peer, tuple) else ""
        trusted = self.trusts(address) if address else bool(self._networks)
        found = []
        while trusted and said:
            hop = said.pop()
            address = bare_address(hop.get("for", ""))
            if not address:
                break  # unknown or hidden: nobody before that can be believed either
            hop["for"] = address
            found.append(hop)
            trusted = self.trusts(address)
        return found


def bare_address(text: str) -> str:
    """The address in ``192.0.2.1:80``, ``[2001:db8::1]:80`` or without a port; empty if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = _PORT.sub("", text)
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text, strict=False)
    except ValueError as error:
        raise ConfigError(
            f"[http] trusted_proxies: {text!r} is no network: {error}.", remedy='Write "10.0.0.0/8" or "192.0.2.7".'
        ) from error


def _x_forwarded(request: web.BaseRequest) -> list[dict[str, str]]:
    hops = [{"for": text} for text in _listed(request, "X-Forwarded-For")]
    for name in ("Proto", "Host"):
        # Proxies either append to these as they do to the addresses, or keep what the first one said.
        values = _listed(request, f"X-Forwarded-{name}")
        if len(values) == len(hops):
            for hop, value in zip(hops, values, strict=True):
                hop[name.lower()] = value
        elif values:
            for hop in hops:
                hop[name.lower()] = values[-1]
    return hops


def _listed(request: web.BaseRequest, header: str) -> list[str]:
    return [part.strip() for value in request.headers.getall(header, ()) for part in value.split(",") if part.strip()]


def _forwarded(request: web.BaseRequest) -> list[dict[str, str]]:
    hops: list[dict[str, str]] = []
    for value in request.headers.getall("Forwarded", ()):
        place = 0
        hop: dict[str, str] = {}
        while place < len(value):
            pair = _PAIR.match(value, place)
            if pair is None:
                return []  # half of it cannot be told from a forgery
            name, text = pair.group(1).lower(), pair.group(2)
            hop[name] = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
            place = pair.end()
            if place == len(value) or value[place] == ",":
                hops.append(hop)
                hop = {}
            elif value[place] != ";":
                return []
            place += 1
    return hops
