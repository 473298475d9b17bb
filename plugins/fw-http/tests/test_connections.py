"""How many connections are taken, and from whom."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from framework import App
from fw_http.connections import most_connections
from fw_http.proxies import Proxies

Web = Callable[..., App]
GET = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"


@asynccontextmanager
async def connected(app: App, origin: str = "127.0.0.1") -> AsyncIterator[tuple[asyncio.StreamReader, Any]]:
    port = int(app.http.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(origin, 0))
    try:
        async with asyncio.timeout(20):
            yield reader, writer
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    writer.write(GET)
    status = int((await reader.readline()).split()[1])
    head = await reader.readuntil(b"\r\n\r\n")
    [length] = [int(line.split()[1]) for line in head.splitlines() if line.startswith(b"Content-Length")]
    body = json.loads(await reader.readexactly(length))
    if status == 200:
        return status
    assert body["status"] == status
    assert await reader.read() == b""
    return status


def hello(app: App) -> App:
    app.http.route("/hello")(lambda: "hello")
    return app


async def test_more_connections_than_allowed_are_turned_away_with_a_503(web: Web) -> None:
    async with hello(web(max_connections=2)) as app, connected(app) as first, connected(app) as second:
        assert await asked(*first) == 200
        assert await asked(*second) == 200
        async with connected(app) as third:
            assert await asked(*third) == 503
        assert await asked(*first) == 200


async def test_a_connection_that_ends_makes_room(web: Web) -> None:
    async with hello(web(max_connections=1)) as app:
        async with connected(app) as first:
            assert await asked(*first) == 200
        status = 503
        while status == 503:  # until the server has seen that the first is gone
            async with connected(app) as next_one:
                status = await asked(*next_one)
        assert status == 200


@pytest.mark.needs("posix")
async def test_each_address_has_a_number_of_its_own(web: Web) -> None:
    app = hello(web(max_connections_per_peer=1))
    async with app, connected(app) as first, connected(app) as second, connected(app, "127.0.0.2") as other:
        assert await asked(*first) == 200
        assert await asked(*second) == 503
        assert await asked(*other) == 200


async def test_trusted_proxies_bring_as_many_clients_as_they_like(web: Web) -> None:
    app = hello(web(max_connections_per_peer=1, trusted_proxies=["127.0.0.0/8"]))
    async with app, connected(app) as first, connected(app) as second:
        assert await asked(*first) == 200
        assert await asked(*second) == 200


async def test_that_the_server_is_full_is_logged_once(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    async with hello(web(max_connections=1)) as app, connected(app) as first:
        assert await asked(*first) == 200
        for _ in range(3):
            async with connected(app) as other:
                assert await asked(*other) == 503
    assert caplog.text.count("more are turned away ([http] max_connections)") == 1


@pytest.mark.needs("posix")
async def test_that_an_address_has_all_it_may_have_is_logged_once_with_the_setting(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    """Many workers behind one router would be turned away without a word that their operator sees."""
    async with hello(web(max_connections_per_peer=1)) as app:
        async with connected(app) as first, connected(app, "127.0.0.2") as second:
            assert [await asked(*first), await asked(*second)] == [200, 200]
            for address in ("127.0.0.1", "127.0.0.1", "127.0.0.2"):
                async with connected(app, address) as other:
                    assert await asked(*other) == 503
        lines = [line for line in caplog.messages if "[http] max_connections_per_peer" in line]
        assert len(lines) == 1
        assert lines[0].startswith("127.0.0.1 has 1 connections open")
        caplog.clear()
        status = 503
        while status == 503:  # until the server has seen that the first is gone
            async with connected(app) as again:
                status = await asked(*again)
                if status == 200:
                    async with connected(app) as other:
                        assert await asked(*other) == 503
        assert "127.0.0.1 has 1 connections open" in caplog.text


class Transport(asyncio.BaseTransport):
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._extra.get(name, default)  # type: ignore[attr-defined]  # asyncio's own


@pytest.mark.parametrize(
    "one,other",
    [
        (("192.0.2.1", 1), ("192.0.2.1", 2)),
        (("2001:db8::1", 1, 0, 0), ("2001:db8::ffff", 2, 0, 0)),
        (("::ffff:192.0.2.1", 1, 0, 0), ("192.0.2.1", 2)),
        (("fe80::1%eth0", 1, 0, 1), ("fe80::2%eth1", 1, 0, 2)),
    ],
)
def test_these_are_counted_together(one: object, other: object) -> None:
    proxies = Proxies([])
    assert proxies.group(Transport({"peername": one})) == proxies.group(Transport({"peername": other})) != ""


def test_an_ipv6_network_of_another_customer_is_counted_for_itself() -> None:
    groups = {Proxies([]).group(Transport({"peername": (f"2001:db8:0:{n}::1", 1, 0, 0)})) for n in range(3)}
    assert len(groups) == 3


@pytest.mark.needs("posix")
def test_no_more_connections_are_taken_than_files_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4096))
    assert most_connections(10_000) == 768
    assert most_connections(100) == 100
