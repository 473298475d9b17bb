"""The routes written by hand on aiohttp, with the same validation library and no more than they need."""

import asyncio
import json
import sys

from aiohttp import web
from pydantic import TypeAdapter, ValidationError
from shop import Desk, Order, Prices, Session

ORDER = TypeAdapter(Order)


async def hello(request: web.Request) -> web.Response:
    return web.json_response({"hello": "world"})


async def order(request: web.Request) -> web.Response:
    try:
        item_id = int(request.match_info["item_id"])
    except ValueError:
        return web.json_response({"error": "item_id"}, status=422)
    if request.content_type != "application/json":
        return web.json_response({"error": "content type"}, status=415)
    try:
        body = ORDER.validate_json(await request.read())
    except ValidationError as error:
        return web.json_response({"error": error.error_count()}, status=422)
    session = Session()
    try:
        return web.json_response(Desk(Prices(session)).place(item_id, body), dumps=json.dumps)
    finally:
        session.closed = True


async def main() -> None:
    application = web.Application()
    application.add_routes([web.get("/hello", hello), web.post("/items/{item_id}", order)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(sys.argv[1])).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
