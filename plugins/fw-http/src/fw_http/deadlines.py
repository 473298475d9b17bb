"""`Deadlines`: aiohttp's connection, with deadlines for what it reads and writes."""

from __future__ import annotations

import asyncio
import logging
import math
from typing import Any

from aiohttp import web
from aiohttp.web_protocol import _ErrInfo

from fw_http.answers import raw_answer
from fw_http.config import HttpSettings
from fw_http.problem import Problem

log = logging.getLogger("fw_http")

# What the connection waits for from the client.
NOTHING, HEAD, BODY = range(3)
_TLS_HELLO = b"\x16\x03"
_data_received = web.RequestHandler.data_received


class Deadlines(web.RequestHandler):
    """A request whose head and body come in one piece costs no timer.

    There is one timer for the deadlines of head, body and writing; it is set when one of them begins to matter and
    looks, when it fires, at what has become of it. aiohttp's own timer ends idle connections.
    """

    __slots__ = (
        "_finishing",
        "_held",
        "_line",
        "_payload",
        "_phase",
        "_received",
        "_settings",
        "_since",
        "_timer",
        "_unsent",
        "_unsent_since",
        "_wire",
    )

    def __init__(self, server: web.Server, settings: HttpSettings, **options: Any) -> None:
        super().__init__(server, **options)
        self._settings = settings
        self._finishing = False
        self._phase = NOTHING
        self._since = 0.0
        self._received = 0
        self._line = False
        self._payload: Any = None
        self._held = 0.0
        self._unsent = 0
        self._unsent_since = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._wire: asyncio.Transport | None = None

    @property
    def _waits(self) -> bool:
        """Whether no request is under way, so that an answer now would be before no other."""
        waiter = self._waiter
        if waiter is None:
            return not self._request_count  # the first bytes can come before aiohttp's task has begun, on uvloop
        return not waiter.done()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self._wire = None
        if self._timer is not None:
            self._timer.cancel()
        if self._phase == BODY:
            self._end_body(Problem(400, "The client left before it had sent the body."))
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and note what is still to come."""
        if self._force_close or self._close:
            return
        count = self._request_count
        if not count and data.startswith(_TLS_HELLO):
            self._received = len(data)
            self._refuse(400, "This port speaks HTTP, not TLS.")
            return
        _data_received(self, data)
        if self._request_count != count:
            if self._phase == BODY:
                self._look_at_body(is_over=True)
            message, payload = self._messages[-1]
            if payload.is_eof():
                self._phase = NOTHING
                if type(message) is _ErrInfo:
                    self._line = self._line or b"\n" in data[: self._settings.max_line]
            else:
                self._payload = payload
                self._begin(BODY)
                self._look_at_body()
        elif not data:
            return
        elif self._phase == BODY:
            self._received += len(data)
            self._look_at_body()
        elif not self._upgraded and self._payload_parser is None:
            self._head_continues(data)

    def _look_at_body(self, *, is_over: bool = False) -> None:
        if self._payload.is_eof():
            self._phase = NOTHING
            if self._finishing:
                self.close()
        elif is_over or self._payload.exception() is not None:
            self._end_body(Problem(400, "The body is malformed.", headers={"Connection": "close"}))

    def _head_continues(self, data: bytes) -> None:
        if self._phase == NOTHING:
            self._begin(HEAD)
        self._received += len(data)
        self._line = self._line or b"\n" in data
        if self._received > self._settings.max_head:
            if self._line:
                self._refuse(431, "The headers are too large.")
            else:
                self._refuse(414, "The request line is too long.")

    def _begin(self, phase: int) -> None:
        self._phase = phase
        self._since = now = self._loop.time()
        self._received = 0
        self._line = False
        self._arm(now + (self._settings.head_timeout if phase == HEAD else self._settings.body_timeout))

    def _arm(self, when: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        """The timer: end what is too late, and come back for what is not."""
        self._timer = None
        again = min(self._look_at_reading(), self._look_at_writing())
        if again < math.inf:
            self._arm(again)

    def _look_at_reading(self) -> float:
        now, settings = self._loop.time(), self._settings
        if self._phase == HEAD:
            due = self._since + settings.head_timeout
            if now >= due:
                self._refuse(408, f"The head of the request was not received within {settings.head_timeout:g} s.")
                return math.inf
            return due
        if self._phase == BODY:
            if self._held:
                return now + settings.body_timeout  # it is the handler that does not read
            due = self._since + settings.body_timeout
            if settings.min_rate:
                due += self._received / settings.min_rate
            if now >= due:
                said = f"The body was not received within {settings.body_timeout:g} s."
                self._end_body(Problem(408, said, headers={"Connection": "close"}))
                return math.inf
            return due
        return math.inf

    def _end_body(self, problem: Problem) -> None:
        """Let whoever reads the body raise this; the connection ends with the answer."""
        self._phase = NOTHING
        self._payload.set_exception(problem)
        self._payload.feed_eof()  # nobody waits for the rest
        self.close()

    def _look_at_writing(self) -> float:
        wire = self._wire
        if wire is None or not self._unsent_since:
            return math.inf
        now, unsent = self._loop.time(), wire.get_write_buffer_size()
        if not unsent and not wire.is_closing():
            self._unsent_since = 0.0
            return math.inf
        due = self._unsent_since + self._settings.write_timeout
        if now < due:
            return due
        if unsent > self._unsent - max(1, self._settings.min_rate * self._settings.write_timeout):
            log.debug("a client does not read what it is sent: %d bytes are left", unsent)
            wire.abort()
            return math.inf
        self._unsent, self._unsent_since = unsent, now
        return now + self._settings.write_timeout

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._unsent_since = 0.0

    def _watch_writing(self) -> None:
        if self._wire is not None and not self._unsent_since:
            self._unsent = self._wire.get_write_buffer_size()
            self._unsent_since = now = self._loop.time()
            self._arm(now + self._settings.write_timeout)

    def pause_reading(self) -> None:
        """The handler reads more slowly than the client writes; that time is not the client's."""
        super().pause_reading()
        self._held = self._held or self._loop.time()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """It has caught up."""
        if not self._reading_paused:
            return  # every reading of a body asks for this, at its end once more; the parser has nothing left then
        if self._held:
            self._since += self._loop.time() - self._held
            self._held = 0.0
        super().resume_reading(resume_parser)

    def force_close(self) -> None:
        """Close, within a deadline for the client to take what is left to send."""
        super().force_close()
        self._watch_last_bytes()

    def _watch_last_bytes(self, *_: object) -> None:
        wire = self._wire
        if wire is not None and wire.is_closing() and wire.get_write_buffer_size():
            self._watch_writing()

    def _refuse(self, status: int, detail: str) -> None:
        """Answer in place of a request that is not whole: quietly if nothing of it came, and never before another."""
        if not self._waits:
            self.close()  # after the answer under way
            return
        if self._received:
            self._write_last(raw_answer(status, detail))
        self.force_close()

    def _write_last(self, data: bytes) -> None:
        assert self._wire is not None  # noqa: S101 - only connections that are made have something to answer
        self._wire.write(data)
        self._wire.close()
        self._watch_last_bytes()
