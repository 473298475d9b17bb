"""Answers that are compressed, and those that are not."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from framework import App
from fw_http import Response, ServerSentEvent
from fw_http.compression import takes_gzip
from fw_http.facade import Http

Web = Callable[..., App]
LONG = "x" * 5_000


async def test_long_texts_are_compressed_where_it_is_wanted(web: Web, serve: Any) -> None:
    app = web(compress=True)
    app.http.route("/long")(lambda: "x" * 5_000)
    app.http.route("/short")(lambda: "x")
    app.http.route("/picture", content_type="image/png")(lambda: b"x" * 5_000)

    @app.facade(Http).route("/events")
    async def events() -> Any:
        yield ServerSentEvent("x" * 5_000).encoded()

    client = await serve(app)
    for path, compressed in (("/long", True), ("/short", False), ("/picture", False), ("/events", False)):
        answer = await client.raw(
            f"GET {path} HTTP/1.1\r\nHost: {client.address[0]}:{client.address[1]}\r\nAccept-Encoding: gzip\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        head, _, body = answer.partition(b"\r\n\r\n")
        assert (b"Content-Encoding: gzip" in head) is compressed, path
        if compressed:
            assert gzip.decompress(body) == b'"' + b"x" * 5_000 + b'"'
            assert b"Vary: Accept-Encoding" in head
    async with client.session.get("/long", headers={"Accept-Encoding": "identity"}) as response:
        assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize(
    "accepted,taken",
    [
        ([], False),
        ([""], False),
        (["gzip"], True),
        (["br, GZIP;q=0.5"], True),
        (["br", "gzip"], True),
        (["x-gzip"], True),
        (["*"], True),
        (["*;q=0.1"], True),
        (["gzip;q=0"], False),
        (["gzip; q=0.000, *"], False),
        (["gzip;q=0.001"], True),
        (["*;q=0"], False),
        (["identity, br, deflate"], False),
        (["gzipped"], False),
        ([";;q=,,;gzip"], False),
    ],
)
def test_gzip_is_sent_to_who_takes_it(accepted: list[str], taken: bool) -> None:
    """aiohttp looks for the word anywhere: ``gzip;q=0`` refuses it, and would get it."""
    assert takes_gzip(accepted) is taken


@pytest.mark.parametrize(
    "headers,compressed,etag",
    [
        ({"ETag": '"abc"'}, True, 'W/"abc"'),
        ({"ETag": 'W/"abc"'}, True, 'W/"abc"'),
        ({"Cache-Control": "no-transform"}, False, None),
        ({"Content-Range": "bytes 0-4999/9000"}, False, None),
    ],
)
async def test_what_a_handler_says_of_its_answer_is_respected(
    web: Web, serve: Any, headers: dict[str, str], compressed: bool, etag: str | None
) -> None:
    app = web(compress=True)

    @app.facade(Http).route("/long")
    async def long() -> Response[str]:
        return Response(LONG, headers=headers)

    async with (await serve(app)).session.get("/long", headers={"Accept-Encoding": "gzip"}) as response:
        assert (response.headers.get("Content-Encoding") == "gzip") is compressed
        assert response.headers.get("ETag") == etag
        assert await response.json() == LONG


async def test_head_of_a_compressed_answer_says_the_same(web: Web, serve: Any) -> None:
    app = web(compress=True)
    app.facade(Http).route("/long")(lambda: LONG)
    client = await serve(app)
    told = []
    for method in ("GET", "HEAD"):
        async with client.session.request(method, "/long", headers={"Accept-Encoding": "gzip"}) as response:
            told.append({name: response.headers.get(name) for name in ("Content-Encoding", "Content-Length", "Vary")})
    assert told[0] == told[1]
    assert told[0]["Content-Encoding"] == "gzip"


async def test_a_file_that_lies_there_compressed_is_served_so(web: Web, serve: Any, tmp_path: Path) -> None:
    """Whatever ``compress`` says; a link beside it that leads outside the folder does not count."""
    (tmp_path / "outside.gz").write_bytes(gzip.compress(b"secret"))
    folder = tmp_path / "assets"
    folder.mkdir()
    for name in ("app.js", "other.js"):
        (folder / name).write_text(LONG, "utf-8")
    (folder / "app.js.gz").write_bytes(gzip.compress(LONG.encode()))
    (folder / "other.js.gz").symlink_to(tmp_path / "outside.gz")
    app = web()
    app.facade(Http).static("/assets", folder)
    client = await serve(app)
    for name, accepted, encoding in (
        ("app.js", "gzip", "gzip"),
        ("app.js", "identity", None),
        ("other.js", "gzip", None),
    ):
        async with client.session.get(f"/assets/{name}", headers={aiohttp.hdrs.ACCEPT_ENCODING: accepted}) as response:
            assert response.headers.get("Content-Encoding") == encoding
            assert await response.text() == LONG
