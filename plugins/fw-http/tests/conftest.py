"""Applications served on free ports of this machine, and clients for them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from framework import App
from fw_testing.harness import app_with


class Client:
    """Talks to one running App."""

    def __init__(self, app: App, session: aiohttp.ClientSession) -> None:
        self.app = app
        self.session = session
        self.url: str = app.http.url

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    async def answer(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Status and JSON body (None if there is none)."""
        async with self.session.request(method, path, **options) as response:
            body = await response.read()
            return response.status, await response.json(content_type=None) if body else None

    async def problem(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Status and detail of an answer, which must be a problem that says nothing of the program."""
        async with self.session.request(method, path, **options) as response:
            assert response.content_type == "application/problem+json"
            body = await response.json(content_type=None)
            assert body["status"] == response.status
            assert set(body) >= {"type", "title", "status", "detail"}
            assert "Traceback" not in str(body)
            return response.status, body["detail"]

    async def raw(self, data: bytes) -> bytes:
        """All that the server answers to these bytes until it closes the connection."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(data)
            await writer.drain()
            async with asyncio.timeout(20):
                return await reader.read()
        except ConnectionError:
            return b""  # a server that closes with bytes unread resets the connection
        finally:
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)


Serve = Callable[[App], Any]


@pytest.fixture
def web() -> Callable[..., App]:
    """Make an App with the http plugin; settings of its section are keywords."""

    def make(*plugins: Any, **settings: Any) -> App:
        return app_with("http", *plugins, defaults={"http": settings})

    return make


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start an App and give a client; all are stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(app: App) -> Client:
            await stack.enter_async_context(app)
            session = aiohttp.ClientSession(app.http.url, timeout=aiohttp.ClientTimeout(total=20))
            return Client(app, await stack.enter_async_context(session))

        yield start
