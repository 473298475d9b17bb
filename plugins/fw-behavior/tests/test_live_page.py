"""The live page: what it is told, and what a browser shows of it."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from framework import App, BootstrapError
from fw_behavior import (
    RUNNING,
    AlwaysFailure,
    BehaviorTree,
    Blackboard,
    ScriptNode,
    Selector,
    Sequence,
    Status,
    condition,
)
from fw_behavior.facade import Behavior
from fw_behavior.live import LONGEST, Audience, shown, watched
from fw_behavior.minds import Minds
from fw_testing.browser import chromium
from fw_testing.harness import app_with


def bear() -> BehaviorTree:
    @condition(reads=["hunger"])
    def is_hungry(bb: Any) -> bool:
        return bool(bb["hunger"] > 5)

    def eat(bb: Any) -> Status:
        bb["hunger"] -= 2
        return RUNNING if bb["hunger"] > 0 else Status.SUCCESS

    dinner = Sequence(is_hungry, eat, name="dinner <b>")
    return BehaviorTree(Selector(dinner, ScriptNode("mode := 'wander'")), Blackboard({"hunger": 3}))


@pytest.fixture
def app() -> App:
    app = app_with("behavior", "http", defaults={"behavior": {"page": "/minds", "history": 50}})
    app.facade(Behavior).tree(bear)
    return app


async def tree_of(app: App) -> BehaviorTree:
    """The tree, when it has been ticked."""
    ticked = asyncio.Event()
    minds = app.container.get(Minds)
    async with asyncio.timeout(5):
        for _ in range(3):  # turns of the loop: its task begins, it is made, it is ticked
            await asyncio.sleep(0)
        tree = minds.named["bear"]
        if tree.status is Status.IDLE:
            tree.blackboard.observe(None, lambda *_: ticked.set())
            await ticked.wait()
    return tree


async def test_what_is_told_adds_up_to_every_tick() -> None:
    tree = bear()
    tree.record(3)
    for tick, hunger in enumerate((1, 9, 7, 2, 6)):
        tree.blackboard["hunger"] = hunger
        tree.tick(tick)
    async with aclosing(watched(tree, Audience())) as told:  # type: ignore[type-var]
        kind, whole = await anext(told)
        assert (kind, whole["tick"]) == ("tree", 2)
        assert [node["depth"] for node in whole["nodes"]] == [0, 1, 2, 2, 1]
        assert whole["values"] == {"hunger": "7", "mode": "'wander'"}
        assert [each["tick"] for each in whole["ticks"]] == [3, 4, 5]
        del tree.blackboard["mode"]
        tree.tick(6)
        [tick] = (await anext(told))[1]
        assert (tick["tick"], tick["gone"]) == (6, ["mode"])
        assert tick["statuses"].items() <= {path: status.name for path, status in tree.statuses.items()}.items()


async def test_another_subtree_and_forgotten_ticks_are_told_as_a_whole() -> None:
    tree = bear()
    tree.record(2)
    async with aclosing(watched(tree, Audience())) as told:  # type: ignore[type-var]
        assert (await anext(told))[0] == "tree"
        tree.swap("Selector/Script", AlwaysFailure())
        tree.tick(0)
        kind, whole = await anext(told)
        assert (kind, whole["nodes"][-1]["path"]) == ("tree", "Selector/AlwaysFailure")
        assert [each["tick"] for each in whole["ticks"]] == [1]
        for tick in range(5):
            tree.tick(tick)
        kind, whole = await anext(told)
        assert (kind, whole["tick"]) == ("tree", 4)


def test_a_value_that_cannot_be_shown_does_not_spoil_the_page() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("odd")

    assert shown(Odd()) == "<Odd: its repr raised ValueError>"
    assert len(shown("x" * 1000)) == LONGEST


async def test_its_parts_ask_nothing_of_other_servers(app: App) -> None:
    async with app.test_client() as client:
        page = await client.get("/minds")
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert linked == ["data:,", "/minds/page.css", "/minds/page.js"]
        for path in linked[1:]:
            part = await client.get(path)
            assert part.status == 200
            assert not re.search(r"https?://|innerHTML|eval\(", part.text)
        assert (await client.get("/minds/trees")).json() == ["bear"]
        assert (await client.get("/minds/events?tree=wolf")).status == 404
        assert "/minds" not in (await client.get("/openapi.json")).text


async def test_events_come_as_the_tree_is_ticked_and_end_with_the_application(app: App) -> None:
    async with app.test_client() as client, aiohttp.ClientSession() as session:
        tree = await tree_of(app)
        async with session.get(f"{client.url}/minds/events?tree=bear") as stream:
            read = stream.content.readline
            assert await read() == b"event: tree\n"
            assert json.loads((await read()).removeprefix(b"data: "))["nodes"][0]["path"] == "Selector"
            tree.blackboard["hunger"] = 9
            assert [await read() for _ in range(2)] == [b"\n", b"event: ticks\n"]
            told = json.loads((await read()).removeprefix(b"data: "))
            assert told[0]["statuses"]["Selector"] == "RUNNING"
            stopping = asyncio.create_task(app.stop())
            async with asyncio.timeout(10):
                await stream.content.read()
                await stopping


def test_a_page_without_a_server_is_refused() -> None:
    app = app_with("behavior", defaults={"behavior": {"page": "/minds"}})
    with pytest.raises(BootstrapError, match=r"page = '/minds' cannot be served.*http is off"):
        app.bootstrap()


async def test_without_a_path_there_is_no_page_and_nothing_is_recorded() -> None:
    app = app_with("behavior", "http")
    app.facade(Behavior).tree(bear)
    async with app.test_client() as client:
        assert (await tree_of(app)).recorder is None
        assert (await client.get("/behavior")).status == 404


@pytest.mark.needs("chromium")
async def test_a_browser_shows_the_tree_follows_it_and_goes_back(app: App, tmp_path: Path) -> None:
    async with app.test_client() as client, chromium(tmp_path / "profile") as page:
        tree = await tree_of(app)
        await page.open(f"{client.url}/minds")
        await page.until("document.querySelectorAll('#nodes li').length == 5")
        shown_statuses = "[...document.querySelectorAll('#nodes li')].map(each => each.dataset.status)"
        await page.until(f"{shown_statuses}[0] == 'SUCCESS'")
        assert await page.value("document.querySelectorAll('#nodes b').length") == 0
        first = await page.value(shown_statuses)

        tree.blackboard["hunger"] = 9
        hunger = "document.querySelector('tr[data-key=hunger]').lastChild.textContent"
        await page.until(f"{hunger} == '-1' && {shown_statuses}[0] == 'SUCCESS'")  # a bear eats fast
        (tmp_path / "live.png").write_bytes(await page.picture())

        async def go_to(tick: int) -> None:
            await page.value(f"document.getElementById('tick').value = {tick}")
            await page.value("document.getElementById('tick').dispatchEvent(new Event('input'))")

        await go_to(5)
        await page.until(f"{hunger} == '1' && {shown_statuses}[0] == 'RUNNING'")
        await page.value("document.getElementById('back').click()")
        await page.until(f"{hunger} == '3'")
        assert await page.value("document.getElementById('live').checked") is False
        assert (await page.value("document.getElementById('at').textContent")).startswith("4 of 7, at ")
        (tmp_path / "back.png").write_bytes(await page.picture())
        await go_to(1)
        await page.until(f"{hunger} == '3' && {shown_statuses}[0] == 'SUCCESS'")
        assert await page.value(shown_statuses) == first
        await page.value("document.getElementById('live').click()")
        await page.until(f"{hunger} == '-1'")

        asked = {
            event["params"]["request"]["url"] for event in page.events if event["method"] == "Network.requestWillBeSent"
        }
        assert all(url.startswith((f"{client.url}/minds", "data:")) for url in asked), asked
        faults = [event for event in page.events if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
        assert faults == []
