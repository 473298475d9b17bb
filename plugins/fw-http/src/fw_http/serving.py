"""`Serving`: from a request to its handler and back, as aiohttp's application does it, prepared once for each route."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aiohttp import web
from aiohttp.hdrs import EXPECT
from aiohttp.typedefs import Middleware

from fw_http.middleware import put_around
from fw_http.problem import Problem
from fw_http.problem_answers import check_headers, cut_if_begun, dressed, problem_of
from fw_http.route_table import RouteTable

log = logging.getLogger("fw_http")


class Serving:
    """Made when all routes are known; ``around`` are the middlewares of the application, the first one outermost.

    Whatever goes wrong in there becomes a problem body; what is unexpected is logged and told to nobody.
    """

    def __init__(self, application: web.Application, around: Sequence[Middleware]) -> None:
        self.application = application
        self._around = around
        routes = [route for resource in application.router.resources() for route in resource]
        self._handlers = {route: put_around(route.handler, around) for route in routes}
        self.table = RouteTable(application.router.resources())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request."""
        try:
            message = request._message  # noqa: SLF001 - the properties cost more, and this is done for every request
            match = self.table.find(message.method, message.path)
            if match is None:
                match = await self.application.router.resolve(request)
            # What is no route of a resource answers 404 or 405, and is made for this request.
            handler = self._handlers.get(match.route) or put_around(match.handler, self._around)
            match.add_app(self.application)
            match.freeze()
            request._match_info = match  # noqa: SLF001 - as aiohttp's application does
            if EXPECT in message.headers:
                refused = await match.expect_handler(request)
                await request.writer.drain()
                if refused is not None:
                    return refused
            response = await handler(request)
            headers = response.headers
            if len(headers) != 1 and not response.prepared and not "".join(headers.values()).isprintable():
                check_headers(response)
            return response
        except Problem as problem:
            cut_if_begun(request)
            return dressed(problem, problem)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            cut_if_begun(request)
            return dressed(error, problem_of(request, error))
        except Exception as error:
            if not isinstance(error, ConnectionError) or request.transport is not None:  # else the client has gone
                log.exception("%s %s failed", request.method, request.path)
            cut_if_begun(request)
            return dressed(error, Problem(500, "The server failed to answer; its log says why."))
