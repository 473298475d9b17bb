"""The application that `test_wire.py` attacks; a process of its own, so that either of aiohttp's parsers can serve it.

Prints where it listens, and stops when its standard input ends.
"""

import asyncio
import sys
from typing import Any

from aiohttp import web

from framework import App
from fw_http.facade import Http

app = App("wire", plugins=["http"], defaults={"http": {"port": 0, "head_timeout": 0.5, "body_timeout": 0.5}})
http = app.facade(Http)


@http.route("/hello", methods=["GET", "POST"])
async def hello() -> str:
    return "hello"


@http.route("/items/{number}")
async def item(number: int) -> int:
    return number


@http.route("/names/{name}")
async def name(name: str) -> str:
    return name


@http.route("/query")
async def query(request: web.Request) -> list[list[str]]:
    return [[key, value] for key, value in request.query.items()]


@http.route("/json", methods=["POST"])
async def anything(body: Any) -> Any:
    return body


@http.route("/boom")
async def boom() -> None:
    raise RuntimeError("EVIL secret")


@http.route("/header")
async def header(request: web.Request) -> web.Response:
    return web.Response(text="ok", headers={"X-Said": request.query["said"]})


@http.route("/stream")
async def stream(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"X-Said": request.query.get("said", "")})
    await response.prepare(request)
    await response.write(b"part")
    await response.write_eof()
    return response


async def main() -> None:
    async with app:
        print(app.http.url, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    app.bootstrap()
    with asyncio.Runner(loop_factory=app.loop_factory) as runner:
        runner.run(main())
