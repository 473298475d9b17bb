"""`Gate`: what a request must be before anything looks for a handler."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from aiohttp import web
from aiohttp.hdrs import HOST
from aiohttp.http_writer import HttpVersion10, HttpVersion11

from fw_http.answers import answer, server_failed
from fw_http.hosts import Hosts, is_host
from fw_http.probes import Probes
from fw_http.problem import Problem
from fw_http.refusal import Refusal, Refusals
from fw_http.route import METHODS
from fw_http.route_table import TIDY

log = logging.getLogger("fw_http")

Serve = Callable[[Any], Awaitable[web.StreamResponse]]
_ALLOW = ", ".join(sorted(METHODS))
_ESCAPE = re.compile("%(?![0-9a-f]{2})", re.IGNORECASE)
_CONTROL = re.compile("%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
_SLASH = re.compile(r"%2f|%5c|\\", re.IGNORECASE)
_DOTS = re.compile(r"(?:/|%2f|%5c|\\)(?:\.|%2e){1,2}(?:/|%2f|%5c|\\|\Z)", re.IGNORECASE)
_UNTIDY = re.compile(r"[%\\#]|/\.")


class Gate:
    """Refuses requests that are malformed or not for this server; answers probes; turns every error into a problem."""

    def __init__(
        self,
        serve: Serve,
        hosts: Hosts,
        probes: Probes,
        refusals: Refusals,
        *,
        encoded_slashes: bool,
        paths: frozenset[str] = frozenset(),
    ) -> None:
        self._serve = serve
        self._hosts = hosts
        self._known = hosts.known
        self._probes = probes
        self._refusals = refusals
        self._paths = paths  # there is nothing to look at in these
        self._encoded_slashes = encoded_slashes

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        message = request._message  # noqa: SLF001 - the properties cost more, and this is done for every request
        try:
            if (
                message.headers.get(HOST) not in self._known
                or (message.path not in self._paths and not self._is_tidy(message.path))
                or message.version is not HttpVersion11
                or message.method not in METHODS
            ):
                found = await self._checked(request, message.path)
                if found is not None:
                    return found
            response = await self._serve(request)
            if type(response) is not web.Response and not isinstance(response, web.StreamResponse):
                raise TypeError(f"a handler returned {response!r}, which is no response")
            return response
        except Problem as problem:
            return self._refused(request, problem)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return self._refused(request, Problem(error.status, "The server cannot do what the request expects."))
        except asyncio.CancelledError:
            return self._cancelled(request)
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return server_failed()

    def _refused(self, request: web.BaseRequest, problem: Problem) -> web.StreamResponse:
        log.debug("%s was answered %d: %s", request.remote, problem.status, problem.detail)
        message = request._message  # noqa: SLF001 - as it came: the properties of the request are made of parts of it
        told = Refusal(problem.status, problem.detail, message.method, message.path, request.remote or "")
        self._refusals.tell(told)
        return answer(problem)

    def _cancelled(self, request: web.BaseRequest) -> web.StreamResponse:
        """What to answer at the end of a drain; nothing, if the answer has begun or nobody is there to read it."""
        task = asyncio.current_task()
        if request.writer.output_size or request.transport is None or task is None:
            raise asyncio.CancelledError
        if not task.cancelling():
            log.error("%s %s awaited something that was cancelled", request.method, request.path)
            return server_failed()
        task.uncancel()  # sending the answer must not count as cancelled
        return answer(Problem(503, "The server is stopping.", headers={"Retry-After": "1"}))

    async def _checked(self, request: web.BaseRequest, target: str) -> web.StreamResponse | None:
        if request.version not in (HttpVersion10, HttpVersion11):
            request._cache["version"] = HttpVersion11  # noqa: SLF001 - the answer would claim the request's version
            raise Problem(505, "The server speaks HTTP/1.1 and HTTP/1.0.")
        if request.method not in METHODS:
            request.content.feed_eof()  # what follows CONNECT is no body to wait for
            if request.method in ("CONNECT", "TRACE"):
                raise Problem(405, "The server does not answer this method.", headers={"Allow": _ALLOW})
            raise Problem(501, "The server does not know this method.")
        is_for_all = target == "*" and request.method == "OPTIONS"
        path = target.partition("?")[0] if target[0] == "/" or is_for_all else self._absolute(request, target)
        if target[0] != "/" or not target.isascii() or _UNTIDY.search(target):
            self._check_path(target, path)
        if path in self._probes.paths:
            return await self._probes.answer(request, path)
        self._check_host(request)
        if is_for_all:
            return web.Response(status=204, headers={"Allow": _ALLOW})
        return None

    def _is_tidy(self, target: str) -> bool:
        return TIDY.fullmatch(target) is not None and target not in self._probes.paths

    def _absolute(self, request: web.BaseRequest, target: str) -> str:
        """The path of ``http://host/path``, which proxies are asked for, and servers must understand."""
        scheme, _, rest = target.partition("://")
        authority, slash, path = rest.partition("/")
        if scheme.lower() not in ("http", "https") or not is_host(authority):
            raise Problem(400, "The target of the request is malformed.")
        if authority.lower() != request.headers.get(HOST, authority).lower():
            raise Problem(400, "The target of the request and its Host differ.")
        return (slash + path).partition("?")[0] or "/"

    def _check_path(self, target: str, path: str) -> None:
        if not target.isascii() or _ESCAPE.search(path) or _CONTROL.search(path) or "#" in target:
            raise Problem(400, "The target of the request is malformed.")
        if _DOTS.search(path):
            raise Problem(400, "The path of the request has dot segments.")
        if _SLASH.search(path) and ("\\" in path or not self._encoded_slashes):
            raise Problem(400, "The path of the request has encoded slashes.")
        try:
            unquote_to_bytes(path).decode()
        except UnicodeDecodeError as error:
            raise Problem(400, "The path of the request is not UTF-8.") from error

    def _check_host(self, request: web.BaseRequest) -> None:
        host = request.headers.get(HOST)
        if host is None or host in self._known:
            return  # only HTTP/1.0 may leave it out; the parser sees to that
        if not is_host(host):
            raise Problem(400, "The Host of the request is malformed.")
        if not self._hosts.allows(host):
            raise Problem(421, "The server does not answer for this host; [http] hosts says for which it does.")
