"""Pages of other sites: what a browser is told that they may do, and that it believes it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framework import App, ConfigError
from fw_http import Response
from fw_http.facade import Http
from fw_http.origins import Origins
from fw_testing.browser import chromium

Web = Callable[..., App]

SHOP = {"Origin": "https://shop.example"}
EVIL = {"Origin": "https://evil.example"}


@pytest.fixture
def cross(web: Web) -> App:
    app = web(cors_origins=["https://shop.example"], cors_credentials=True)
    app.http.route("/a", methods=["PUT", "GET"])(lambda: 1)
    app.http.route("/fail")(lambda: 1 / 0)

    @app.facade(Http).route("/events")
    async def events() -> Any:
        yield b"x"

    return app


@pytest.mark.parametrize("path", ["/a", "/events", "/fail", "/nothing"])
async def test_pages_of_named_sites_may_read_every_answer(cross: App, serve: Any, path: str) -> None:
    client = await serve(cross)
    async with client.session.get(path, headers=SHOP) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        assert response.headers["Access-Control-Allow-Credentials"] == "true"
        assert response.headers["Vary"] == "Origin"
    for headers in (EVIL, {}):
        async with client.session.get(path, headers=headers) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
            assert response.headers["Vary"] == "Origin"


async def test_a_preflight_is_answered_for_named_sites(cross: App, serve: Any) -> None:
    client = await serve(cross)
    asking = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "X-Token, content-type"}
    async with client.session.options("/a", headers={**SHOP, **asking}) as response:
        assert response.status == 204
        assert "PUT" in response.headers["Access-Control-Allow-Methods"]
        assert response.headers["Access-Control-Allow-Headers"] == "X-Token, content-type"
    async with client.session.options("/a", headers={**EVIL, **asking}) as response:
        assert response.status == 204
        assert not [name for name in response.headers if name.startswith("Access-Control")]


async def test_all_sites_may_be_named_by_a_star(web: Web, serve: Any) -> None:
    app = web(cors_origins=["*"])
    app.http.route("/a")(lambda: 1)
    async with (await serve(app)).session.get("/a", headers=EVIL) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in response.headers


@pytest.mark.parametrize(
    "origin,allowed",
    [
        ("https://a.shop.example", True),
        ("https://b.a.shop.example", True),
        ("https://shop.example", False),
        ("http://a.shop.example", False),
        ("https://a.shop.example:8443", False),
        ("https://a.shop.example.evil.example", False),
        ("https://evil.example/.shop.example", False),
        ("https://.shop.example", False),
        ("https://fork.example:8443", True),
        ("https://fork.example", False),
        ("null", False),
        (None, False),
    ],
)
def test_all_below_a_name_may_be_meant(origin: str | None, allowed: bool) -> None:
    assert Origins(["https://*.shop.example", "https://fork.example:8443"]).allow(origin) is allowed


@pytest.mark.parametrize(
    "origin",
    ["https://shop.example/", "shop.example", "https://Shop.example", "https://*", "null", "", "*.shop.example"],
)
def test_what_no_browser_would_send_is_refused(web: Web, origin: str) -> None:
    """A slash at the end is the usual slip, and would let nobody in without a word."""
    with pytest.raises(ConfigError, match="cors_origins must be like"):
        web(cors_origins=[origin]).bootstrap()


def test_all_sites_with_cookies_are_refused_and_so_is_what_is_no_header(web: Web) -> None:
    with pytest.raises(ConfigError, match="name the sites"):
        web(cors_origins=["*"], cors_credentials=True).bootstrap()
    with pytest.raises(ConfigError, match="cors_expose must be names of headers such as 'Location', not 'X: 1'"):
        web(cors_expose=["X: 1"]).bootstrap()


@pytest.mark.needs("chromium")
async def test_a_browser_lets_the_pages_of_named_sites_read_and_no_others(web: Web, serve: Any, tmp_path: Path) -> None:
    """A page of one server asks another; the browser decides by what that answers."""
    shop, evil = web(docs=""), web(docs="")
    for site in (shop, evil):
        site.facade(Http).route("/", content_type="text/html")(lambda: "<p>hello</p>")
    pages = [(await serve(site)).url for site in (shop, evil)]
    asked = web(cors_origins=[pages[0]], cors_credentials=True, cors_expose=["Location"])

    @asked.facade(Http).route("/items", methods=["PUT"], status=201)
    async def put(body: int) -> Response[int]:
        return Response(body, headers={"Location": "/items/1", "X-Hidden": "1"})

    url = (await serve(asked)).url
    ask = (
        f"fetch('{url}/items', {{method: 'PUT', credentials: 'include', body: '3', headers: "
        "{'Content-Type': 'application/json', 'X-Token': 't'}}).then(async answer => [await answer.json(), "
        "answer.headers.get('Location'), answer.headers.get('X-Hidden')].join(), error => error.name)"
    )
    async with chromium(tmp_path / "profile") as page:
        for site, found in zip(pages, ("3,/items/1,", "TypeError"), strict=True):
            await page.open(site)
            await page.until(f"document.body && document.body.innerText === 'hello' && location.href === '{site}/'")
            assert await page.value(ask) == found
