"""What the server relies on inside aiohttp. If one fails after an update, read connection.py first."""

import inspect

from aiohttp import streams, web, web_protocol
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_writer import StreamWriter
from aiohttp.web_response import StreamResponse
from multidict import CIMultiDict

from fw_http.connection import Connection
from fw_http.connections import Connections
from fw_http.whole import whole


def test_the_connection_has_the_state_that_is_read() -> None:
    names = {slot for kind in web.RequestHandler.__mro__ for slot in getattr(kind, "__slots__", ())}
    assert names >= {
        "_close",
        "_force_close",
        "_loop",
        "_messages",
        "_payload_parser",
        "_request_count",
        "_task_handler",
        "_upgraded",
        "_waiter",
    }


def test_what_is_overridden_is_there_and_takes_the_same() -> None:
    for own, base in ((Connection, web.RequestHandler), (Connections, web.Server)):
        for name in vars(own):
            if name.startswith("_") or not callable(getattr(base, name, None)):
                continue
            theirs = [*inspect.signature(getattr(base, name)).parameters]
            assert [*inspect.signature(getattr(own, name)).parameters] == theirs, f"{base.__name__}.{name}"
    for name in ("data_received", "finish_response", "handle_error", "force_close", "pause_writing", "pause_reading"):
        assert callable(getattr(web.RequestHandler, name))
    for name in ("refusal", "_connections"):
        assert not hasattr(web.Server, name)  # either ours alone, or set by its constructor


def test_the_server_keeps_its_connections_by_handler() -> None:
    source = inspect.getsource(web.Server)
    assert "self._connections: dict[RequestHandler, asyncio.Transport] = {}" in source
    assert "handler._task_handler.add_done_callback" in source


def test_the_runner_asks_for_its_server_and_shuts_it_down_in_two_steps() -> None:
    assert inspect.iscoroutinefunction(web.AppRunner._make_server)
    source = inspect.getsource(web.BaseRunner.cleanup)
    steps = [
        "self._server.pre_shutdown()",
        "await self.shutdown()",
        "await self._server.shutdown(self._shutdown_timeout)",
    ]
    assert [source.index(step) for step in steps] == sorted(source.index(step) for step in steps)


def test_what_the_parser_refuses_becomes_a_message_of_its_own_kind() -> None:
    assert {field.name for field in web_protocol._ErrInfo.__attrs_attrs__} == {"status", "exc", "message"}
    assert "_make_error_handler" in vars(web.RequestHandler)


def test_the_writer_of_a_request_can_be_made_anew() -> None:
    assert [*inspect.signature(StreamWriter).parameters][:2] == ["protocol", "loop"]
    assert "_payload_writer" in web.BaseRequest.ATTRS
    assert "_cache" in web.BaseRequest.ATTRS


def test_an_answer_made_in_one_step_is_what_the_constructor_makes() -> None:
    headers = CIMultiDict({"Content-Type": "application/json"})
    made, theirs = whole(b"x", 201, headers), web.Response(body=b"x", status=201, headers=headers)
    assert vars(made) == vars(theirs)
    made.headers["X"] = "y"
    assert "X" not in headers


def test_answers_and_their_writer_have_the_state_that_is_read() -> None:
    names = {*vars(StreamResponse), *vars(web.Response)}
    assert names >= {"_keep_alive", "_cookies", "_compression", "_chunked", "_compressed_body", "_eof_sent"}
    assert "_body_length" in names
    assert {"_eof", "_writelines", "output_size", "drain"} <= set(dir(StreamWriter))
    steps = ["await self._prepare_headers()", "await request._prepare_hook(self)", "await self._write_headers()"]
    source = inspect.getsource(StreamResponse._start)
    assert [source.index(step) for step in steps] == sorted(source.index(step) for step in steps)


def test_the_application_handles_a_request_in_the_steps_that_are_taken_here() -> None:
    source = inspect.getsource(web.Application._handle)
    steps = [
        "match_info = await self._router.resolve(request)",
        "match_info.add_app(self)",
        "match_info.freeze()",
        "request._match_info = match_info",
        "if request.headers.get(hdrs.EXPECT):",
        "await request.writer.drain()",
        "handler = match_info.handler",
        "return await handler(request)",
    ]
    assert [source.index(step) for step in steps] == sorted(source.index(step) for step in steps)


def test_a_body_that_is_read_is_kept_under_the_name_that_is_written() -> None:
    assert "self._read_bytes = bytes(body)" in inspect.getsource(web.BaseRequest.read)


def test_what_was_not_paused_need_not_be_resumed() -> None:
    source = inspect.getsource(BaseProtocol.pause_reading)
    assert "self._reading_paused = True" in source
    assert "self._parser.pause_reading()" in source
    for kind in (streams.StreamReader, web.RequestHandler, BaseProtocol):
        # The parser is paused there only, and by the messages that wait, for which there is another flag.
        paused = [line for line in inspect.getsource(kind).splitlines() if "_parser.pause_reading" in line]
        assert len(paused) == (kind is BaseProtocol)
