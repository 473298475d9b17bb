"""Requests are measured by route template; what clients make up adds no series."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web as aiohttp_web

from framework import App
from fw_http import Problem
from fw_http.facade import Http

Web = Callable[..., App]
DURATION = "http_request_duration_seconds_count"


def with_routes(app: App) -> App:
    async def item(number: int) -> dict[str, int]:
        if number == 0:
            raise Problem(410, "It is gone.")
        if number == 1:
            raise OSError("secret")
        if number == 2:
            raise aiohttp_web.HTTPFound("/items/3")
        return {"number": number}

    app.facade(Http).route("/items/{number}", methods=["GET", "POST"])(item)
    return app


async def test_requests_are_counted_by_method_route_and_status(web: Web, serve: Any) -> None:
    client = await serve(with_routes(web()))
    for number in (0, 1, 2, 3, 3, 4):
        await client.status("GET", f"/items/{number}", allow_redirects=False)
    await client.status("POST", "/items/5")
    page = await client.scrape()

    def count(method: str, status: str, route: str = "/items/{number}") -> float:
        return float(page.value(DURATION, method=method, route=route, status=status))

    assert [count("GET", status) for status in ("410", "500", "302", "200")] == [1, 1, 1, 3]
    assert count("POST", "200") == 1
    assert page.value("http_request_duration_seconds_sum", method="GET", route="/items/{number}", status="200") > 0
    assert page.value("http_requests_in_flight") == 1, "the page itself"
    assert "secret" not in page.text


async def test_ten_thousand_random_paths_and_made_up_methods_add_no_series(web: Web, serve: Any) -> None:
    """Nothing that a client chooses freely is a label."""
    client = await serve(with_routes(web()))

    async def ask(numbers: range) -> None:
        for number in numbers:
            assert await client.status("GET", f"/{number:x}/x?y={number}") == 404

    await asyncio.gather(*(ask(range(start, start + 500)) for start in range(0, 10_000, 500)))
    for method in ("PROPFIND", "MKCOL", "LOCK", "PURGE", "REPORT"):
        assert await client.status(method, "/items/3") == 501  # the door refuses them before anything counts
    await client.status("DELETE", "/items/3")
    page = await client.scrape()
    assert page.value(DURATION, method="GET", route="unmatched", status="404") == 10_000
    assert page.value(DURATION, method="DELETE", route="unmatched", status="405") == 1
    assert page.labels_of(DURATION, "route") == {"unmatched"}
    assert len([key for key in page.samples if key[0] == DURATION]) == 2


async def test_what_the_door_refuses_is_counted_by_status(web: Web, serve: Any) -> None:
    client = await serve(with_routes(web()))
    for _ in range(2):
        assert await client.status("PURGE", "/items/3") == 501
    assert await client.status("GET", "/items/3", headers={"Host": "evil.example"}) == 421
    page = await client.scrape()
    assert page.value("http_requests_refused_total", status="501") == 2
    assert page.value("http_requests_refused_total", status="421") == 1
    assert page.labels_of(DURATION, "route") == set()


async def test_status_classes_can_be_chosen(web: Web, serve: Any) -> None:
    client = await serve(with_routes(web(http_status="class")))
    for number in (0, 1, 3, 4):
        await client.status("GET", f"/items/{number}")
    page = await client.scrape()
    assert page.labels_of(DURATION, "status") == {"2xx", "4xx", "5xx"}


async def test_requests_in_flight_are_seen(web: Web, serve: Any) -> None:
    app = web()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        await go_on.wait()

    app.facade(Http).route("/slow")(slow)
    client = await serve(app)
    asking = asyncio.create_task(client.status("GET", "/slow"))
    await begun.wait()
    assert (await client.scrape()).value("http_requests_in_flight") == 2
    go_on.set()
    assert await asking == 204
    assert (await client.scrape()).value("http_requests_in_flight") == 1


async def test_a_request_that_is_cancelled_is_counted_as_such(web: Web, serve: Any) -> None:
    app = web()

    async def cancelled() -> None:
        raise asyncio.CancelledError

    app.facade(Http).route("/gone", methods=["POST"])(cancelled)
    client = await serve(app)
    assert await client.status("POST", "/gone") == 500
    page = await client.scrape()
    assert page.value(DURATION, method="POST", route="/gone", status="cancelled") == 1
    assert page.value("http_requests_in_flight") == 1


@pytest.mark.parametrize("settings,names", [({"http": False}, {"/metrics"}), ({"enabled": False}, set())])
async def test_they_are_not_measured_where_that_is_switched_off(
    web: Web, serve: Any, settings: dict[str, bool], names: set[str]
) -> None:
    client = await serve(with_routes(web(**settings)))
    await client.status("GET", "/items/3")
    assert await client.status("GET", "/metrics") == (200 if names else 404)
    if names:
        assert "http_request" not in (await client.scrape()).text
