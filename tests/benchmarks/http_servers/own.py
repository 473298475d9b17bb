"""The routes on fw.

The second argument says what else is on: `hello` and `plain` nothing, `watched` request ids, JSON access log and
metrics, `five` all the plugins an application starts with.
"""

import sys
from typing import Any

from shop import Desk, Order, Prices, Session, session

from framework import App, Depends

port, kind = int(sys.argv[1]), sys.argv[2]
PLUGINS = {
    "hello": ["http"],
    "plain": ["http"],
    "watched": ["http", "logging", "observability"],
    "five": ["http", "config", "di", "logging", "observability"],
}
defaults: dict[str, dict[str, Any]] = {"http": {"port": port}}
if kind in {"watched", "five"}:
    defaults["logging"] = {"format": "json", "access": True, "output": "stderr"}
app = App("bench", plugins=PLUGINS[kind], defaults=defaults)
app.provide(Session, session, lifetime="scoped")
app.provide(Prices, Prices, lifetime="scoped")
app.provide(Desk, Desk, lifetime="scoped")


@app.http.route("/hello")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


if kind in {"plain", "watched"}:

    @app.http.route("/items/{item_id}", methods=["POST"])
    async def order(item_id: int, body: Order, desk: Desk = Depends()) -> dict[str, Any]:
        return desk.place(item_id, body)


if __name__ == "__main__":
    app.run(mode="web")
