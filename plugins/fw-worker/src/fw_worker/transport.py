"""The way to an orchestrator: a port. HTTP is one implementation."""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from fw_worker.closing import Step

RATE_LIMIT_PAUSE = 30.0
"""Seconds to wait after "too many requests" that does not say how long."""

CLOCKS_MAY_DIFFER = 30.0
"""Seconds; if they differ by more, that is a likely reason for not being let in."""


class TransportError(Exception):
    """A message did not arrive or was not taken."""

    retry_after: float | None = None
    """Seconds the other side asked us to wait, if it did."""
    level = logging.WARNING

    @property
    def advice(self) -> str:
        """What the operator can do, or an empty string."""
        return ""

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}; {self.advice}" if self.advice else text


class Unreachable(TransportError):
    """No answer. Whether the message arrived is not known."""

    def __init__(self, url: str, problem: str) -> None:
        self.url = url
        super().__init__(f"no answer from {url}: {problem}")

    @property
    def advice(self) -> str:
        """Where to look."""
        return "check that the orchestrator runs and that worker.url (FW_WORKER__URL) is its address"


class Refused(TransportError):
    """The other side answered with an error. `status` is the HTTP status or its like, `text` what it said.

    `ahead`: by how many seconds its clock is ahead of ours, if it showed it.
    """

    def __init__(
        self, url: str, status: int, text: str, retry_after: float | None = None, ahead: float | None = None
    ) -> None:
        self.url = url
        self.status = status
        self.text = text
        self.ahead = ahead
        self.retry_after = retry_after if retry_after is not None or status != 429 else RATE_LIMIT_PAUSE
        self.level = logging.ERROR if status in (401, 403) else logging.WARNING
        super().__init__(f"{url} answered {status}: {text or 'nothing'}")

    @property
    def advice(self) -> str:
        """Where to look."""
        if self.status in (401, 403) and self.ahead is not None and abs(self.ahead) > CLOCKS_MAY_DIFFER:
            direction = "behind" if self.ahead > 0 else "ahead"
            return f"set the clocks right: this machine's is {abs(self.ahead):.0f} s {direction}"
        if self.status in (401, 403):
            return "set worker.token (FW_WORKER__TOKEN) to the orchestrator's worker token"
        if self.status == 404:
            return "check that worker.url (FW_WORKER__URL) is the address of an orchestrator"
        return ""

    @property
    def unknown_worker(self) -> bool:
        """Whether the other side does not know us (any more), so that registering again helps."""
        return self.status in (401, 404)

    @property
    def final(self) -> bool:
        """Whether sending the same message again is useless."""
        return 400 <= self.status < 500 and self.status not in (401, 404, 408, 425, 429)


class Transport(Protocol):
    """Carries messages as the bytes of their JSON; answers likewise. Every method raises `TransportError`."""

    async def open(self) -> None:
        """Get ready; connects to nothing yet."""

    async def close(self) -> None:
        """Give everything back."""

    async def register(self, body: bytes) -> bytes:
        """Send a `Registration`; the answer is a `Registered`."""

    async def heartbeat(self, body: bytes) -> bytes:
        """Send a `Heartbeat`; the answer is a `HeartbeatAnswer`."""

    async def poll(self, timeout: float, skills: Sequence[str], given_up: Step) -> bytes | None:
        """Wait up to `timeout` seconds for a `TaskMessage`; None if there was none.

        When `given_up` is set the wait ends, but a task that is already arriving is still given back.
        """

    async def result(self, body: bytes) -> bytes:
        """Send a `TaskResult`; the answer is a `ResultAnswer`."""

    async def event(self, body: bytes) -> bytes:
        """Send a `WorkerEvent`; the answer does not matter."""

    def commands(self) -> AsyncIterator[bytes]:
        """Each `Command` that comes, until the connection for them ends; none where there is no such connection."""
