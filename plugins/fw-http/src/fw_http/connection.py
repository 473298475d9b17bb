"""`Connection`: one that may be turned away, ends with a drain, and answers what went wrong with problems."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web
from aiohttp.hdrs import SERVER
from aiohttp.http_writer import HttpVersion11, StreamWriter

from fw_http.answers import answer, raw_answer, server_failed, unreadable
from fw_http.config import HttpSettings
from fw_http.deadlines import HEAD, NOTHING, Deadlines
from fw_http.problem import Problem
from fw_http.refusal import Refusal, address
from fw_http.whole import send_whole

if TYPE_CHECKING:
    from fw_http.connections import Connections

log = logging.getLogger("fw_http")

_finish_response = web.RequestHandler.finish_response


class Connection(Deadlines):
    """What :class:`fw_http.connections.Connections` is made of."""

    __slots__ = ("_door",)

    def __init__(self, door: Connections, settings: HttpSettings, **options: Any) -> None:
        super().__init__(door, settings, **options)
        self._door = door

    def finish(self) -> None:
        """End when what has begun is done: a request that is coming in, or is answered, and no other one."""
        self._finishing = True
        if self._waits and (self._phase == NOTHING or not self._received):
            self.force_close()
        elif self._phase == NOTHING and not self._upgraded:
            self.close()  # nothing more is read; a WebSocket must still hear the other side's farewell

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or turn the client away."""
        self._wire = wire = cast(asyncio.Transport, transport)
        refused = self._door.refusal(wire)
        if refused:
            self._force_close = True  # nothing that comes is looked at
            self._write_last(raw_answer(503, refused, {"Retry-After": "1"}))
            self._tell(Problem(503, refused))
            return
        self._finishing = self._door.is_closing
        super().connection_made(transport)
        assert self._task_handler is not None  # noqa: S101 - made by the line above
        self._task_handler.add_done_callback(self._watch_last_bytes)
        self._begin(HEAD)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send a response, the last one while the door is closing."""
        if not resp.prepared:
            self._complete(request, resp)
        try:
            if self._sent_whole(request, resp):
                request._finish()  # noqa: SLF001 - as the base class does
                if self._paused:
                    await request.writer.drain()
                sent: tuple[web.StreamResponse, bool] = resp, False
            else:
                sent = await _finish_response(self, request, resp, start_time)
        except ConnectionError:
            return resp, True
        except ValueError as error:
            if request.writer.output_size:
                raise
            log.error("the headers of an answer cannot be sent; it was replaced: %s", error)
            sent = await self.finish_response(request, server_failed(), start_time)
        if self._finishing:
            sent[0].force_close()
        if self._close or not sent[0].keep_alive:
            self.flush()  # the connection may be closed before this turn of the loop ends
        return sent

    async def send_now(self, request: web.BaseRequest, answer: web.Response) -> None:
        """See :func:`send_now`."""
        self._complete(request, answer)
        if self._sent_whole(request, answer):
            if self._paused:
                await request.writer.drain()
        else:
            await answer.prepare(request)
            await answer.write_eof()

    def _complete(self, request: web.BaseRequest, answer: web.StreamResponse) -> None:
        answer.headers.setdefault(SERVER, "fw")
        if answer.status >= 500:
            self._renew_writer(request)
        if self._finishing:
            answer.force_close()

    def _sent_whole(self, request: web.BaseRequest, answer: web.StreamResponse) -> bool:
        """Send the answer if nobody wants to see it before it goes, and nothing that came waits to be parsed again."""
        if type(answer) is not web.Response or answer.prepared or self._upgraded or self._door.dresses:
            return False
        # Where another request waits already, its answer might be written before this turn of the loop ends.
        return send_whole(request, answer, None if self._messages else self._put)

    def _put(self, data: bytes) -> None:
        wire = self._wire
        if wire is None or wire.is_closing():
            raise ConnectionResetError("The client has gone.")
        self._door.outbox.put(self._loop, wire, data)

    def flush(self) -> None:
        """Send what waits for the end of this turn of the loop."""
        self._door.outbox.flush()

    def eof_received(self) -> None:
        """The client sends nothing more: asyncio closes the connection."""
        self.flush()
        super().eof_received()

    def force_close(self) -> None:
        """Close it, behind what waits to be sent."""
        self.flush()
        super().force_close()

    def _tell(self, problem: Problem) -> None:
        peername = self._wire.get_extra_info("peername") if self._wire is not None else None
        self._door.refusals.tell(Refusal(problem.status, problem.detail, peer=address(peername)))

    def _refuse(self, status: int, detail: str) -> None:
        self.flush()
        if self._waits and self._received:
            self._tell(Problem(status, detail))
        super()._refuse(status, detail)

    def _renew_writer(self, request: web.BaseRequest) -> None:
        """Begin again: an answer that failed may have told the writer of chunks or compression."""
        if not request.writer.output_size:
            request._payload_writer = StreamWriter(self, self._loop)  # noqa: SLF001 - as aiohttp made the first

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what the parser refused, without repeating it."""
        if request.writer.output_size > 0:
            raise ConnectionError("An answer has begun; another cannot be given.")
        request._version = HttpVersion11  # noqa: SLF001 - aiohttp has none for what it could not parse, and says 1.0
        if status == 400:
            log.debug("%s sent what is no request: %s", request.remote, type(exc).__name__)
            problem = unreadable(exc, in_line=not self._line)
            self._tell(problem)
            return answer(problem)
        log.error("the server failed to answer", exc_info=exc)
        return server_failed()


async def send_now(request: web.BaseRequest, answer: web.Response) -> None:
    """Send an answer that is not prepared from within its handler, which then returns it.

    For handlers that must do something if it cannot be sent. Raises :class:`ConnectionError` if the client has gone.
    """
    await cast(Connection, request.protocol).send_now(request, answer)
