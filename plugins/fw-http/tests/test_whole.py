"""Answers sent in one write are the bytes that aiohttp sends."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web as aiohttp_web
from aiohttp.web_response import StreamResponse

from framework import App
from fw_http import Problem, Response
from fw_http.connection import send_now
from fw_http.facade import Http
from fw_http.whole import send_whole

Web = Callable[..., App]


def own(**headers: str) -> aiohttp_web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return aiohttp_web.Response(body=b"own", headers={"X-Own": "yes", **named})


def with_cookie() -> aiohttp_web.Response:
    answer = own()
    answer.set_cookie("a", "b")
    return answer


def chunked() -> aiohttp_web.Response:
    answer = own()
    answer.enable_chunked_encoding()
    return answer


def compressed() -> aiohttp_web.Response:
    answer = own()
    answer.enable_compression(aiohttp_web.ContentCoding.deflate)
    return answer


def closing() -> aiohttp_web.Response:
    answer = own()
    answer.force_close()
    return answer


OWN: dict[str, Callable[[], aiohttp_web.Response]] = {
    "other": own,
    "dated": lambda: own(Date="Thu, 01 Jan 1970 00:00:00 GMT"),
    "typed": lambda: own(Content_Type="a/b"),
    "served": lambda: own(Server="mine"),
    "length": lambda: own(Content_Length="3"),
    "control": lambda: own(X_Own="a\x01b"),
    "empty": lambda: aiohttp_web.Response(body=b""),
    "unchanged": lambda: aiohttp_web.Response(status=304, body=b"own"),
    "reset": lambda: aiohttp_web.Response(status=205, body=b"own"),
    "cookie": with_cookie,
    "chunked": chunked,
    "compressed": compressed,
    "closing": closing,
}


def with_answers(app: App) -> App:
    http = app.facade(Http)

    @http.route("/json")
    async def plain() -> dict[str, Any]:
        return {"text": "naïve", "n": [1, 2.5, None]}

    @http.route("/text", content_type="text/plain")
    async def text() -> str:
        return "ü"

    @http.route("/big")
    async def big() -> list[str]:
        return ["x" * 1000] * 200

    @http.route("/made", methods=["GET", "POST"])
    async def made() -> Response[str]:
        return Response("new", status=201, headers={"Location": "/json", "X-More": "1"})

    @http.route("/nothing")
    async def nothing() -> None: ...

    @http.route("/refused")
    async def refused() -> None:
        raise Problem(409, "It is taken.", headers={"Retry-After": "3"})

    @http.route("/broken")
    async def broken() -> None:
        raise OSError("no")

    @http.route("/own/{kind}")
    async def own(kind: str) -> aiohttp_web.StreamResponse:
        if kind == "redirect":
            raise aiohttp_web.HTTPFound("/json")
        return OWN[kind]()

    @http.route("/now/{kind}")
    async def now(kind: str, request: aiohttp_web.Request) -> aiohttp_web.StreamResponse:
        answer = OWN[kind]()
        await send_now(request, answer)
        assert answer.prepared
        return answer

    return app


TARGETS = (
    *("/json", "/text", "/big", "/made", "/nothing", "/refused", "/broken", "/missing", "/json?x=1"),
    *(f"/own/{kind}" for kind in (*OWN, "redirect")),
    *(f"/now/{kind}" for kind in OWN),
)


def asked(method: str, target: str, *headers: str, version: str = "1.1") -> bytes:
    lines = [f"{method} {target} HTTP/{version}", "Host: localhost", *headers, "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


async def told(client: Any, request: bytes) -> bytes:
    """All bytes of the answer, and of one to a request after it, if there is one; without the time."""
    bytes_ = await client.raw(request + asked("GET", "/json", "Connection: close"))
    return re.sub(rb"Date: (?!Thu, 01 Jan 1970)[^\r]+", b"Date: now", bytes_)


async def test_the_bytes_are_those_of_aiohttp(web: Web, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One server sends whole answers; in the other one something looks at each before it goes, so it may not."""
    whole: list[bool] = []

    def counted(request: Any, answer: Any, put: Any) -> bool:
        whole.append(send_whole(request, answer, put))
        return whole[-1]

    monkeypatch.setattr("fw_http.connection.send_whole", counted)
    quick = await serve(with_answers(web()))
    slow = await serve(with_answers(web(cors_origins=["*"])))
    requests = [asked(method, target) for target in TARGETS for method in ("GET", "HEAD", "POST", "DELETE")]
    requests += [asked("GET", "/json", version="1.0"), asked("GET", "/json", "Connection: keep-alive", version="1.0")]
    for request in requests:
        quickly = await told(quick, request)
        count = len(whole)
        assert quickly == await told(slow, request), request
        assert len(whole) == count, "the other server took the short way too"
    assert sum(whole) > len(TARGETS)


async def test_most_answers_are_sent_whole(web: Web, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = []
    prepare = StreamResponse.prepare

    async def counted(self: StreamResponse, request: Any) -> Any:
        prepared.append(request.path)
        return await prepare(self, request)

    monkeypatch.setattr(StreamResponse, "prepare", counted)
    client = await serve(with_answers(web()))
    for target in ("/json", "/text", "/big", "/made", "/own/other", "/refused", "/missing"):
        async with client.session.get(target) as answer:
            assert await answer.read()
    assert prepared == []
    assert await client.answer("GET", "/nothing") == (204, None)
    assert prepared == ["/nothing"]


async def test_a_header_that_would_be_two_is_not_sent(web: Web, serve: Any) -> None:
    app = web()

    @app.facade(Http).route("/")
    async def evil() -> Response[str]:
        return Response("x", headers={"X-A": "1\r\nX-B: 2"})

    client = await serve(app)
    assert (await client.problem("GET", "/"))[0] == 500
