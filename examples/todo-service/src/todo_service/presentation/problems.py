"""What is wrong in the words of HTTP."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from fw_http import Problem
from todo_service.domain.errors import AlreadyDone, TodoError, TodoNotFound, WrongTitle

STATUS: dict[type[TodoError], int] = {TodoNotFound: 404, AlreadyDone: 409, WrongTitle: 422}


async def domain_problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Stands around every route and command: errors of the domain become problems, whoever raised them."""
    try:
        return await handler(request)
    except TodoError as error:
        raise Problem(STATUS[type(error)], str(error)) from error
