"""Section `[worker]` of the configuration."""

import os
import re
import socket
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit


@dataclass(frozen=True)
class WorkerSettings:
    """Where tasks come from and how many run at a time. Times in seconds.

    `embedded`: from the orchestrator in this process. `orchestrators` replaces `url` by several addresses; `tokens`
    are theirs, in the same order, where they differ from `token`. `share` asks all of them at once, or the later ones
    only while those before do not answer. `websocket` lets orders come at once instead of with the next heartbeat.

    `exchange`: the token is shown only to get access tokens, which end. `ca` is a file of certificates to trust, not
    the system's; `certificate` and `certificate_key` are the worker's own, with which it needs no token. Tasks must be
    signed with `task_key`, if it is set. `resources` is what this machine has for skills, each `NAME=AMOUNT`.
    `skills` names modules that hold some, or single functions as `MODULE:FUNCTION`.
    """

    url: str = "http://127.0.0.1:8000"
    token: str = field(default="", metadata={"secret": True})
    exchange: bool = False
    ca: str = ""
    certificate: str = ""
    certificate_key: str = ""
    task_key: str = field(default="", metadata={"secret": True})
    embedded: bool = False
    orchestrators: tuple[str, ...] = ()
    tokens: tuple[str, ...] = field(default=(), metadata={"secret": True})
    share: Literal["all", "failover"] = "all"
    websocket: bool = False
    id: str = ""
    type: str = "generic"
    skills: tuple[str, ...] = ()
    concurrency: int = 4
    resources: tuple[str, ...] = ()
    poll_timeout: float = 30.0
    heartbeat_interval: float = 5.0
    request_timeout: float = 10.0
    drain_timeout: float = 20.0
    cancel_timeout: float = 2.0
    retry_first: float = 1.0
    retry_most: float = 60.0
    result_retries: int = 0

    def __post_init__(self) -> None:
        """Raise `ValueError` naming the setting that cannot work."""
        for name, url in (("url", self.url), *(("orchestrators", one) for one in self.orchestrators)):
            address = urlsplit(url)
            if address.scheme not in ("http", "https") or not address.netloc:
                raise ValueError(f"{name} must be like http://host:port, not {url!r}")
        if len(set(self.orchestrators)) < len(self.orchestrators):
            raise ValueError("orchestrators must differ from each other")
        if self.tokens and len(self.tokens) != len(self.orchestrators):
            raise ValueError(f"tokens must be as many as orchestrators ({len(self.orchestrators)})")
        if self.certificate_key and not self.certificate:
            raise ValueError("certificate_key needs certificate")
        _ = self.amounts
        if self.id and not _IDENTIFIER.fullmatch(self.id):
            raise ValueError(f"id must be 1 to 128 ASCII letters, digits, '_' or '-', not {self.id!r}")
        for name in ("concurrency", *_POSITIVE):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")
        for name in ("drain_timeout", "result_retries"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, not {getattr(self, name)}")

    @property
    def each(self) -> "tuple[WorkerSettings, ...]":
        """The settings for each orchestrator: its address is `url`, its token `token`."""
        urls = self.orchestrators or (self.url,)
        tokens = self.tokens or (self.token,) * len(urls)
        return tuple(
            replace(self, url=url, token=token, orchestrators=(), tokens=())
            for url, token in zip(urls, tokens, strict=True)
        )

    @property
    def amounts(self) -> dict[str, float]:
        """`resources` by name."""
        found: dict[str, float] = {}
        for text in self.resources:
            name, _, amount = (part.strip() for part in text.partition("="))
            if not _IDENTIFIER.fullmatch(name) or name in (*found, "tasks") or not _AMOUNT.fullmatch(amount):
                raise ValueError(f"resources must be like gpu=1, each name once, and not tasks; {text!r} is not")
            found[name] = float(amount)
        return found

    @property
    def worker_id(self) -> str:
        """`id`, or one made of host name and process id."""
        return self.id or re.sub(r"[^A-Za-z0-9_-]", "-", f"{socket.gethostname()[:100]}-{os.getpid()}")


_POSITIVE = (
    "poll_timeout",
    "heartbeat_interval",
    "request_timeout",
    "cancel_timeout",
    "retry_first",
    "retry_most",
)
# Written out once more so that reading settings does not import the wire models; a test compares the two.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,128}")
_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")
