"""The socket's life: bound at start, accepting when ready, drained and closed at stop."""

import asyncio
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from framework import App, Component, ConfigError, FrameworkError, StartupError
from fw_http.facade import Http
from fw_http.listening import refusal
from fw_http.uv import uv_loop

Web = Callable[..., App]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def address(app: App) -> tuple[str, int]:
    host, _, port = app.http.url.removeprefix("http://").rpartition(":")
    return host, int(port)


async def accepts(where: tuple[str, int]) -> bool:
    try:
        _, writer = await asyncio.open_connection(*where)
    except ConnectionError:  # refused; or reset, where the socket is closed with the connection in its queue
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_nothing_is_accepted_before_the_application_is_ready(web: Web) -> None:
    """K34"""
    app = web()
    await app.start()
    assert not await accepts(address(app))
    await app.ready()
    assert await accepts(address(app))
    await app.stop()


async def test_the_socket_is_closed_after_the_stop_and_the_port_is_free_at_once(web: Web) -> None:
    app = web(port=free_port())
    for _ in range(3):
        async with app, aiohttp.ClientSession() as session, session.get(app.http.url) as response:
            assert response.status == 404
            where = address(app)
        assert not await accepts(where)


async def test_the_address_is_known_only_while_the_server_runs(web: Web) -> None:
    app = web()
    with pytest.raises(FrameworkError, match=r"is not running, so it has no address"):
        _ = app.http.url
    async with app:
        assert app.http.url.startswith("http://127.0.0.1:")
    with pytest.raises(FrameworkError, match="is not running"):
        _ = app.http.url


async def test_a_request_under_way_is_finished_during_the_drain(web: Web, serve: Any) -> None:
    """K34: and components are still up for it."""
    app, entered, go_on, log = web(), asyncio.Event(), asyncio.Event(), []

    class Service(Component):
        def stop(self) -> None:
            log.append("service stopped")

    app.register(Service)

    @app.facade(Http).route("/slow")
    async def slow() -> str:
        entered.set()
        await go_on.wait()
        log.append("answered")
        return "done"

    # The application hears of the stop before the door does, so the door is still open when the request may go on.
    app.on_stop(lambda event: asyncio.get_running_loop().call_soon(go_on.set))
    client = await serve(app)
    asking = asyncio.ensure_future(client.answer("GET", "/slow"))
    await entered.wait()
    await app.stop()
    assert await asking == (200, "done")
    assert log == ["answered", "service stopped"]


async def test_nothing_new_is_accepted_during_the_drain(web: Web, serve: Any) -> None:
    app, entered, go_on = web(), asyncio.Event(), asyncio.Event()

    @app.facade(Http).route("/slow")
    async def slow() -> str:
        entered.set()
        await go_on.wait()
        return "done"

    client = await serve(app)
    asking = asyncio.ensure_future(client.answer("GET", "/slow"))
    await entered.wait()
    stopping = asyncio.ensure_future(app.stop())
    while await accepts(client.address):
        assert not stopping.done()
    go_on.set()
    assert (await asking)[0] == 200
    await stopping


async def test_a_request_that_outlasts_the_drain_is_cancelled(web: Web, serve: Any) -> None:
    app, entered, cancelled = web(drain_timeout=0.05), asyncio.Event(), asyncio.Event()

    @app.facade(Http).route("/endless")
    async def endless() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    client = await serve(app)
    asking = asyncio.ensure_future(client.answer("GET", "/endless"))
    await entered.wait()
    await app.stop()
    assert cancelled.is_set()
    assert (await asking)[0] == 503


async def test_an_idle_kept_connection_does_not_hold_up_the_stop(web: Web, serve: Any) -> None:
    app = web(drain_timeout=600.0)
    client = await serve(app)
    assert (await client.answer("GET", "/"))[0] == 404
    async with asyncio.timeout(20):
        await app.stop()


async def test_a_port_in_use_names_port_host_and_settings_and_leaves_nothing(web: Web) -> None:
    app, log = web(), []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = web(port=port)

        class Needed(Component):
            def start(self) -> None:
                log.append("application started")

        other.register(Needed)
        with pytest.raises(StartupError) as caught:
            await other.start()
    message = str(caught.value)
    for part in (f"Port {port} on 127.0.0.1 is in use", "[http] port = 8001", "FW_HTTP__PORT=8001", "or 0"):
        assert part in message
    assert log == []
    async with app:
        pass


async def test_two_applications_that_start_at_once_on_one_port_do_not_share_it(web: Web) -> None:
    port = free_port()
    one, other = web(port=port), web(port=port)
    await one.start()
    await one.ready()
    with pytest.raises(StartupError, match=rf"Port {port} on 127.0.0.1 is in use"):
        await other.__aenter__()
    await one.stop()


async def of_two_on_one_port_only_the_first_listens(web: Web) -> None:
    port = free_port()
    one, other = web(port=port), web(port=port)
    await one.start()
    await other.start()
    await one.ready()
    with pytest.raises(StartupError, match=rf"Port {port} on 127.0.0.1 is in use"):
        await other.ready()
    await one.stop()


async def test_of_two_applications_bound_at_once_only_the_first_to_be_ready_listens(web: Web) -> None:
    await of_two_on_one_port_only_the_first_listens(web)


