"""Groups and static files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web as aiohttp_web

from framework import App, BootstrapError, StartupError
from fw_http import Problem, WebSocket
from fw_http.facade import Http

Web = Callable[..., App]
Request = aiohttp_web.Request


@pytest.fixture
def app(web: Web) -> App:
    return web()


def noting(log: list[str], name: str) -> Any:
    async def middleware(request: Request, handler: Any) -> Any:
        log.append(name)
        return await handler(request)

    return middleware


async def test_a_group_has_a_prefix_and_middleware_of_its_own(app: App, serve: Any) -> None:
    log: list[str] = []
    app.add_http_middleware(noting(log, "everywhere"))
    shop = app.facade(Http).group("/shop", tags=["shop"], middleware=[noting(log, "shop")])
    staff = shop.group("/staff", tags=["staff"], middleware=[noting(log, "staff")])
    shop.route("/")(lambda: "entrance")
    shop.route("/items")(lambda: "items")
    staff.route("/till", tags=["money"])(lambda: "till")
    app.http.route("/outside")(lambda: "street")

    @staff.websocket("/radio")
    async def radio(socket: WebSocket) -> None: ...

    client = await serve(app)
    for path, value, passed in (
        ("/shop", "entrance", ["everywhere", "shop"]),
        ("/shop/items", "items", ["everywhere", "shop"]),
        ("/shop/staff/till", "till", ["everywhere", "shop", "staff"]),
        ("/outside", "street", ["everywhere"]),
    ):
        log.clear()
        assert await client.answer("GET", path) == (200, value)
        assert log == passed
    log.clear()
    async with client.session.ws_connect("/shop/staff/radio") as socket:
        assert (await socket.receive()).data == 1000
    assert log == ["everywhere", "shop", "staff"]
    paths = (await client.answer("GET", "/openapi.json"))[1]["paths"]
    assert paths["/shop/staff/till"]["get"]["tags"] == ["shop", "staff", "money"]


async def test_middleware_of_a_group_may_be_a_class_that_is_injected(app: App, serve: Any) -> None:
    class Keys:
        right = "open"

    class Guard:
        def __init__(self, keys: Keys) -> None:
            self.keys = keys

        async def __call__(self, request: Request, handler: Any) -> Any:
            if request.headers.get("X-Key") != self.keys.right:
                raise Problem(401, "Say the word.")
            return await handler(request)

    app.provide(Keys, Keys)
    app.facade(Http).group("/safe", middleware=[Guard]).route("/gold")(lambda: 1)
    client = await serve(app)
    assert await client.problem("GET", "/safe/gold") == (401, "Say the word.")
    assert await client.answer("GET", "/safe/gold", headers={"X-Key": "open"}) == (200, 1)


def test_what_is_no_group_is_refused_where_it_is_declared(app: App) -> None:
    http = app.facade(Http)
    for wrong, said in (
        (lambda: http.group("shop"), "does not start with '/'"),
        (lambda: http.group("/shop", tags="shop"), "is not a list"),
        (lambda: http.group("/shop", middleware=[print]), "is no HTTP middleware"),
        (lambda: http.route("/a", tags=[1]), "is no text"),  # type: ignore[list-item] # that is the point
        (lambda: http.mount("legacy", print), "does not start with '/'"),
        (lambda: http.static("assets", "."), "does not start with '/'"),
    ):
        with pytest.raises(BootstrapError, match=said):
            wrong()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("hunter2")
    folder = tmp_path / "assets"
    (folder / "css").mkdir(parents=True)
    (folder / "css" / "site.css").write_text("body { color: red }")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


async def test_files_of_a_folder_are_served_with_etag_and_ranges(app: App, serve: Any, folder: Path) -> None:
    app.facade(Http).group("/shop").static("/assets", folder)
    client = await serve(app)
    async with client.session.get("/shop/assets/css/site.css") as response:
        assert (response.status, response.content_type) == (200, "text/css")
        assert await response.text() == "body { color: red }"
        tag = response.headers["ETag"]
    async with client.session.get("/shop/assets/css/site.css", headers={"If-None-Match": tag}) as response:
        assert response.status == 304
    async with client.session.get("/shop/assets/css/site.css", headers={"Range": "bytes=0-3"}) as response:
        assert (response.status, await response.text()) == (206, "body")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets/%2e%2e%2fsecret.txt",
        "/assets/css/..%5c..%5csecret.txt",
        "/assets//secret.txt",
        "/assets/link.txt",
        "/assets/%00",
        "/assets/",
        "/assets/css",
        "/assets/nothing",
    ],
)
async def test_nothing_outside_the_folder_is_served(app: App, serve: Any, folder: Path, path: str) -> None:
    app.facade(Http).static("/assets", folder)
    client = await serve(app)
    answer = await client.raw(
        f"GET {path} HTTP/1.1\r\nHost: {client.address[0]}:{client.address[1]}\r\nConnection: close\r\n\r\n".encode()
    )
    assert answer.split(b" ")[1] in (b"400", b"403", b"404")
    assert b"hunter2" not in answer
    assert b"application/problem+json" in answer


async def test_a_folder_that_is_not_there_is_an_error_with_the_place(app: App, tmp_path: Path) -> None:
    app.facade(Http).static("/assets", tmp_path / "nothing")
    with pytest.raises(StartupError, match="is no folder") as caught:
        await app.__aenter__()
    assert __file__ in str(caught.value)
