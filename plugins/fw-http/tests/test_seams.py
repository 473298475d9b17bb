"""What the server relies on inside aiohttp. If one fails after an update, read connection.py first."""

import inspect

from aiohttp import web, web_protocol
from aiohttp.http_writer import StreamWriter

from fw_http.connection import Connection
from fw_http.connections import Connections


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