@pytest.mark.needs("posix")
def test_uvloop_says_so_too(web: Web) -> None:
    """By itself it would seem to listen."""
    with asyncio.Runner(loop_factory=uv_loop("here")) as runner:
        runner.run(of_two_on_one_port_only_the_first_listens(web))


async def test_a_host_that_is_none_of_this_machine_is_named(web: Web) -> None:
    for host in ("no-such-host.invalid", "192.0.2.1"):
        with pytest.raises(StartupError, match=host):
            await web(host=host).start()


def ipv6_here() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


async def test_an_ipv6_host_is_served_with_its_address_in_brackets_or_refused_by_name(web: Web, serve: Any) -> None:
    app = web(host="::1")
    if not ipv6_here():
        with pytest.raises(StartupError, match="::1"):
            await app.start()
        return
    client = await serve(app)
    assert client.url.startswith("http://[::1]:")
    assert (await client.answer("GET", "/"))[0] == 404


def test_a_privileged_port_says_which_to_choose() -> None:
    # Made by hand, as root and many containers may bind every port.
    refused = refusal("127.0.0.1", 80, PermissionError(errno.EACCES, "Permission denied"))
    assert str(refused) == "Port 80 on 127.0.0.1 may not be used by this user.\n  Choose one above 1023."


@pytest.mark.parametrize(
    "settings,said",
    [
        ({"port": 65536}, "port must be between 0 and 65535, not 65536"),
        ({"port": -1}, "port must be between 0 and 65535, not -1"),
        ({"port": "80"}, "port must be a whole number, not '80'"),
        ({"max_body": 0}, "max_body must be at least 1, not 0"),
        ({"drain_timeout": 0.0}, "drain_timeout must be greater than 0"),
        ({"body_timeout": -1}, "body_timeout must be greater than 0"),
        ({"min_rate": -1}, "min_rate must be at least 0"),
        ({"max_connections": 0}, "max_connections must be at least 1, not 0"),
        ({"certificate": "a.pem"}, "certificate and key must be set both, or neither"),
        ({"client_ca": "a.pem"}, "client_ca needs certificate and key"),
        ({"health": "health"}, "health must be a path such as '/health', or '' for none, not 'health'"),
        ({"forwarded": "X-Real-IP"}, "forwarded"),
        ({"prot": 1}, "[http] has no setting 'prot'.\n  Did you mean 'port'?"),
    ],
)
def test_settings_out_of_range_are_refused_before_the_start(web: Web, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        web(**settings).bootstrap()
    assert said in str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(
        "from framework import App\n"
        "app = App('shop', plugins=['http'])\n"
        "app.http.route('/a')(lambda: 1)\n"
        "doubled = App('doubled', plugins=['http'], defaults={'http': {'port': 0}})\n"
        "doubled.http.route('/a')(lambda: 1)\n"
        "doubled.http.route('/a')(lambda: 2)\n",
        "utf-8",
    )
    return tmp_path


def fw_run(folder: Path, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
    return subprocess.run(
        [sys.executable, "-m", "framework", "run", target],
        cwd=folder,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_fw_run_on_a_port_in_use_ends_with_one_message_and_status_4(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = fw_run(folder, "shop:app", FW_HTTP__PORT=port)
    assert done.returncode == 4
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 12


def test_fw_run_with_two_handlers_of_one_route_ends_with_both_places(folder: Path) -> None:
    done = fw_run(folder, "shop:doubled")
    assert done.returncode == 4
    assert "shop.py:5" in done.stderr
    assert "shop.py:6" in done.stderr
    assert "Traceback" not in done.stderr
    assert "uninstall" not in done.stderr, "nothing is wrong with the plugin"
    assert "site.py" not in done.stderr


SAYING = """
import asyncio, sys
from framework import App

app = App("shop", plugins=["http"], defaults={"http": {"port": 0}})
if False:
    sys.modules["uvloop"] = None

@app.on_ready
async def say() -> None:
    print(type(asyncio.get_running_loop()).__module__)
    app.request_stop("seen")
"""


@pytest.mark.needs("posix")
def test_uvloop_is_used_where_it_is_asked_for(folder: Path) -> None:
    """K37"""
    (folder / "saying.py").write_text(SAYING, "utf-8")
    assert fw_run(folder, "saying:app").stdout == "asyncio.unix_events\n"
    assert fw_run(folder, "saying:app", FW_HTTP__UVLOOP="true").stdout == "uvloop\n"


def test_uvloop_that_is_not_installed_says_what_to_install(folder: Path) -> None:
    (folder / "saying.py").write_text(SAYING.replace("if False", "if True"), "utf-8")
    assert fw_run(folder, "saying:app").returncode == 0
    done = fw_run(folder, "saying:app", FW_HTTP__UVLOOP="true")
    assert done.returncode == 2
    assert "environment variable FW_HTTP__UVLOOP: [http] uvloop is on, and uvloop is not installed" in done.stderr
    assert "pip install 'fw-http[uvloop]'" in done.stderr


def test_fw_run_with_a_route_that_cannot_be_declared_names_its_line(folder: Path) -> None:
    (folder / "bad.py").write_text("from framework import App\n\napp = App()\napp.http.route('a')\n", "utf-8")
    done = fw_run(folder, "bad:app")
    assert done.returncode == 2
    assert "bad.py:4: Route 'a' does not start with '/'" in done.stderr
    assert "routing.py" not in done.stderr
