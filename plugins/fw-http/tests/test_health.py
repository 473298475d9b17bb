"""What whoever watches over an application is told."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from framework import App, BootstrapError, Component, StartupError
from fw_http import probes
from fw_http.health_server import HealthServer

Web = Callable[..., App]


class Database(Component):
    wrong: str | None = None
    asked = 0

    def health(self) -> str | None:
        self.asked += 1
        return self.wrong


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Components are asked each time."""
    monkeypatch.setattr(probes, "FRESH", 0.0)


@pytest.mark.parametrize("name", ["live", "ready", "startup"])
async def test_all_is_well(web: Web, serve: Any, name: str) -> None:
    client = await serve(web())
    async with client.session.get(f"/health/{name}?verbose") as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.json() == {"status": "ok"}
    async with client.session.head(f"/health/{name}") as response:
        assert response.status == 200
        assert await response.read() == b""


async def test_an_ill_component_is_named_and_not_explained(web: Web, serve: Any, fresh: None) -> None:
    app, database = web(), Database()
    app.register(database)
    client = await serve(app)
    database.wrong = "password hunter2 refused"
    status, answer = await client.answer("GET", "/health/ready")
    assert (status, answer["failing"], answer["status"]) == (503, ["application:Database"], 503)
    assert "hunter2" not in str(answer)
    for name in ("live", "startup"):
        assert (await client.answer("GET", f"/health/{name}"))[0] == 200
    database.wrong = None
    assert (await client.answer("GET", "/health/ready"))[0] == 200


async def test_details_are_told_where_that_is_configured(web: Web, serve: Any, fresh: None) -> None:
    app, database = web(health_details=True), Database()
    app.register(database)
    database.wrong = "no connection"
    status, answer = await (await serve(app)).answer("GET", "/health/ready")
    assert (status, answer["failing"]) == (503, {"application:Database": "no connection"})


async def test_components_are_asked_once_however_many_ask(
    web: Web, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fw_http.probes.FRESH", 60.0)  # so that it does not matter how long twenty take
    app, database = web(), Database()
    app.register(database)
    client = await serve(app)
    await asyncio.gather(*(client.answer("GET", "/health/ready") for _ in range(20)))
    assert database.asked == 1


async def test_whether_it_lives_does_not_wait_for_components(web: Web, serve: Any) -> None:
    app, asked = web(), asyncio.Event()

    class Slow(Component):
        async def health(self) -> str | None:
            asked.set()
            await asyncio.Event().wait()
            return None

    app.register(Slow)
    client = await serve(app)
    asking = asyncio.ensure_future(client.answer("GET", "/health/ready"))
    await asked.wait()
    assert (await client.answer("GET", "/health/live"))[0] == 200
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_probes_are_answered_for_any_host(web: Web, serve: Any) -> None:
    client = await serve(web(hosts=["shop.example"]))
    assert (await client.answer("GET", "/health/live", headers={"Host": "10.1.2.3:8000"}))[0] == 200
    assert (await client.answer("GET", "/", headers={"Host": "10.1.2.3:8000"}))[0] == 421


async def test_a_probe_is_only_read(web: Web, serve: Any) -> None:
    client = await serve(web())
    assert await client.problem("POST", "/health/live") == (405, "A probe answers GET and HEAD.")
    assert (await client.problem("GET", "/health/other"))[0] == 404
    assert (await client.problem("GET", "/health"))[0] == 404


async def test_they_may_have_another_place_or_none(web: Web, serve: Any) -> None:
    client = await serve(web(health="/_status/"))
    assert (await client.answer("GET", "/_status/live"))[0] == 200
    client = await serve(web(health=""))
    assert (await client.problem("GET", "/health/live"))[0] == 404


async def test_a_route_in_their_place_is_refused(web: Web) -> None:
    app = web()
    app.http.route("/health/live")(lambda: "mine")
    with pytest.raises((BootstrapError, StartupError), match=r"/health/live.* probes"):
        await app.__aenter__()


async def test_on_an_address_of_their_own_they_are_answered_while_the_application_starts_and_stops(web: Web) -> None:
    app, go_on, starting, stopping = web(health_listen="127.0.0.1:0"), asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Slow(Component):
        def __init__(self, health: HealthServer) -> None:
            self.health_server = health

        async def start(self) -> None:
            starting.set()
            await go_on.wait()

        async def stop(self) -> None:
            stopping.set()
            await go_on.wait()

    app.register(Slow)
    begun = asyncio.create_task(app.__aenter__())
    await starting.wait()
    url = (await app.container.resolve(HealthServer)).url

    async with aiohttp.ClientSession(url) as session:

        async def found() -> list[int]:
            return [await status(session, name) for name in ("live", "ready", "startup")]

        assert await found() == [200, 503, 503]
        assert await status(session, "../hello") == 404
        go_on.set()
        await begun
        assert await found() == [200, 200, 200]
        go_on.clear()
        ending = asyncio.create_task(app.stop())
        await stopping.wait()
        assert (await found())[1] == 503
        go_on.set()
        await ending
        with pytest.raises(aiohttp.ClientConnectorError):
            await found()


async def status(session: aiohttp.ClientSession, name: str) -> int:
    async with session.get(f"/health/{name}") as response:
        return response.status


async def test_an_address_that_is_none_is_refused(web: Web) -> None:
    with pytest.raises(StartupError, match=r"cannot listen on '9000'"):
        await web(health_listen="9000").start()


async def test_probes_leave_no_task_behind(web: Web, serve: Any, caplog: pytest.LogCaptureFixture) -> None:
    before = asyncio.all_tasks()
    app = web()
    client = await serve(app)
    await client.answer("GET", "/health/ready")
    await app.stop()
    await client.session.close()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
