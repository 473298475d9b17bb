"""Checking the tokens that clients and workers send."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from framework import ConfigError
from fw_http import Problem
from fw_orchestrator.config import OrchestratorSettings
from fw_rxon import CLIENT_TOKEN_HEADER, PROTOCOL_VERSION, TOKEN_HEADER, VERSION_HEADER

ADMIN_TOKEN_HEADER: Final = "X-Admin-Token"  # noqa: S105 (the header's name, not a token)


def refuse(status: int, text: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A refusal that carries its text as ``error`` too, where clients of the protocol look for it."""
    return Problem(status, text, headers={VERSION_HEADER: PROTOCOL_VERSION, **(headers or {})}, extra={"error": text})


def check_configured(settings: OrchestratorSettings) -> None:
    """Raises :class:`ConfigError` if a token is missing: without one, anybody could run jobs."""
    for name in ("client_token", "worker_token"):
        if not getattr(settings, name):
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
    if not _same(token, settings.client_token):
        raise refuse(401, "Unauthorized: Invalid token")


def check_admin(request: web.Request, settings: OrchestratorSettings) -> None:
    """Raises a 401 problem unless the operator's token is right, 403 if none is configured."""
    if not settings.admin_token:
        raise refuse(403, "No admin_token is configured, so nobody may do that.")
    token = request.headers.get(ADMIN_TOKEN_HEADER)
    if token is None:
        raise refuse(401, f"Missing {ADMIN_TOKEN_HEADER} header")
    if not _same(token, settings.admin_token):
        raise refuse(401, "Unauthorized: Invalid token")


def check_worker(request: web.Request, settings: OrchestratorSettings) -> None:
    """Raises a 403 problem unless the worker's token is right."""
    if not _same(request.headers.get(TOKEN_HEADER, ""), settings.worker_token):
        raise refuse(403, "Unauthorized: the worker's token is wrong")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), wanted.encode())
