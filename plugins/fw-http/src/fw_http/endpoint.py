"""From a declared route to an aiohttp handler. Everything is looked at once, here; nothing per request."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Collection
from typing import Any, get_args, get_origin

from aiohttp import web

from framework import App, DeclarationError, ScopeError
from fw_http.answering import Answering, is_events, with_charset
from fw_http.binding import Binding, close_form
from fw_http.config import HttpSettings
from fw_http.contract import Contract
from fw_http.cors import check_origin
from fw_http.origins import Origins
from fw_http.route import Route, SocketRoute
from fw_http.signature import read_signature
from fw_http.streams import Streams
from fw_http.threads import HandlerThreads
from fw_http.websocket import Closed, WebSocket

AioHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Endpoints:
    """Makes the handlers of one App."""

    def __init__(self, app: App, settings: HttpSettings, threads: HandlerThreads, streams: Streams) -> None:
        self._app = app
        self._settings = settings
        self._threads = threads
        self._streams = streams

    def of_route(self, route: Route, path: Collection[str], place: str) -> Endpoint:
        """The endpoint of a route whose path has these parameters. Raises :class:`DeclarationError`."""
        function = route.handler
        signature = read_signature(function, path, place)
        if signature.of("socket"):
            raise DeclarationError(f"{place} takes a WebSocket.", remedy="Declare it with app.http.websocket.")
        if inspect.isgeneratorfunction(function):
            raise DeclarationError(f"{place} is a generator.", remedy="Make it an `async def` that yields.")
        binding = Binding(signature, self._settings)
        answering = Answering(
            signature.returns, status=route.status, content_type=route.content_type, place=signature.place
        )
        given = [parameter.name for parameter in signature.parameters]
        call = self._call(function, given)
        if inspect.isasyncgenfunction(function):
            return Endpoint(binding, answering, self._streaming(call, binding, answering, route))
        return Endpoint(binding, answering, self._answering(call, given, binding, answering))

    def _call(self, function: Callable[..., Any], given: Collection[str]) -> Callable[..., Any]:
        """``function`` with its dependencies injected; a sync one in a thread, what it depends on still on the loop."""
        if _is_async(function):
            return self._app.compile(function, given=list(given), marked_only=True)

        @functools.wraps(function)
        async def bound(*arguments: Any, **named: Any) -> Any:
            result = await self._threads.call(functools.partial(function, *arguments, **named))
            return await result if inspect.isawaitable(result) else result

        return self._app.compile(bound, given=list(given), marked_only=True)

    def _answering(
        self, call: Callable[..., Any], given: Collection[str], binding: Binding, answering: Answering
    ) -> AioHandler:
        scope = self._app.container.scope

        if not binding.waits:
            from_head = binding.from_head
            if not given:

                async def handle_plain(request: web.Request) -> web.StreamResponse:
                    async with scope("request", {web.Request: request}):
                        return answering(await call())

                return handle_plain

            async def handle(request: web.Request) -> web.StreamResponse:
                arguments = from_head(request)
                async with scope("request", {web.Request: request}):
                    return answering(await call(**arguments))

            return handle

        async def handle_body(request: web.Request) -> web.StreamResponse:
            arguments = await binding.arguments(request)
            async with scope("request", {web.Request: request}):
                return answering(await call(**arguments))

        return handle_body if not binding.signature.of("form") else _closing(handle_body)

    def _streaming(self, call: Callable[..., Any], binding: Binding, answering: Answering, route: Route) -> AioHandler:
        events = is_events(answering.item)
        send = self._streams.send_events if events else self._streams.send_parts
        kind = "text/event-stream" if events else with_charset(route.content_type or "application/octet-stream")

        async def handle(request: web.Request) -> web.StreamResponse:
            arguments = await binding.arguments(request)
            response = web.StreamResponse(status=route.status or 200, headers={"Content-Type": kind})
            if request.method == "HEAD":
                await response.prepare(request)
                return response
            async with self._app.scope("request", {web.Request: request}):
                parts = call(**arguments)
                return await send(request, await parts if inspect.isawaitable(parts) else parts, response)

        return handle if not binding.signature.of("form") else _closing(handle)

    def of_socket(self, route: SocketRoute, path: Collection[str], place: str) -> AioHandler:
        """The handler of a WebSocket's handshake and of the conversation after it."""
        function = route.handler
        signature = read_signature(function, path, place)
        sockets = signature.of("socket")
        if len(sockets) != 1 or not _is_async(function) or signature.of("body", "form"):
            raise DeclarationError(
                f"{place}: a WebSocket needs an async handler with one parameter of type WebSocket and no body.",
                remedy="As in `async def chat(socket: WebSocket[Message, Message], room: str) -> None`.",
            )
        binding = Binding(signature, self._settings)
        contracts = _messages(sockets[0].kind, place)
        given = [parameter.name for parameter in signature.parameters]
        call = self._app.compile(function, given=given, marked_only=True)
        settings, name = self._settings, sockets[0].name
        origins = Origins(settings.cors_origins)

        async def handle(request: web.Request) -> web.StreamResponse:
            check_origin(request, origins)
            arguments = binding.from_head(request)
            response = web.WebSocketResponse(
                max_msg_size=settings.max_message, heartbeat=settings.ping_interval, compress=False
            )
            socket: WebSocket[Any, Any] = WebSocket(response, *contracts)
            arguments[name] = socket
            async with self._app.scope("websocket", {web.Request: request}):
                await response.prepare(request)
                async with self._streams.conversation(lambda: response.close(code=1001, message=b"going away")):
                    await _talk(call, arguments, socket)
            return response

        return handle


def _closing(handler: AioHandler) -> AioHandler:
    """Forgets the files of a request after it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        finally:
            close_form(request)

    return handle


class Endpoint:
    """A route ready to be served: the aiohttp handler, and what it takes and gives."""

    def __init__(self, binding: Binding, answering: Answering, handler: AioHandler) -> None:
        self.binding = binding
        self.answering = answering
        self.handler = handler


async def _talk(call: Callable[..., Any], arguments: dict[str, Any], socket: WebSocket[Any, Any]) -> None:
    pump = asyncio.create_task(socket.pump())
    code, reason = 1000, ""
    try:
        await call(**arguments)
    except Closed:
        return
    except Exception:
        code, reason = 1011, "The server failed; its log says why."
        raise
    finally:
        pump.cancel()
        await asyncio.gather(pump, return_exceptions=True)
        await socket.close(code=code, reason=reason)


def _is_async(function: Callable[..., Any]) -> bool:
    return any(
        inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called)
        for called in (function, getattr(function, "__call__", None))  # noqa: B004 - an object's own is wanted
    )


def _messages(kind: Any, place: str) -> tuple[Contract | None, Contract | None]:
    kinds = get_args(kind) if get_origin(kind) is not None else (Any, Any)
    received, sent = (Contract(kind, f"{place}: the WebSocket's message") for kind in kinds)
    return received, sent if kinds[1] is not Any else None


def no_request() -> web.Request:
    """What provides the request in scopes that are none of a request: an error."""
    raise ScopeError(
        "There is no HTTP request here.",
        remedy="Only what a request's handler needs, or a command it dispatches, may depend on aiohttp's web.Request.",
    )
