"""What a worker shows to be let in: its own token, or one that was made from it and ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from fw_rxon import REFRESH_PATH, TOKEN_PATH, Registered, TokenAnswer, TokenRefresh, encode
from fw_worker.transport import Refused, TransportError

Exchange = Callable[[str, bytes, str], Awaitable[TokenAnswer]]
"""Sends a body to a path with a token (or none), and gives what came back. Raises `TransportError`."""

_USED = 0.8
"""The part of an access token's life after which the next one is asked for."""


class Access:
    """`token` is shown, `key` signs. With `exchange` the own token is shown only to get access tokens.

    An access token is renewed before it ends, and when it is refused.
    """

    def __init__(self, own: str, send: Exchange, *, exchange: bool) -> None:
        self._own = own
        self._send = send
        self._exchange = exchange
        self._issued: TokenAnswer | None = None
        self._renew_at = 0.0
        self._ends_at = 0.0
        self._lock = asyncio.Lock()

    @property
    def token(self) -> str:
        """What is shown; empty where a certificate does instead."""
        return self._issued.access_token if self._issued is not None else self._own

    @property
    def key(self) -> str:
        """What messages are signed with: the own token, which any orchestrator can check; empty if there is none."""
        return self._own or self.token

    def take(self, answer: Registered) -> None:
        """Use the access token that a registration gave, if it gave one."""
        if answer.access_token and answer.expires_in:
            self._issue(
                TokenAnswer(
                    access_token=answer.access_token,
                    expires_in=answer.expires_in,
                    worker_id=answer.worker_id or "",
                    refresh_token=answer.refresh_token,
                )
            )

    async def prepare(self) -> None:
        """See to it that `token` is good for some time. Raises `TransportError` if there is none that is."""
        if not (self._exchange or self._issued) or time.monotonic() < self._renew_at:
            return
        try:
            await self.renew(self.token)
        except TransportError:
            # The one in use has a fifth of its life left; one that is not there yet has none.
            if time.monotonic() >= self._ends_at:
                raise

    async def renew(self, refused: str) -> bool:
        """Get another token than the one that was refused; False if that is not how this worker is let in."""
        if not (self._exchange or self._issued):
            return False
        async with self._lock:
            if self.token == refused:
                self._issue(await self._renewed())
        return True

    async def _renewed(self) -> TokenAnswer:
        if self._issued is not None and self._issued.refresh_token:
            body = encode(TokenRefresh(refresh_token=self._issued.refresh_token))
            try:
                return await self._send(REFRESH_PATH, body, "")
            except Refused as error:
                if error.status not in (400, 401, 403, 404):
                    raise
        return await self._send(TOKEN_PATH, b"{}", self._own)

    def _issue(self, answer: TokenAnswer) -> None:
        self._issued = answer
        now = time.monotonic()
        self._renew_at = now + _USED * answer.expires_in
        self._ends_at = now + answer.expires_in
