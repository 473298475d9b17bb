"""The page that shows the operations: it is whole, asks nothing of other servers, and tries operations out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field

from framework import App
from fw_http import Header, Upload
from fw_http.facade import Http
from fw_testing.browser import chromium

Web = Callable[..., App]


@dataclass
class Item:
    name: Annotated[str, Field(min_length=1)]
    price: float = 1.5


@pytest.fixture
def app(web: Web) -> App:
    app = web(title="Shop <script>alert(1)</script>", version="1.2")
    shop = app.facade(Http).group("/shop", tags=["shop"])

    @shop.route("/items/{number}", methods=["PUT"])
    async def replace(
        number: int, item: Item, x_token: Annotated[str, Header("X-Token")], dry: bool = False
    ) -> list[Any]:
        """Put an item in its place <img src=x onerror=alert(1)>."""
        return [number, item.name, item.price, x_token, dry]

    @shop.route("/pictures", methods=["POST"])
    async def picture(file: Upload) -> str:
        return file.filename

    @app.facade(Http).route("/hello")
    async def hello() -> str:
        """Say hello."""
        return "hello"

    return app


async def test_its_parts_ask_nothing_of_other_servers_and_run_no_code_of_others(app: App) -> None:
    async with app.test_client() as client:
        page = await client.get("/docs")
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
        assert "unsafe" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert linked == ["data:,", "/docs/docs.css", "/openapi.json", "/openapi.json", "/docs/docs.js"]
        for path in ("/docs/docs.css", "/docs/docs.js"):
            part = await client.get(path)
            assert part.status == 200
            assert not re.search(r"https?://|innerHTML|eval\(", part.text)


async def test_it_follows_its_path(web: Web) -> None:
    async with web(docs="/help/api", openapi="/help/schema").test_client() as client:
        page = await client.get("/help/api")
        assert 'src="/help/api/docs.js"' in page.text
        assert 'data-openapi="/help/schema"' in page.text
        assert (await client.get("/help/api/docs.js")).status == 200


@pytest.mark.needs("chromium")
async def test_a_browser_shows_the_operations_and_tries_them_out(app: App, tmp_path: Path) -> None:
    async with app.test_client() as client, chromium(tmp_path / "profile") as page:
        await page.open(f"{client.url}/docs")
        await page.until("document.querySelectorAll('details').length == 3")
        assert await page.value("document.title") == "Shop <script>alert(1)</script>"
        assert await page.value("document.querySelectorAll('main img, h1 script').length") == 0
        assert await page.value("[...document.querySelectorAll('h2')].map(each => each.textContent)") == ["shop"]

        await page.value("document.querySelector('#replace summary').click()")
        card = "document.getElementById('replace')"
        body = await page.value(f"{card}.querySelector('textarea').value")
        assert body.split() == ["{", '"name":', '"text",', '"price":', "1.5", "}"]
        for name, text in (("number", "7"), ("X-Token", "key"), ("dry", "true")):
            await page.value(f"{card}.querySelector('input[name={name}]').value = '{text}'")
        await page.value(f"{card}.querySelector('button').click()")
        shown = await page.until(f"{card}.querySelector('pre').dataset.status && {card}.querySelector('pre').innerText")
        assert shown.startswith("200 OK (")
        assert [line.strip(" ,") for line in shown.splitlines()[-7:]] == [
            "[",
            "7",
            '"text"',
            "1.5",
            '"key"',
            "true",
            "]",
        ]

        await page.value(f"{card}.querySelector('input[name=number]').value = 'seven'")
        await page.value(f"{card}.querySelector('button').click()")
        shown = await page.until(
            f"{card}.querySelector('pre').dataset.status == '422' && {card}.querySelector('pre').innerText"
        )
        assert "must be a whole number" in shown
        (tmp_path / "docs.png").write_bytes(await page.picture())

        await page.value("document.getElementById('filter').value = 'hello'")
        await page.value("document.getElementById('filter').dispatchEvent(new Event('input'))")
        visible = "[...document.querySelectorAll('details')].filter(each => !each.hidden).map(each => each.id)"
        assert await page.value(visible) == ["hello"]

        asked = {
            event["params"]["request"]["url"] for event in page.events if event["method"] == "Network.requestWillBeSent"
        }
        assert all(url.startswith((client.url, "data:")) for url in asked), asked
        errors = [event for event in page.events if event["method"] in ("Runtime.exceptionThrown", "Log.entryAdded")]
        unexpected = [event for event in errors if "422" not in str(event)]
        assert unexpected == [], unexpected
