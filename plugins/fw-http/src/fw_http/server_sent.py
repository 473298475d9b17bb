"""`ServerSentEvent`: one event of a stream that a browser's ``EventSource`` reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fw_http.plain_json import write_json


@dataclass(frozen=True)
class ServerSentEvent:
    """One event of a stream: ``data`` is sent as it is if it is text, else as JSON.

    ``event`` names its kind, ``id`` is what the client says in ``Last-Event-ID`` when it comes back, ``retry``
    (milliseconds) when it should.
    """

    data: Any
    event: str = ""
    id: str = ""
    retry: int | None = None

    def encoded(self) -> bytes:
        """As it goes over the wire. Raises ValueError for a name or id that would break the stream."""
        for name, text in (("event", self.event), ("id", self.id)):
            if any(letter in text for letter in "\r\n\0"):
                raise ValueError(f"{name} {text!r} of a server-sent event contains a line break or NUL")
        text = self.data if isinstance(self.data, str) else write_json(self.data).decode()
        lines = [f"event: {self.event}"] if self.event else []
        lines += [f"id: {self.id}"] if self.id else []
        lines += [f"retry: {self.retry}"] if self.retry is not None else []
        lines += [f"data: {line}" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
        return ("\n".join(lines) + "\n\n").encode("utf-8")
