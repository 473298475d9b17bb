"""The routes on FastAPI and uvicorn. All is async: sync dependencies would each go through a thread."""

import sys
from collections.abc import AsyncIterator
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI
from shop import Desk, Order, Prices, Session

app = FastAPI()


async def session() -> AsyncIterator[Session]:
    opened = Session()
    yield opened
    opened.closed = True


async def prices(opened: Annotated[Session, Depends(session)]) -> Prices:
    return Prices(opened)


async def desk(known: Annotated[Prices, Depends(prices)]) -> Desk:
    return Desk(known)


@app.get("/hello")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


@app.post("/items/{item_id}")
async def order(item_id: int, body: Order, placed: Annotated[Desk, Depends(desk)]) -> dict[str, Any]:
    return placed.place(item_id, body)


if __name__ == "__main__":
    options = {"log_level": "warning", "access_log": False, "timeout_keep_alive": 75}  # as long as aiohttp keeps them
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), **options)
