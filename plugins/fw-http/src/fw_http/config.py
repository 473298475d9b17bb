"""The settings of section `[http]`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HttpSettings:
    """Where to listen and what to put up with. Times in seconds, sizes in bytes.

    ``port`` 0 takes any free port. ``drain_timeout`` is how long requests may go on after the server has stopped
    accepting new ones; ``body_timeout`` how long a client may take to send a body.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    max_body: int = 1024 * 1024
    body_timeout: float = 30.0
    drain_timeout: float = 10.0

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port must be between 0 and 65535, not {self.port}")
        if self.max_body < 1:
            raise ValueError(f"max_body must be at least 1, not {self.max_body}")
        for name in ("body_timeout", "drain_timeout"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")
