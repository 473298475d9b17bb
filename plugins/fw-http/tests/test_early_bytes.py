"""Bytes that come before aiohttp's task of their connection has begun, as they may on uvloop."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from fw_http.config import HttpSettings
from fw_http.connections import Connections
from fw_http.proxies import Proxies


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0


async def nobody(request: web.BaseRequest) -> web.StreamResponse:
    raise AssertionError("nothing of this is a request")


@pytest.mark.parametrize(
    "data,status",
    [
        (b"\x16\x03\x01\x02\x00\x01\x00", b"400"),
        (b"GET /" + 70_000 * b"x", b"414"),
        (b"GET / HTTP/1.1\r\n" + 60 * (b"X-A: " + 1_200 * b"x" + b"\r\n"), b"431"),
    ],
)
async def test_they_are_refused_at_once(data: bytes, status: bytes) -> None:
    connections = Connections(nobody, HttpSettings(max_line=100_000), Proxies([]), 10)
    connection, wire = connections(), Wire()
    connection.connection_made(wire)
    connection.data_received(data)
    assert wire.written.startswith(b"HTTP/1.1 " + status + b" ")
    assert wire.closed
    connection.connection_lost(None)
    await connections.shutdown(1)
