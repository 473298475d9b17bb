"""`WorkerGate`: who a worker is, and whether a message is its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from fw_orchestrator.access_tokens import AccessTokens, looks_like_one
from fw_orchestrator.certificates import certified_name
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.replays import WINDOW
from fw_orchestrator.surroundings import Surroundings
from fw_orchestrator.tokens import refuse
from fw_orchestrator.worker_tokens import WorkerTokens, is_same
from fw_rxon import TOKEN_HEADER, WORKER_ID_HEADER, WireError, check_identifier, is_signed


@dataclass(frozen=True)
class Caller:
    """Who sends a request by its certificate, headers or path; ``worker_id`` is None where only the message says it."""

    worker_id: str | None
    token: str = field(repr=False)
    certified: bool = False


class WorkerGate:
    """Checks in this order: certificate or token, that it is who it says it is, the signature.

    A certificate is looked at unless ``worker_auth`` is ``token-only``; then its token is not. All refusals are
    problems.
    """

    def __init__(
        self, settings: OrchestratorSettings, tokens: WorkerTokens, access: AccessTokens, surroundings: Surroundings
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._access = access
        self._surroundings = surroundings

    def admit(self, request: web.Request, worker_id: str | None = None) -> Caller:
        """Let a request in whose certificate or token is right; 401 if a newer token would be, else 403.

        ``worker_id`` is that of its path.
        """
        caller = self.certified(request) or Caller(
            request.headers.get(WORKER_ID_HEADER, worker_id), request.headers.get(TOKEN_HEADER, "")
        )
        if caller.certified:
            self.identify(caller, request.headers.get(WORKER_ID_HEADER, caller.worker_id or ""))
        elif caller.worker_id is None:
            self._require(caller.token, self._tokens.has(caller.token))
        else:
            self._require_token_of(caller, caller.worker_id)
        if worker_id is not None:
            self.identify(caller, worker_id)
        return caller

    def certified(self, request: web.Request) -> Caller | None:
        """Who the certificate says it is; None without one, which is a 403 where there must be one."""
        mode = self._settings.worker_auth
        name = None if mode == "token-only" else certified_name(request)
        if name is not None:
            return Caller(name, request.headers.get(TOKEN_HEADER, ""), certified=True)
        if mode == "mtls-only":
            raise refuse(403, "Unauthorized: a client certificate is required")
        return None

    def identify(self, caller: Caller, worker_id: str) -> None:
        """403 if a message is another worker's, 400 if the id is none."""
        if caller.worker_id is None:
            self._require_token_of(caller, worker_id)
        elif caller.worker_id != worker_id:
            raise refuse(403, "Unauthorized: Immediate sender ID mismatch")
        try:
            check_identifier(worker_id, "worker_id")
        except WireError as error:
            raise refuse(400, str(error)) from error

    def is_own(self, caller: Caller) -> bool:
        """Whether it has shown its certificate or the worker's own token, not one that was made from it."""
        if caller.worker_id is None:
            return False
        return caller.certified or is_same(caller.token, self._tokens.of(caller.worker_id))

    def verify(
        self,
        caller: Caller,
        worker_id: str,
        body: bytes,
        security: dict[str, Any] | None,
        timestamp: int | None,
        *,
        without: Collection[str] = (),
        lasting: bool = False,
    ) -> str | None:
        """The signature; 403 unless the body is signed by the worker, if it is signed at all (else None) or must be.

        A ``lasting`` message may be of any age: it is one that can be repeated without harm.
        """
        signature = (security or {}).get("signature")
        if security is None or signature is None:
            if self._settings.require_signatures:
                raise refuse(403, "Missing required security context")
            return None
        if not lasting:
            self._check_time(timestamp)
        if security.get("signer_id") not in (None, worker_id):
            raise refuse(403, "The signer is another worker")
        if not isinstance(signature, str) or not is_signed(
            body, signature, self._keys(caller, worker_id), without=without
        ):
            raise refuse(403, "Invalid cryptographic signature")
        return signature

    def _check_time(self, timestamp: int | None) -> None:
        if timestamp is None:
            raise refuse(403, "Missing required timestamp for replay protection")
        if abs(self._surroundings.clock() - timestamp) > WINDOW:
            raise refuse(403, "Message timestamp expired (replay protection)")

    def _keys(self, caller: Caller, worker_id: str) -> Iterator[str]:
        """What the worker can have signed with: public ones change over to an access token, some sooner, some never."""
        if caller.token:
            yield caller.token
        own = self._tokens.of(worker_id)
        if own:
            yield own
        yield from self._access.live(worker_id)

    def _require_token_of(self, caller: Caller, worker_id: str) -> None:
        own = self._tokens.of(worker_id)
        self._require(caller.token, is_same(caller.token, own) or self._access.is_live(worker_id, caller.token))

    def _require(self, token: str, is_right: bool) -> None:
        if is_right:
            return
        if looks_like_one(token):
            raise refuse(401, "Unauthorized: the access token has expired or is unknown")
        raise refuse(403, "Unauthorized: the worker's token is wrong")
