"""The routes on BlackSheep and uvicorn."""

import sys
from typing import Any

import uvicorn
from blacksheep import Application, FromJSON
from shop import Desk, Order, Prices, Session

app = Application()
app.services.add_scoped(Session)
app.services.add_scoped(Prices)
app.services.add_scoped(Desk)


@app.router.get("/hello")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


@app.router.post("/items/{item_id}")
async def order(item_id: int, data: FromJSON[Order], placed: Desk) -> dict[str, Any]:
    return placed.place(item_id, data.value)


if __name__ == "__main__":
    options = {"log_level": "warning", "access_log": False, "timeout_keep_alive": 75}  # as long as aiohttp keeps them
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), **options)
