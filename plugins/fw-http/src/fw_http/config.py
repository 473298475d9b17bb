"""The settings of section `[http]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from fw_http.origins import check_origins

_AT_LEAST = {
    "max_body": 1,
    "max_line": 64,
    "max_field": 64,
    "max_headers": 1,
    "max_head": 256,
    "max_connections": 1,
    "max_connections_per_peer": 1,
    "min_rate": 0,
    "drain_delay": 0,
    "threads": 1,
    "max_upload": 1,
    "upload_in_memory": 1,
    "max_message": 1,
}
_POSITIVE = (
    "head_timeout",
    "body_timeout",
    "write_timeout",
    "keep_alive",
    "drain_timeout",
    "ping_interval",
    "comment_interval",
)


@dataclass(frozen=True)
class HttpSettings:
    """Where to listen and what to put up with. Times in seconds, sizes in bytes.

    ``port`` 0 takes any free port; ``listen`` replaces ``host`` and ``port`` by any number of addresses. What each
    limit means, and why it has its default, is told in docs/explanation/http-limits.md.
    ``threads`` is how many sync handlers run at once. Files of a form above ``upload_in_memory`` lie on disk.
    ``openapi`` and ``docs`` are paths; empty, there is no such page. ``cors_origins`` are the sites whose pages may
    read answers, ``*`` all; ``cors_expose`` the headers that they may see. ``uvloop`` runs the application on it.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    listen: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    client_ca: str = ""
    client_certificate: Literal["required", "optional"] = "required"
    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    forwarded: Literal["x-forwarded", "forwarded"] = "x-forwarded"
    encoded_slashes: bool = False
    max_body: int = 1024 * 1024
    max_line: int = 8190
    max_field: int = 8190
    max_headers: int = 100
    max_head: int = 64 * 1024
    max_connections: int = 10_000
    max_connections_per_peer: int = 256
    head_timeout: float = 10.0
    body_timeout: float = 30.0
    write_timeout: float = 30.0
    min_rate: int = 500
    keep_alive: float = 75.0
    drain_delay: float = 0.0
    drain_timeout: float = 10.0
    health: str = "/health"
    health_details: bool = False
    health_listen: str = ""
    threads: int = 32
    max_upload: int = 32 * 1024 * 1024
    upload_in_memory: int = 256 * 1024
    max_message: int = 1024 * 1024
    ping_interval: float = 30.0
    comment_interval: float = 15.0
    openapi: str = "/openapi.json"
    docs: str = "/docs"
    title: str = ""
    version: str = "1"
    cors_origins: tuple[str, ...] = ()
    cors_credentials: bool = False
    cors_expose: tuple[str, ...] = ()
    compress: bool = False
    uvloop: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port must be between 0 and 65535, not {self.port}")
        for name, least in _AT_LEAST.items():
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")
        if bool(self.certificate) != bool(self.key):
            raise ValueError("certificate and key must be set both, or neither")
        if self.client_ca and not self.certificate:
            raise ValueError("client_ca needs certificate and key")
        if self.health and not (self.health.startswith("/") and self.health.strip("/")):
            raise ValueError(f"health must be a path such as '/health', or '' for none, not {self.health!r}")
        for name in ("openapi", "docs"):
            path = getattr(self, name)
            if path and (not path.startswith("/") or len(path) < 2 or "{" in path):
                raise ValueError(f"{name} must be a path such as /{name}, or empty, not {path!r}")
        self._check_cors()

    def _check_cors(self) -> None:
        check_origins(self.cors_origins)
        for name in self.cors_expose:
            if not re.fullmatch(r"[A-Za-z0-9-]+", name):
                raise ValueError(f"cors_expose must be names of headers such as 'Location', not {name!r}")
        if self.cors_credentials and "*" in self.cors_origins:
            raise ValueError("cors_origins cannot be * where cors_credentials is on: name the sites")
