"""`Peer`: who asks, seen through the proxies that are trusted."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from fw_http.hosts import Hosts
from fw_http.proxies import Proxies

TRUST: web.AppKey[tuple[Proxies, Hosts]] = web.AppKey("TRUST", tuple)


@dataclass(frozen=True, slots=True)
class Peer:
    """The client of a request and what it asked: its IP ``address`` ('' on a Unix socket), ``scheme`` and ``host``.

    ``X-Forwarded-*`` or ``Forwarded`` are believed only from networks in ``[http] trusted_proxies``, and a forwarded
    host only if ``[http] hosts`` allows it.
    """

    address: str
    scheme: str
    host: str

    @classmethod
    def of(cls, request: web.Request) -> Peer:
        """The peer of a request. Handlers may also ask for it: ``peer: Peer = Depends()``."""
        proxies, hosts = request.config_dict[TRUST]
        remote = request.transport.get_extra_info("peername") if request.transport else None
        address = remote[0] if isinstance(remote, tuple) else ""
        scheme = "https" if request.secure else "http"
        host = request.host
        hops = proxies.hops(request)
        if hops:
            client = hops[-1]
            address = client["for"]
            said = client.get("proto", "").lower()
            scheme = said if said in ("http", "https") else scheme
            forwarded = client.get("host", "")
            host = forwarded if forwarded and hosts.allows(forwarded) else host
        return cls(address, scheme, host)
