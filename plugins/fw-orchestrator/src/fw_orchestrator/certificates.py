"""Who the certificate of a connection says the worker is."""

from __future__ import annotations

from aiohttp import web

from fw_orchestrator.tokens import refuse


def certified_name(request: web.Request) -> str | None:
    """The common name in the certificate that the client showed and the server checked; None if it showed none.

    Raises a 403 problem for a certificate without exactly one such name.
    """
    certificate = request.transport.get_extra_info("peercert") if request.transport else None
    if not certificate:
        return None
    names = [value for part in certificate["subject"] for key, value in part if key == "commonName"]
    if len(names) != 1:
        raise refuse(403, "Unauthorized: the certificate must have one common name, the worker's id")
    return str(names[0])
