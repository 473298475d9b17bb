"""The worker protocol over HTTP."""

import asyncio
import email.utils
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

import aiohttp
import msgspec

from fw_rxon import (
    EVENTS_PATH,
    PROTOCOL_VERSION,
    REGISTER_PATH,
    RESULT_PATH,
    TOKEN_HEADER,
    VERSION_HEADER,
    WORKER_ID_HEADER,
    heartbeat_path,
    poll_path,
    sign,
    socket_path,
)
from fw_worker.transport import Refused, Unreachable

_PING = 30.0
"""Seconds between two signs of life on a connection for orders."""
_SHOWN = 300
"""Characters of an error's body that are worth showing."""


class HttpTransport:
    """One orchestrator at a base URL. `request_timeout` in seconds; a poll may take that much longer than it waits."""

    def __init__(self, url: str, worker_id: str, token: str, request_timeout: float) -> None:
        self._token = token
        self._url = url.rstrip("/")
        self._worker_id = worker_id
        self._headers = {
            TOKEN_HEADER: token,
            WORKER_ID_HEADER: worker_id,
            VERSION_HEADER: PROTOCOL_VERSION,
            "Content-Type": "application/json",
        }
        self._patience = request_timeout
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pool."""
        self._session = aiohttp.ClientSession(headers=self._headers)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def register(self, body: bytes) -> bytes:
        """W1."""
        return await self._send("POST", REGISTER_PATH, body)

    async def heartbeat(self, body: bytes) -> bytes:
        """W2."""
        return await self._send("PATCH", heartbeat_path(self._worker_id), body)

    async def result(self, body: bytes) -> bytes:
        """W4."""
        return await self._send("POST", RESULT_PATH, body)

    async def event(self, body: bytes) -> bytes:
        """W5."""
        return await self._send("POST", EVENTS_PATH, body, without=("bubbling_chain",))

    async def poll(self, timeout: float, skills: Sequence[str], given_up: asyncio.Event) -> bytes | None:
        """W3."""
        query = {"timeout": f"{timeout:g}", "available_skills": ",".join(skills)}
        asking = asyncio.create_task(
            self._ask("GET", poll_path(self._worker_id), timeout + self._patience, params=query)
        )
        waiting = asyncio.create_task(given_up.wait())
        try:
            await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                return None
            answer = asking.result()
            return (await self._content(answer)) or None
        finally:
            await _end(asking, waiting)

    async def commands(self) -> AsyncIterator[bytes]:
        """W6."""
        if self._session is None:
            raise Unreachable(self._url, "the transport is closed")
        try:
            async with self._session.ws_connect(
                self._url + socket_path(self._worker_id), heartbeat=_PING
            ) as connection:
                async for message in connection:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        yield message.data.encode()
        except aiohttp.WSServerHandshakeError as error:
            raise Refused(self._url, error.status, error.message) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(self._url, str(error) or type(error).__name__) from error

    async def _send(self, method: str, path: str, body: bytes, *, without: Collection[str] = ()) -> bytes:
        body = signed(body, self._token, self._worker_id, without=without)
        return await self._content(await self._ask(method, path, self._patience, body=body))

    async def _ask(
        self,
        method: str,
        path: str,
        patience: float,
        *,
        body: bytes | None = None,
        params: Mapping[str, str] | None = None,
    ) -> aiohttp.ClientResponse:
        """The answer up to its headers. Redirects are not followed: the token is meant for this address only."""
        if self._session is None:
            raise Unreachable(self._url, "the transport is closed")
        try:
            return await self._session.request(
                method,
                self._url + path,
                data=body,
                params=params,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=patience),
            )
        except TimeoutError as error:
            raise Unreachable(self._url, f"nothing within {patience:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(self._url, str(error) or type(error).__name__) from error

    async def _content(self, answer: aiohttp.ClientResponse) -> bytes:
        try:
            async with answer:
                content = await answer.read()
        except TimeoutError as error:
            raise Unreachable(self._url, "the answer did not end in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(self._url, str(error) or type(error).__name__) from error
        if 200 <= answer.status < 300:
            return content
        text = " ".join(content.decode("utf-8", "replace").split())[:_SHOWN]
        raise Refused(self._url, answer.status, text, _seconds(answer.headers.get("Retry-After")))


async def _end(asking: asyncio.Task[aiohttp.ClientResponse], waiting: asyncio.Task[bool]) -> None:
    for task in (asking, waiting):
        task.cancel()
    await asyncio.wait({asking, waiting})
    if not asking.cancelled() and asking.exception() is None:
        asking.result().close()


def signed(body: bytes, token: str, worker_id: str, *, without: Collection[str] = ()) -> bytes:
    """A message with its signature as the last member: equal messages give equal bytes."""
    security = {"signature": sign(body, token, without=without), "signer_id": worker_id}
    return body[:-1] + (b"," if len(body) > 2 else b"") + b'"security":' + msgspec.json.encode(security) + b"}"


def _seconds(header: str | None) -> float | None:
    """Seconds a Retry-After header means: a number, or a date."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
