"""The live page: the application's trees, what their nodes gave, their blackboards, and how that came about.

It stands on its own: it asks this server only, and only under its path.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

from framework import App, Depends
from fw_behavior.drawing import title
from fw_behavior.minds import Minds
from fw_behavior.plan import Plan
from fw_behavior.recorder import Recorder
from fw_behavior.tree import BehaviorTree
from fw_http import Problem, Response, ServerSentEvent
from fw_http.facade import Http

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


def serve_page(app: App, path: str) -> None:
    """Declare the page's routes."""
    http = app.facade(Http)
    _asset(http, path, "page.html", "text/html", path)
    _asset(http, f"{path}/page.js", "page.js", "text/javascript", path)
    _asset(http, f"{path}/page.css", "page.css", "text/css", path)

    @http.route(f"{path}/trees", hidden=True)
    async def trees(minds: Minds = Depends()) -> list[str]:
        """The names of the running trees."""
        return list(minds.named)

    @http.route(f"{path}/events", hidden=True)
    async def events(tree: str, minds: Minds = Depends()) -> AsyncIterator[ServerSentEvent]:
        """What happens in one tree."""
        found = minds.named.get(tree)
        if found is None:
            raise Problem(404, f"There is no running tree {tree!r}.")
        async for kind, data in watched(found):
            yield ServerSentEvent(data, kind)


def _asset(http: Http, path: str, name: str, content_type: str, base: str) -> None:
    @http.route(path, content_type=f"{content_type}; charset=utf-8", hidden=True)
    async def asset() -> Response[str]:
        text = files("fw_behavior").joinpath("page", name).read_text("utf-8")
        return Response(text.replace("{{ base }}", base), headers=HEADERS)


async def watched(tree: BehaviorTree) -> AsyncIterator[tuple[str, Any]]:
    """``tree``: its nodes, where it stood before the first tick that is known, and what each changed; ``ticks``: what
    further ticks did.

    ``tree`` comes again when another subtree was put in, or ticks were forgotten before they could be told.
    """
    recorder = tree.recorder or tree.record(1)
    news = asyncio.Event()
    forget = recorder.listen(news.set)
    plan, told = None, 0
    try:
        while True:
            news.clear()
            first = recorder.moments[0].tick if recorder.moments else recorder.ticks + 1
            if tree.plan is not plan or first > told + 1:
                plan, told = tree.plan, recorder.ticks
                yield "tree", {**_whole(plan, recorder, first - 1), "ticks": _since(recorder, first)}
            elif recorder.ticks > told:
                first, told = told + 1, recorder.ticks
                yield "ticks", _since(recorder, first)
            await news.wait()
            await asyncio.sleep(PAUSE)
    finally:
        forget()


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
