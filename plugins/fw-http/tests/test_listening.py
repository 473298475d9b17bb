"""Where a server can listen: several addresses, Unix sockets, TLS."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from framework import App, StartupError
from fw_http.listening import ListenError, parsed

Web = Callable[..., App]


def hello(app: App) -> App:
    app.http.route("/hello")(lambda: "hello")
    return app


async def said(url: str, **options: object) -> str:
    connector = aiohttp.TCPConnector(**options) if "path" not in options else aiohttp.UnixConnector(**options)  # type: ignore[arg-type]
    async with aiohttp.ClientSession(connector=connector) as session, session.get(url + "/hello") as response:
        return str(await response.json())


@pytest.mark.parametrize(
    "text,address",
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:8000", ("::1", 8000)),
        ("unix:/run/a b.sock", ("unix:/run/a b.sock", 0)),
    ],
)
def test_an_address_is_read(text: str, address: tuple[str, int]) -> None:
    assert parsed(text) == address


@pytest.mark.parametrize("text", ["", "8000", ":8000", "::1:8000", "localhost", "a:65536", "a:-1", "unix:"])
def test_what_is_no_address_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ListenError, match=r'Write "127.0.0.1:8000"'):
        parsed(text)


async def test_all_addresses_are_served(web: Web) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with hello(web(listen=["127.0.0.1:0", f"127.0.0.1:{port}"])) as app:
        assert await said(app.http.url) == "hello"
        assert await said(f"http://127.0.0.1:{port}") == "hello"


async def test_if_one_address_cannot_be_had_none_is_kept(web: Web, tmp_path: Path) -> None:
    path = tmp_path / "shop.sock"
    with pytest.raises(StartupError, match=r"192\.0\.2\.1"):
        await web(listen=[f"unix:{path}", "192.0.2.1:80"]).start()
    assert not path.exists()


@pytest.mark.needs("posix")
async def test_a_unix_socket_is_served_and_removed(web: Web, tmp_path: Path) -> None:
    path = tmp_path / "shop.sock"
    async with hello(web(listen=[f"unix:{path}"])) as app:
        assert app.http.url == f"unix:{path}"
        assert await said("http://localhost", path=str(path)) == "hello"
    assert not path.exists()


@pytest.mark.needs("posix")
async def test_a_unix_socket_left_by_a_program_that_died_is_replaced_and_one_in_use_is_not(
    web: Web, tmp_path: Path
) -> None:
    path = tmp_path / "shop.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    async with hello(web(listen=[f"unix:{path}"])):
        with pytest.raises(StartupError, match=r"shop\.sock.*\n.*Another program may use it"):
            await web(listen=[f"unix:{path}"]).start()
        assert await said("http://localhost", path=str(path)) == "hello"


@pytest.mark.needs("posix")
async def test_a_file_that_is_no_socket_is_not_touched(web: Web, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine", "utf-8")
    with pytest.raises(StartupError, match="Another program may use it"):
        await web(listen=[f"unix:{path}"]).start()
    assert path.read_text("utf-8") == "mine"


def certificate_of(name: str) -> tuple[str, str]:
    """The paths of a certificate and of its key."""
    folder = Path(__file__).parent / "certificates"
    return str(folder / f"{name}.pem"), str(folder / f"{name}.key")


async def test_a_certificate_makes_it_https(web: Web) -> None:
    certificate, key = certificate_of("localhost")
    trusting = ssl.create_default_context(cafile=certificate)
    async with hello(web(certificate=certificate, key=key)) as app:
        assert app.http.url.startswith("https://127.0.0.1:")
        assert await said(app.http.url, ssl=trusting) == "hello"


async def test_clients_without_a_certificate_are_refused_where_they_need_one(web: Web) -> None:
    certificate, key = certificate_of("localhost")
    own, own_key = certificate_of("clerk")
    trusting = ssl.create_default_context(cafile=certificate)
    async with hello(web(certificate=certificate, key=key, client_ca=own)) as app:
        with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
            await said(app.http.url, ssl=trusting)
        trusting.load_cert_chain(own, own_key)
        assert await said(app.http.url, ssl=trusting) == "hello"


async def test_clients_may_do_without_a_certificate_where_it_is_optional_but_not_show_a_wrong_one(web: Web) -> None:
    certificate, key = certificate_of("localhost")
    own, own_key = certificate_of("clerk")
    options = {"certificate": certificate, "key": key, "client_ca": own, "client_certificate": "optional"}
    async with hello(web(**options)) as app:
        trusting = ssl.create_default_context(cafile=certificate)
        assert await said(app.http.url, ssl=trusting) == "hello"
        trusting.load_cert_chain(own, own_key)
        assert await said(app.http.url, ssl=trusting) == "hello"
        stranger = ssl.create_default_context(cafile=certificate)
        stranger.load_cert_chain(certificate, key)
        with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
            await said(app.http.url, ssl=stranger)


async def test_a_client_that_does_not_finish_its_handshake_is_dropped(web: Web) -> None:
    certificate, key = certificate_of("localhost")
    async with hello(web(certificate=certificate, key=key, head_timeout=0.1)) as app:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(app.http.url.rpartition(":")[2]))
        async with asyncio.timeout(20):
            try:
                assert await reader.read() == b""
            except ConnectionError:
                assert reader.at_eof() or reader.exception()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def test_a_certificate_that_is_none_says_what_to_give(web: Web, tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"TLS cannot be set up with .*a\.pem.*\n.*Give PEM files"):
        await web(certificate=str(tmp_path / "a.pem"), key=str(tmp_path / "a.key")).start()
