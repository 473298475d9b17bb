"""Checking the tokens that clients and workers send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from framework import ConfigError, FrameworkError
from fw_http import Problem
from fw_http.config import HttpSettings
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.loopback import is_loopback
from fw_orchestrator.worker_tokens import is_same
from fw_rxon import CLIENT_TOKEN_HEADER, PROTOCOL_VERSION, VERSION_HEADER

ADMIN_TOKEN_HEADER: Final = "X-Admin-Token"  # noqa: S105 (the header's name, not a token)


KNOWN_TOKENS: Final = frozenset({"secure-orchestrator-token", "secure-worker-token", "your-secret-worker-token"})


def refuse(status: int, text: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A refusal that carries its text as ``error`` too, where clients of the protocol look for it."""
    return Problem(status, text, headers={VERSION_HEADER: PROTOCOL_VERSION, **(headers or {})}, extra={"error": text})


def too_large(request: web.Request) -> Problem:
    """The refusal of a body that is larger than the server takes."""
    return refuse(413, f"The body is larger than {request.client_max_size} bytes, which [http] max_body allows.")


def reason(error: FrameworkError) -> str:
    """What is wrong and what to do about it, in one line."""
    return f"{error.message} {error.remedy}".rstrip()


def check_configured(settings: OrchestratorSettings, http: HttpSettings, address: str) -> None:
    """Raises :class:`ConfigError` if a token is missing, or is one that everybody knows and ``address`` (a URL) is not
    on loopback, or certificates are asked for that nobody checks: anybody could run jobs.
    """
    by_certificate = settings.worker_auth == "mtls-only"
    if by_certificate and not http.client_ca:
        raise ConfigError(
            "[orchestrator] worker_auth is 'mtls-only', but the server asks for no certificates.",
            remedy="Set [http] certificate, key and client_ca (client_certificate = 'optional' if clients have none).",
        )
    for name in ("client_token", "worker_token"):
        token = getattr(settings, name)
        if token in KNOWN_TOKENS and not is_loopback(urlsplit(address).hostname or ""):
            raise ConfigError(
                f"[orchestrator] {name} is a default that everybody knows, and the server listens at {address}.",
                remedy=f"Set {name} to a secret, or [http] host to 127.0.0.1 for development.",
            )
        is_needed = settings.client_api if name == "client_token" else not (settings.workers_file or by_certificate)
        if not token and is_needed:
            raise ConfigError(
                f"[orchestrator] {name} is not set, and a blueprint is registered.",
                remedy=f"Choose a secret and set it in fw.toml ([orchestrator] {name} = …) "
                f"or as FW_ORCHESTRATOR__{name.upper()}.",
            )


def check_client(request: web.Request, settings: OrchestratorSettings) -> None:
    """Raises a 401 problem unless the client's token is right."""
    token = request.headers.get(CLIENT_TOKEN_HEADER)
    if token is None:
        raise refuse(401, f"Missing {CLIENT_TOKEN_HEADER} header")
    if not is_same(token, settings.client_token):
        raise refuse(401, "Unauthorized: Invalid token")


def check_admin(request: web.Request, settings: OrchestratorSettings) -> None:
    """Raises a 401 problem unless the operator's token is right, 403 if none is configured."""
    if not settings.admin_token:
        raise refuse(403, "No admin_token is configured, so nobody may do that.")
    token = request.headers.get(ADMIN_TOKEN_HEADER)
    if token is None:
        raise refuse(401, f"Missing {ADMIN_TOKEN_HEADER} header")
    if not is_same(token, settings.admin_token):
        raise refuse(401, "Unauthorized: Invalid token")
