"""`TestClient`: talks to an App as the world does, over a socket of this machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import ClientWebSocketResponse
from multidict import CIMultiDictProxy

from framework import App, FrameworkError
from fw_http.server_sent import ServerSentEvent

PATIENCE = 30.0
"""Seconds that an answer may take."""

_HERE = (
    "http.listen=[]",
    "http.host=127.0.0.1",
    "http.port=0",
    "http.hosts=[]",
    "http.health_listen=",
    "http.certificate=",
    "http.key=",
    "http.client_ca=",
)
"""Flags, which are above every file and variable: what is tested is not where it listens."""


@dataclass(frozen=True)
class Answer:
    """An answer that has been read."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf-8")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class TestClient:
    """Made by ``app.test_client()``; an async context. Keeps cookies; paths are relative to the App.

    It starts the App on a free port of the loopback address and stops it at the end, unless it runs already.
    """

    __test__ = False  # no tests in here, whatever the name says

    def __init__(self, app: App, **bootstrap: Any) -> None:
        self.app = app
        self._bootstrap = bootstrap
        self._started = False
        self._open_session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        if self.app.http.listening is None:
            options = {**self._bootstrap, "flags": [*self._bootstrap.get("flags", ()), *_HERE]}
            self.app.bootstrap(**options)
            await self.app.start()
            self._started = True
            await self.app.ready()
        self._open_session = aiohttp.ClientSession(
            self.app.http.url,
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # cookies of a numeric address too
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            await self._session.close()
        finally:
            self._open_session = None
            if self._started:
                self._started = False
                await self.app.stop("the test is over")

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self._open_session is None:
            raise FrameworkError(
                "The test client is not open.", remedy="Use it in `async with app.test_client() as client:`."
            )
        return self._open_session

    @property
    def url(self) -> str:
        """Where the App listens."""
        found: str = self.app.http.url
        return found

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that answers have set."""
        return {cookie.key: cookie.value for cookie in self._session.cookie_jar}

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Ask, and read the whole answer; redirects are not followed. ``options`` are those of aiohttp's client."""
        options.setdefault("allow_redirects", False)
        async with self._session.request(method, path, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        """POST, as in ``post("/items", json={...})``."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        """PUT."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> Answer:
        """PATCH."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        """DELETE."""
        return await self.request("DELETE", path, **options)

    @asynccontextmanager
    async def stream(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer whose body has not been read."""
        async with self._session.request(method, path, **options) as response:
            yield response

    @asynccontextmanager
    async def events(self, path: str, **options: Any) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
        """The events of a stream, each with its ``data`` as text."""
        async with self.stream("GET", path, **options) as response:
            if response.status != 200 or response.content_type != "text/event-stream":
                raise AssertionError(f"GET {path} is no stream of events: {response.status} {await response.text()}")
            yield _events(response)

    @asynccontextmanager
    async def websocket(self, path: str, **options: Any) -> AsyncIterator[ClientWebSocketResponse]:
        """A WebSocket, as aiohttp's client has it: ``send_json``, ``receive_json``."""
        async with self._session.ws_connect(path, **options) as socket:
            yield socket


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[ServerSentEvent]:
    fields: dict[str, list[str]] = {}
    async for line in response.content:
        text = line.decode("utf-8").rstrip("\n")
        name, _, value = text.partition(":")
        if name:
            fields.setdefault(name, []).append(value.removeprefix(" "))
        elif not text:
            if "data" in fields:
                last = {key: values[-1] for key, values in fields.items()}
                retry = int(last["retry"]) if "retry" in last else None
                yield ServerSentEvent("\n".join(fields["data"]), last.get("event", ""), last.get("id", ""), retry)
            fields = {}
