"""The names that a server answers to."""

from collections.abc import Callable
from typing import Any

import pytest

from framework import App, ConfigError, StartupError
from fw_http.hosts import LOOPBACK_NAMES, Hosts, is_loopback

Web = Callable[..., App]


@pytest.mark.parametrize(
    "patterns,host,allowed",
    [
        (["shop.example"], "shop.example", True),
        (["shop.example"], "SHOP.example.:8000", True),
        (["shop.example"], "a.shop.example", False),
        (["shop.example"], "shop.example.evil", False),
        (["*.shop.example"], "a.b.shop.example", True),
        (["*.shop.example"], "shop.example", False),
        (["*.shop.example"], "evilshop.example", False),
        (["Shop.Example"], "shop.example", True),
        (["[2001:db8::1]"], "[2001:db8::1]:80", True),
        (["[2001:db8::1]"], "2001:db8::1", False),
        (["*"], "anything", True),
        (["*"], "a b", False),
        (["*"], "", False),
        (["*"], "user@shop", False),
        (["*"], "shop/path", False),
        (["*"], "shop:port", False),
        (["*"], "shop\n", False),
        (["*"], "[::1", False),
        (LOOPBACK_NAMES, "localhost:8000", True),
        (LOOPBACK_NAMES, "app.localhost", True),
        (LOOPBACK_NAMES, "[::1]", True),
        (LOOPBACK_NAMES, "192.0.2.1", False),
        ([], "localhost", False),
    ],
)
def test_a_host_is_allowed_or_not(patterns: list[str], host: str, allowed: bool) -> None:
    assert Hosts(patterns).allows(host) is allowed


@pytest.mark.parametrize("pattern", ["shop.example:80", "http://shop", "", "*.", "shop.*", "**", "a b"])
def test_what_is_no_name_is_refused_with_what_to_write(pattern: str) -> None:
    with pytest.raises(ConfigError, match=r"\[http\] hosts: .* is no host name"):
        Hosts([pattern])


def test_hosts_that_are_remembered_are_not_without_number() -> None:
    hosts = Hosts(["*"])
    for number in range(5_000):
        assert hosts.allows(f"host{number}")
    assert len(hosts.known) < 2_000


@pytest.mark.parametrize(
    "address,local", [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("::", False)]
)
def test_a_loopback_address_is_known(address: str, local: bool) -> None:
    assert is_loopback(address) is local


async def test_on_loopback_only_its_own_names_are_answered(web: Web, serve: Any) -> None:
    client = await serve(web())
    for host, status in {"localhost": 404, "127.0.0.1": 404, "rebound.example": 421}.items():
        assert (await client.problem("GET", "/", headers={"Host": host}))[0] == status


async def test_the_hosts_that_are_named_are_answered_and_no_others(web: Web, serve: Any) -> None:
    client = await serve(web(hosts=["shop.example"]))
    for host, status in {"shop.example": 404, "localhost": 421}.items():
        assert (await client.problem("GET", "/", headers={"Host": host}))[0] == status


async def test_elsewhere_any_host_is_answered_with_a_warning(
    web: Web, serve: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve(web(host="0.0.0.0"))  # noqa: S104 - that is the case
    client.session = await client.session.__aenter__()
    async with client.session.get(client.url.replace("0.0.0.0", "127.0.0.1"), headers={"Host": "any"}) as response:  # noqa: S104
        assert response.status == 404
    assert "name yours in [http] hosts" in caplog.text


async def test_a_wrong_pattern_keeps_the_application_from_starting(web: Web) -> None:
    with pytest.raises((ConfigError, StartupError), match="is no host name"):
        await web(hosts=["a b"]).start()
