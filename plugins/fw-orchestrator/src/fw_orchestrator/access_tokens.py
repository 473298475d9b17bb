"""`AccessTokens`: tokens of workers that are good for about an hour, and those that the next one is got with."""

from __future__ import annotations

import hashlib
import hmac
import math
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Final

from fw_orchestrator.store import JobStore
from fw_orchestrator.surroundings import Surroundings
from fw_orchestrator.worker_tokens import WorkerTokens, is_same
from fw_rxon import TokenAnswer

LIFETIME: Final = 3600
"""Seconds that an access token is good for at the least."""
SLOT: Final = 300
"""Access tokens made within the same so many seconds are one: a worker has a handful of them, which can be tried."""
REFRESH_LIFETIME: Final = 86400
GRACE: Final = 60
"""Seconds in which a refresh that is sent again, its answer lost, gets the same answer."""


class RefusedToken(Exception):
    """There is no access token to be had; the message says why."""


class AccessTokens:
    """Derives every token from the worker's own one, which therefore revokes them when it changes.

    A worker without a token of its own has no others either: what is derived from nothing, anybody could derive.

    So every engine with the same configuration knows them, before and after a restart. Only that a refresh token has
    been used is stored, by its hash, for all engines.
    """

    def __init__(self, tokens: WorkerTokens, surroundings: Surroundings, store: JobStore) -> None:
        self._tokens = tokens
        self._surroundings = surroundings
        self._store = store

    def issue(self, worker_id: str) -> TokenAnswer:
        """A new pair for a worker that has shown who it is. Raises :class:`RefusedToken` if it can have none."""
        if not self._tokens.root(worker_id):
            raise RefusedToken("The worker has no token from which others could be derived")
        now = self._surroundings.clock()
        return self._pair(worker_id, now, self._surroundings.new_id()[:16])

    async def refresh(self, worker_id: str, token: str) -> TokenAnswer:
        """The next pair for the bearer of a refresh token, once. Raises :class:`RefusedToken`."""
        now = self._surroundings.clock()
        end = _end(token)
        nonce = token.split(".")[1] if token.count(".") == 2 else ""
        if (
            end is None
            or not self._tokens.root(worker_id)
            or not is_same(token, self._refresh_token(worker_id, end, nonce))
        ):
            raise RefusedToken("Invalid refresh token (not found)")
        if end <= now:
            raise RefusedToken("Invalid refresh token (expired)")
        since = await self._use(token, end, now)
        return self._pair(worker_id, since, self._derived(worker_id, f"after {token}")[:16])

    def is_live(self, worker_id: str, token: str) -> bool:
        """Whether it is an access token of that worker that has not expired."""
        end = _end(token)
        now = self._surroundings.clock()
        if end is None or not now < end <= now + LIFETIME + SLOT or not self._tokens.root(worker_id):
            return False
        return is_same(token, self._access_token(worker_id, end))

    def live(self, worker_id: str) -> Iterator[str]:
        """All access tokens that the worker can hold now."""
        if not self._tokens.root(worker_id):
            return
        first = (math.floor(self._surroundings.clock() / SLOT) + 1) * SLOT
        for end in range(first, first + LIFETIME + SLOT, SLOT):
            yield self._access_token(worker_id, end)

    async def _use(self, token: str, end: float, now: float) -> float:
        """When the token was first used; now, as a rule."""
        mark = f"refresh {hashlib.sha256(token.encode()).hexdigest()}"
        since = await self._store.use_once(mark, now=now, until=end)
        if since is not None and now > since + GRACE:
            raise RefusedToken("Invalid refresh token (it has been used)")
        return now if since is None else since

    def _pair(self, worker_id: str, now: float, nonce: str) -> TokenAnswer:
        end = (math.floor(now / SLOT) + 1) * SLOT + LIFETIME
        return TokenAnswer(
            access_token=self._access_token(worker_id, end),
            expires_in=int(end - self._surroundings.clock()),
            refresh_token=self._refresh_token(worker_id, math.floor(now) + REFRESH_LIFETIME, nonce),
            worker_id=worker_id,
        )

    def _access_token(self, worker_id: str, end: int) -> str:
        return f"{end:x}.{self._derived(worker_id, f'access {end}')}"

    def _refresh_token(self, worker_id: str, end: int, nonce: str) -> str:
        return f"{end:x}.{nonce}.{self._derived(worker_id, f'refresh {end} {nonce}')}"

    def _derived(self, worker_id: str, purpose: str) -> str:
        key = self._tokens.root(worker_id).encode()
        digest = hmac.new(key, f"fw worker token\n{worker_id}\n{purpose}".encode(), hashlib.sha256).digest()
        return urlsafe_b64encode(digest).decode().rstrip("=")


def looks_like_one(token: str) -> bool:
    """Whether a token has the form of those made here: then asking for a new one helps."""
    return _end(token) is not None


def _end(token: str) -> int | None:
    """When a token ends, in Unix seconds, by its own word."""
    head, dot, _ = token.partition(".")
    is_number = 0 < len(head) <= 12 and all(character in "0123456789abcdef" for character in head)
    return int(head, 16) if dot and is_number else None
