"""Files of a folder, and none outside it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from framework import DeclarationError
from fw_http.problem import Problem


def static_handler(folder: Path, place: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Serves the path's ``{_file}`` below ``folder``. Raises :class:`DeclarationError` if there is no such one."""
    try:
        root = folder.resolve(strict=True)
    except OSError as error:
        raise _no_folder(folder, place) from error
    if not root.is_dir():
        raise _no_folder(folder, place)

    async def serve(request: web.Request) -> web.StreamResponse:
        path = await asyncio.to_thread(_inside, root, request.match_info["_file"])
        if path is None:
            raise Problem(404, "There is no such file.")
        return web.FileResponse(path)

    return serve


def _inside(root: Path, name: str) -> Path | None:
    """The file of that name, if it is one and lies, all links followed, in the folder."""
    try:
        path = (root / name).resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None  # nothing there, no name that could be there, or links in a circle
    return path if path.is_relative_to(root) and path.is_file() else None


def _no_folder(folder: Path, place: str) -> DeclarationError:
    return DeclarationError(f"{place}: {folder} is no folder.", remedy="Give the path of one that exists.")
