"""What is wrong in the words of HTTP."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from fw_http import Problem

from {{ cookiecutter.package }}.domain.errors import NoteError, NoteNotFound, WrongText

STATUS: dict[type[NoteError], int] = {NoteNotFound: 404, WrongText: 422}


async def domain_problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Stands around every route and command: errors of the domain become problems, whoever raised them."""
    try:
        return await handler(request)
    except NoteError as error:
        raise Problem(STATUS[type(error)], str(error)) from error
