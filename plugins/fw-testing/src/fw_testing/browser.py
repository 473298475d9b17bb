"""A real Chromium without a window, driven over its debugging protocol. Needs the extra ``browser``."""
# ruff: noqa: S101  (it is for tests)

import asyncio
import base64
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # it shows pages of this test only, and root may not use the sandbox
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--window-size=1100,1400",
)


class Page:
    """One open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser; what comes in meanwhile is kept in ``events``."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            message = await self._socket.receive_json()
            if message.get("id") == number:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result
            self.events.append(message)

    async def open(self, url: str) -> None:
        """Load a page."""
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)

    async def value(self, expression: str) -> Any:
        """What a JavaScript expression gives, waited for if it is a promise."""
        found = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, expression: str) -> Any:
        """Wait until an expression is true; TimeoutError names it."""
        try:
            async with asyncio.timeout(20):
                while not (found := await self.value(f"({expression}) || null")):
                    # The page itself says when something in it has changed.
                    await self.value(
                        "new Promise(done => { new MutationObserver(done).observe(document, "
                        "{subtree: true, childList: true, attributes: true}); setTimeout(done, 50) })"
                    )
                return found
        except TimeoutError:
            text = await self.value("document.body.innerText")
            raise TimeoutError(f"{expression} did not become true; the page says:\n{text}") from None

    async def picture(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Page]:
    """Start the browser with its profile in ``folder``, and end it by its pid."""
    process = await asyncio.create_subprocess_exec(
        "chromium",
        *OPTIONS,
        f"--user-data-dir={folder}",
        "about:blank",
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(60):
            while b"DevTools listening on ws://" not in (line := await process.stderr.readline()):
                assert line, "chromium ended"
        address = line.decode().split("ws://")[1].split("/")[0]
        drained = asyncio.create_task(process.stderr.read())
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://{address}/json/list") as response:
                targets = await response.json()
            [target] = [each for each in targets if each["type"] == "page"]
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Page(socket)
        drained.cancel()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
