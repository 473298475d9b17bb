"""The worker protocol over HTTP."""

import asyncio
import email.utils
import time
from collections.abc import AsyncIterator, Sequence

import aiohttp

from fw_rxon import (
    EVENTS_PATH,
    PROTOCOL_VERSION,
    REGISTER_PATH,
    RESULT_PATH,
    TOKEN_HEADER,
    VERSION_HEADER,
    WORKER_ID_HEADER,
    Registered,
    TokenAnswer,
    WireError,
    decode,
    decode_answer,
    heartbeat_path,
    poll_path,
    sign_own,
    socket_path,
)
from fw_worker.access import Access
from fw_worker.closing import Step
from fw_worker.config import WorkerSettings
from fw_worker.tls import tls_of
from fw_worker.transport import Refused, Unreachable

_PING = 30.0
"""Seconds between two signs of life on a connection for orders."""
_SHOWN = 300
"""Characters of an error's body that are worth showing."""
_UNAUTHORIZED = 401


class HttpTransport:
    """One orchestrator at `settings.url`. A poll may take `request_timeout` longer than it waits, its body as long.

    Raises `CertificateError`.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._url = settings.url.rstrip("/")
        self._worker_id = settings.worker_id
        self._patience = settings.request_timeout
        self._tls = tls_of(settings)
        self._access = Access(settings.token, self._exchange, exchange=settings.exchange)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the connection pool."""
        headers = {
            WORKER_ID_HEADER: self._worker_id,
            VERSION_HEADER: PROTOCOL_VERSION,
            "Content-Type": "application/json",
        }
        self._session = aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(ssl=self._tls))

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def register(self, body: bytes) -> bytes:
        """W1. The answer may hold an access token, which is used from then on."""
        answer = await self._send("POST", REGISTER_PATH, body)
        try:
            self._access.take(decode_answer(answer, Registered))
        except WireError:
            return answer  # whose reader says what is wrong with it
        return answer

    async def heartbeat(self, body: bytes) -> bytes:
        """W2."""
        return await self._send("PATCH", heartbeat_path(self._worker_id), body)

    async def result(self, body: bytes) -> bytes:
        """W4."""
        return await self._send("POST", RESULT_PATH, body)

    async def event(self, body: bytes) -> bytes:
        """W5."""
        # Its `bubbling_chain`, which is not signed, is empty and so left out.
        return await self._send("POST", EVENTS_PATH, body)

    async def poll(self, timeout: float, skills: Sequence[str], given_up: Step) -> bytes | None:
        """W3."""
        query = f"?timeout={timeout:g}&available_skills={','.join(skills)}"
        asking = asyncio.create_task(
            self._admitted("GET", poll_path(self._worker_id) + query, timeout + self._patience)
        )
        over = asyncio.get_running_loop().create_future()

        def end(_: object = None) -> None:
            if not over.done():
                over.set_result(None)

        asking.add_done_callback(end)
        try:
            with given_up.telling(end):
                if not given_up.is_set():
                    await over
            if not asking.done():
                return None
            return (await self._content(asking.result())) or None
        finally:
            await _end(asking)

    async def commands(self) -> AsyncIterator[bytes]:
        """W6."""
        session = self._opened()
        await self._access.prepare()
        try:
            async with session.ws_connect(
                self._url + socket_path(self._worker_id), heartbeat=_PING, headers=self._headers(self._access.token)
            ) as connection:
                async for message in connection:
                    if message.type is aiohttp.WSMsgType.TEXT:
                        yield message.data.encode()
        except aiohttp.WSServerHandshakeError as error:
            raise Refused(self._url, error.status, error.message) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(self._url, str(error) or type(error).__name__) from error

    async def _send(self, method: str, path: str, body: bytes) -> bytes:
        await self._access.prepare()
        if self._access.key:
            body = signed(body, self._access.key, self._worker_id)
        return await self._content(await self._admitted(method, path, self._patience, body=body))

    async def _exchange(self, path: str, body: bytes, token: str) -> TokenAnswer:
        answer = await self._ask("POST", path, self._patience, token, body=body)
        content = await self._content(answer)
        try:
            return decode(content, TokenAnswer)
        except WireError as error:
            raise Refused(self._url, answer.status, f"what is no access token: {error}") from error

    async def _admitted(
        self,
        method: str,
        path: str,
        patience: float,
        *,
        body: bytes | None = None,
    ) -> aiohttp.ClientResponse:
        """The answer up to its headers; asked for once more with another token if the first was refused."""
        await self._access.prepare()
        token = self._access.token
        answer = await self._ask(method, path, patience, token, body=body)
        if answer.status != _UNAUTHORIZED or not await self._access.renew(token):
            return answer
        answer.release()
        return await self._ask(method, path, patience, self._access.token, body=body)

    async def _ask(
        self,
        method: str,
        path: str,
        patience: float,
        token: str,
        *,
        body: bytes | None = None,
    ) -> aiohttp.ClientResponse:
        """Redirects are not followed: the token is meant for this address only."""
        session = self._opened()
        try:
            return await session.request(
                method,
                self._url + path,
                data=body,
                headers=self._headers(token),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=patience),
            )
        except TimeoutError as error:
            raise Unreachable(self._url, f"nothing within {patience:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(self._url, str(error) or type(error).__name__) from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise Unreachable(self._url, "the transport is closed")
        return self._session

    def _headers(self, token: str) -> dict[str, str]:
        return {TOKEN_HEADER: token} if token else {}

    async def _content(self, answer: aiohttp.ClientResponse) -> bytes:
        try:
            if answer.content.is_eof():
                content = await answer.read()
            else:
                async with asyncio.timeout(self._patience), answer:
                    content = await answer.read()
        except TimeoutError as error:
            raise Unreachable(self._url, "the answer did not end in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(self._url, str(error) or type(error).__name__) from error
        if 200 <= answer.status < 300:
            return content
        text = " ".join(content.decode("utf-8", "replace").split())[:_SHOWN]
        raise Refused(
            self._url,
            answer.status,
            text,
            _seconds(answer.headers.get("Retry-After")),
            _ahead(answer.headers.get("Date")),
        )


async def _end(asking: asyncio.Task[aiohttp.ClientResponse]) -> None:
    if not asking.done():
        asking.cancel()
        await asyncio.wait({asking})
    if not asking.cancelled() and asking.exception() is None:
        asking.result().close()


def signed(body: bytes, token: str, worker_id: str) -> bytes:
    """A message with its signature as the last member: equal messages give equal bytes."""
    security = b'"security":{"signature":"%b","signer_id":"%b"}}' % (sign_own(body, token).encode(), worker_id.encode())
    return body[:-1] + (b"," if len(body) > 2 else b"") + security


def _seconds(header: str | None) -> float | None:
    """Seconds a Retry-After header means: a number, or a date."""
    if header is not None and header.strip().isdecimal():
        return float(header)
    ahead = _ahead(header)
    return None if ahead is None else max(0.0, ahead)


def _ahead(header: str | None) -> float | None:
    """By how many seconds the date in a header is ahead of our clock."""
    if header is None:
        return None
    try:
        return email.utils.parsedate_to_datetime(header).timestamp() - time.time()
    except ValueError:
        return None
