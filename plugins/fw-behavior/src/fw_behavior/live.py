"""The live page: the application's trees, what their nodes gave, their blackboards, and how that came about.

It stands on its own: it asks this server only, and only under its path.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from aiohttp import web

from framework import App, AppStopping, Depends
from fw_behavior.drawing import title
from fw_behavior.minds import Minds
from fw_behavior.plan import Plan
from fw_behavior.recorder import Recorder
from fw_behavior.tree import BehaviorTree

PAUSE = 0.05
"""Seconds between two messages at least: what is ticked meanwhile comes in one."""
LONGEST = 300
"""Letters of a value that are shown."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class Audience:
    """Those who watch. When the application stops they are told at once, so that it need not wait for them."""

    def __init__(self) -> None:
        self.over = False
        self._news: set[asyncio.Event] = set()

    @contextmanager
    def place(self, recorder: Recorder) -> Iterator[asyncio.Event]:
        """An event that is set after each tick, and at the end."""
        news = asyncio.Event()
        self._news.add(news)
        forget = recorder.listen(news.set)
        try:
            yield news
        finally:
            forget()
            self._news.discard(news)

    def end(self, _: AppStopping | None = None) -> None:
        """It is over."""
        self.over = True
        for news in self._news:
            news.set()


def serve_page(app: App, path: str) -> None:
    """Declare the page's routes."""
    audience = Audience()
    app.handles(AppStopping)(audience.end)

    async def trees(minds: Minds = Depends()) -> list[str]:
        """The names of the running trees."""
        return list(minds.named)

    async def events(tree: str, minds: Minds = Depends()) -> AsyncIterator[str]:
        """What happens in one tree, as server-sent events."""
        if tree not in minds.named:
            raise web.HTTPNotFound(text=f"There is no running tree {tree!r}.")
        async for kind, data in watched(minds.named[tree], audience):
            yield f"event: {kind}\ndata: {json.dumps(data)}\n\n"

    app.http.route(path, hidden=True)(_asset("page.html", "text/html", path))
    app.http.route(f"{path}/page.js", hidden=True)(_asset("page.js", "text/javascript", path))
    app.http.route(f"{path}/page.css", hidden=True)(_asset("page.css", "text/css", path))
    app.http.route(f"{path}/trees", hidden=True)(trees)
    app.http.route(f"{path}/events", content_type="text/event-stream", hidden=True)(events)


def _asset(name: str, content_type: str, base: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def asset(request: web.Request) -> web.StreamResponse:
        text = files("fw_behavior").joinpath("page", name).read_text("utf-8").replace("{{ base }}", base)
        return web.Response(text=text, content_type=content_type, charset="utf-8", headers=HEADERS)

    return asset


async def watched(tree: BehaviorTree, audience: Audience) -> AsyncIterator[tuple[str, Any]]:
    """``tree``: its nodes, where it stood before the first tick that is known, and what each changed; ``ticks``: what
    further ticks did.

    ``tree`` comes again when another subtree was put in, or ticks were forgotten before they could be told.
    """
    recorder = tree.recorder or tree.record(1)
    plan, told = None, 0
    with audience.place(recorder) as news:
        while not audience.over:
            news.clear()
            first = recorder.moments[0].tick if recorder.moments else recorder.ticks + 1
            if tree.plan is not plan or first > told + 1:
                plan, told = tree.plan, recorder.ticks
                yield "tree", {**_whole(plan, recorder, first - 1), "ticks": _since(recorder, first)}
            elif recorder.ticks > told:
                first, told = told + 1, recorder.ticks
                yield "ticks", _since(recorder, first)
            await news.wait()
            if not audience.over:
                await asyncio.sleep(PAUSE)


def _whole(plan: Plan, recorder: Recorder, tick: int) -> dict[str, Any]:
    nodes = [
        {"path": path, "title": title(node), "kind": node.kind, "depth": depth}
        for path, node, depth in zip(plan.paths, plan.nodes, plan.depths, strict=True)
    ]
    statuses = {path: status.name for path, status in recorder.at(tick).items()}
    values = {key: shown(value) for key, value in recorder.values_at(tick).items()}
    return {"nodes": nodes, "tick": tick, "statuses": statuses, "values": values}


def _since(recorder: Recorder, first: int) -> list[dict[str, Any]]:
    return [
        {
            "tick": moment.tick,
            "time": round(moment.time, 3),
            "statuses": {path: status.name for path, status in moment.statuses.items()},
            "values": {key: shown(value) for key, value in moment.values.items()},
            "gone": sorted(moment.gone),
        }
        for moment in recorder.moments
        if moment.tick >= first
    ]


def shown(value: Any) -> str:
    """A value as text; one that cannot be shown does not spoil the page."""
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001 - what a value's own __repr__ raises says nothing of the tree
        return f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
