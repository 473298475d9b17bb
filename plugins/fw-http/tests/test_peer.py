"""Who asks: what proxies say is believed if they are trusted, and as far as they are."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from framework import App, ConfigError, Depends
from fw_http import Peer
from fw_http.facade import Http
from fw_http.proxies import Proxies, bare_address

Web = Callable[..., App]
LOCAL = "127.0.0.0/8"


def telling(app: App) -> App:
    @app.facade(Http).route("/peer")
    async def who(peer: Peer = Depends()) -> dict[str, str]:
        return dataclasses.asdict(peer)

    return app


async def seen(serve: Any, app: App, headers: dict[str, str]) -> list[str]:
    client = await serve(telling(app))
    status, answer = await client.answer("GET", "/peer", headers={"Host": "localhost", **headers})
    assert status == 200
    return list(answer.values())


DIRECT = ["127.0.0.1", "http", "localhost"]


@pytest.mark.parametrize(
    "trusted,headers,expected",
    [
        ([], {}, DIRECT),
        ([], {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}, DIRECT),
        (["10.0.0.0/8"], {"X-Forwarded-For": "192.0.2.1"}, DIRECT),
        ([LOCAL], {}, DIRECT),
        ([LOCAL], {"X-Forwarded-For": "192.0.2.1"}, ["192.0.2.1", "http", "localhost"]),
        ([LOCAL], {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}, ["192.0.2.1", "https", "localhost"]),
        ([LOCAL], {"X-Forwarded-For": "198.51.100.9, 192.0.2.1"}, ["192.0.2.1", "http", "localhost"]),
        (
            [LOCAL, "10.0.0.0/8"],
            {"X-Forwarded-For": "6.6.6.6, 192.0.2.1, 10.0.0.7"},
            ["192.0.2.1", "http", "localhost"],
        ),
        (
            [LOCAL, "10.0.0.0/8"],
            {"X-Forwarded-For": "192.0.2.1, 10.0.0.7", "X-Forwarded-Proto": "https, http"},
            ["192.0.2.1", "https", "localhost"],
        ),
        ([LOCAL], {"X-Forwarded-For": "2001:db8::1"}, ["2001:db8::1", "http", "localhost"]),
        ([LOCAL], {"X-Forwarded-For": "[2001:db8::1]:5"}, ["2001:db8::1", "http", "localhost"]),
        ([LOCAL], {"X-Forwarded-For": "192.0.2.1:80"}, ["192.0.2.1", "http", "localhost"]),
        ([LOCAL], {"X-Forwarded-For": "unknown"}, DIRECT),
        ([LOCAL], {"X-Forwarded-For": "<script>"}, DIRECT),
        ([LOCAL], {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "gopher"}, ["192.0.2.1", "http", "localhost"]),
        (
            [LOCAL],
            {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "evil.example"},
            ["192.0.2.1", "http", "localhost"],
        ),
        (
            [LOCAL],
            {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Host": "app.localhost"},
            ["192.0.2.1", "http", "app.localhost"],
        ),
        ([LOCAL], {"Forwarded": "for=192.0.2.1"}, DIRECT),
    ],
)
async def test_x_forwarded(
    web: Web, serve: Any, trusted: list[str], headers: dict[str, str], expected: list[str]
) -> None:
    assert await seen(serve, web(trusted_proxies=trusted), headers) == expected


@pytest.mark.parametrize(
    "header,expected",
    [
        ("for=192.0.2.1", ["192.0.2.1", "http", "localhost"]),
        ("For=192.0.2.1;Proto=https;host=app.localhost", ["192.0.2.1", "https", "app.localhost"]),
        ('for="[2001:db8::1]:4711";proto=https', ["2001:db8::1", "https", "localhost"]),
        ("for=6.6.6.6, for=192.0.2.1", ["192.0.2.1", "http", "localhost"]),
        ('for="6.6.6.6, for=7.7.7.7", for=192.0.2.1 ; by=10.0.0.1', ["192.0.2.1", "http", "localhost"]),
        ("for=_hidden", DIRECT),
        ("for=unknown", DIRECT),
        ('for="192.0.2.1', DIRECT),
        ("192.0.2.1", DIRECT),
        ("for=192.0.2.1;;", DIRECT),
        ("", DIRECT),
    ],
)
async def test_forwarded(web: Web, serve: Any, header: str, expected: list[str]) -> None:
    app = web(trusted_proxies=[LOCAL], forwarded="forwarded")
    assert await seen(serve, app, {"Forwarded": header, "X-Forwarded-For": "6.6.6.6"}) == expected


@pytest.mark.parametrize(
    "address,trusted",
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("11.1.2.3", False),
        ("fd00::1%eth0", True),
        ("2001:db8::1", False),
        ("nonsense", False),
    ],
)
def test_a_network_is_trusted_or_not(address: str, trusted: bool) -> None:
    assert Proxies(["10.0.0.0/8", "fd00::/8"]).trusts(address) is trusted


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'proxy.example' is no network"):
        Proxies(["proxy.example"])


@pytest.mark.parametrize("text", ["", "a", "1.2.3", "1.2.3.4:999999", "[::1", "1.2.3.4, 5.6.7.8", "0x7f.1"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert bare_address(text) in ("", "::1")
