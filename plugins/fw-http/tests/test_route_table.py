"""Paths that are looked up are matched as aiohttp matches them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web as aiohttp_web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from framework import App
from fw_http.facade import Http
from fw_http.route_table import RouteTable

Web = Callable[..., App]

METHODS = ("GET", "POST", "*")
TEXTS = ("a", "b", "a.b", ".a", "x{p}", "{p}", "{q}", "{p:a.*}", "{p:[^/]+/b}", "{p:.*}", "")
ASKED = ("a", "b", "a.b", ".a", "xa", "c", "", "%61", "a?b", "ü", "~", "..")
ROUTES = st.lists(
    st.tuples(st.sampled_from(METHODS), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)), max_size=8
)


async def nobody(_: aiohttp_web.Request) -> aiohttp_web.StreamResponse:
    raise AssertionError


def router(routes: list[tuple[str, list[str]]]) -> aiohttp_web.UrlDispatcher:
    made = aiohttp_web.UrlDispatcher()
    for method, parts in routes:
        named = [part.replace("p", f"p{n}").replace("q", f"q{n}") for n, part in enumerate(parts)]
        try:
            made.add_route(method, "/" + "/".join(named), nobody)
        except (RuntimeError, ValueError):
            continue  # aiohttp refuses some: a method that is there already
    return made


@given(ROUTES, st.lists(st.sampled_from(ASKED), min_size=1, max_size=3), st.sampled_from(("GET", "POST", "PUT")))
async def test_what_is_found_is_what_the_router_finds(
    routes: list[tuple[str, list[str]]], parts: list[str], method: str
) -> None:
    asked = router(routes)
    target = "/" + "/".join(parts)
    found = RouteTable(asked.resources()).find(method, target)
    if found is not None:
        match = await asked.resolve(make_mocked_request(method, target))
        assert (match.route, dict(match)) == (found.route, dict(found))


@pytest.mark.parametrize(
    "path, target, wanted",
    [
        ("/a", "/a", {}),
        ("/a/{p}", "/a/1-b.c~_", {"p": "1-b.c~_"}),
        ("/a/b/{long_name}", "/a/b/x", {"long_name": "x"}),
    ],
)
def test_plain_paths_and_a_last_parameter_are_found(path: str, target: str, wanted: dict[str, str]) -> None:
    made = aiohttp_web.UrlDispatcher()
    route = made.add_route("GET", path, nobody)
    made.add_route("GET", "/a/{p}/more", nobody)
    found = RouteTable(made.resources()).find("GET", target)
    assert found is not None
    assert (found.route, dict(found)) == (route, wanted)


@pytest.mark.parametrize(
    "path",
    ["/a/..", "/a/.b", "/a/", "/a/b/c", "/a/%62", "/a/b?c", "/a/b#c", "/a/b;c", "/a/ü", "/a/\u0131", "a/b", "b", ""],
)
def test_what_needs_a_look_is_left_to_the_router(path: str) -> None:
    made = aiohttp_web.UrlDispatcher()
    made.add_get("/a/{p}", nobody)
    assert RouteTable(made.resources()).find("GET", path) is None


def test_domains_are_left_to_the_router() -> None:
    application = aiohttp_web.Application()
    application.router.add_get("/a", nobody)
    application.add_domain("other.example", aiohttp_web.Application())
    assert RouteTable(application.router.resources()).find("GET", "/a") is None


def asked(method: str, target: str) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode()


PATHS = (
    "/a",
    "/a/",
    "/b",
    "/{_name}",
    "/a/{_name}",
    "/b/{_name}",
    "/b/{_name}/d",
    "/files/{_name:.*}",
    "/",
    "/ü",
    "/a.b~c-d_e",
)


def naming(path: str) -> Callable[[], str]:
    return lambda: path


@pytest.mark.parametrize("order", [PATHS, PATHS[::-1]])
async def test_paths_are_matched_as_aiohttp_matches_them(
    web: Web, serve: Any, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    """With and without the table of paths that are looked up at once."""

    def routed() -> App:
        app = web()
        for path in order:
            app.facade(Http).route(path, methods=["GET", "POST"])(lambda path=path: path)
        return app

    quick = await serve(routed())
    targets = (
        "/a",
        "/a/",
        "/a?x",
        "/%61",
        "/b",
        "/b/",
        "/c",
        "/a/c",
        "/a//c",
        "/b/c",
        "/b/c/",
        "/b/c/d",
        "/b/.c",
        "/b/c?d",
        "//a",
        "/files/a/b",
        "/files/",
        "/files",
    )
    for target in (*targets, "/", "/%C3%BC", "/a.b~c-d_e", "/a%2Fb", "/a;b", "/A"):
        for method in ("GET", "POST", "PUT", "HEAD"):
            found = [await quick.raw(asked(method, target))]
            with monkeypatch.context() as without:
                without.setattr(RouteTable, "find", lambda *_: None)
                found.append(await quick.raw(asked(method, target)))
            first, second = [re.sub(rb"Date: [^\r]+", b"Date: now", answer) for answer in found]
            assert first == second, (method, target)
