"""`VirtualDisplay`: a screen without a monitor, for tests and machines that have none."""

from __future__ import annotations

import os
import select
import subprocess
from contextlib import suppress
from types import TracebackType
from typing import Self

from fw_vision.errors import NoScreen


class VirtualDisplay:
    """Xvfb on a display number that it finds itself; ends with the ``with`` block. `name` is like ``:1``."""

    def __init__(self, width: int = 1280, height: int = 720, timeout: float = 20.0) -> None:
        self._size = f"{width}x{height}x24"
        self._timeout = timeout
        self._server: subprocess.Popen[bytes] | None = None
        self.name = ""

    def start(self) -> None:
        """Start the server and wait until it takes connections. Raises `NoScreen`."""
        reader, writer = os.pipe()
        try:
            self._server = subprocess.Popen(
                # Without -noreset it begins anew when its last client goes, and cuts off who is just coming.
                ["Xvfb", "-displayfd", str(writer), "-screen", "0", self._size, "-nolisten", "tcp", "-noreset"],
                pass_fds=(writer,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            os.close(reader)
            raise NoScreen("", f"Xvfb does not start ({error}); on Debian: apt-get install xvfb") from error
        finally:
            os.close(writer)
        try:
            number = self._number(reader)
        finally:
            os.close(reader)
        if not number:
            self.stop()
            raise NoScreen("", f"Xvfb named no display within {self._timeout} s")
        self.name = f":{number}"

    def _number(self, reader: int) -> str:
        """What the server writes when it is ready, up to the end of the line; '' if it does not."""
        text = b""
        while not text.endswith(b"\n"):
            if not select.select([reader], [], [], self._timeout)[0]:
                return ""
            part = os.read(reader, 16)
            if not part:
                return ""
            text += part
        return text.decode().strip()

    def stop(self) -> None:
        """End the server, kindly at first."""
        server, self._server = self._server, None
        self.name = ""
        if server is None:
            return
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(5)
        if server.poll() is None:
            server.kill()
            server.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
