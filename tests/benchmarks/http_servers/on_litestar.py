"""The routes on Litestar and uvicorn."""

import sys
from typing import Any

import uvicorn
from litestar import Litestar, get, post
from litestar.di import Provide
from shop import Desk, Order, Prices, Session, session


def prices(opened: Session) -> Prices:
    return Prices(opened)


def desk(known: Prices) -> Desk:
    return Desk(known)


@get("/hello")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


@post("/items/{item_id:int}", status_code=200)
async def order(item_id: int, data: Order, placed: Desk) -> dict[str, Any]:
    return placed.place(item_id, data)


app = Litestar(
    [hello, order],
    dependencies={
        "opened": Provide(session),
        "known": Provide(prices, sync_to_thread=False),
        "placed": Provide(desk, sync_to_thread=False),
    },
    openapi_config=None,
)

if __name__ == "__main__":
    options = {"log_level": "warning", "access_log": False, "timeout_keep_alive": 75}  # as long as aiohttp keeps them
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), **options)
