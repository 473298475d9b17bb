"""`Listening`: a bound socket, and how its address is written."""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from framework import FrameworkError
from fw_http.config import HttpSettings
from fw_http.hosts import is_loopback

UNIX = "unix:"
_ADDRESS = re.compile(r"(?P<host>\[[^\]]+\]|[^:\[\]]+):(?P<port>\d{1,5})")


class ListenError(FrameworkError):
    """The server cannot listen where it is told to."""


class Listening:
    """A socket that is bound and not yet listened on. Raises :class:`ListenError` naming the address and the remedy."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.socket = self._unix(Path(host.removeprefix(UNIX))) if host.startswith(UNIX) else self._tcp()
        self.socket.setblocking(False)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can connect."""
        return self.host.startswith(UNIX) or is_loopback(self.host)

    def url(self, scheme: str) -> str:
        """Where clients find it; for a Unix socket the path, as ``unix:/run/shop.sock``."""
        if self.host.startswith(UNIX):
            return self.host
        host, port = self.socket.getsockname()[:2]
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def listen(self) -> None:
        """Let clients connect, before a server is made of the socket. Raises :class:`ListenError`.

        Both kinds of loops do it again, which changes nothing; but uvloop says nothing where it fails.
        """
        try:
            self.socket.listen()
        except OSError as error:
            raise self.refused(error) from error

    def close(self) -> None:
        """Close, and remove the file of a Unix socket."""
        self.socket.close()
        if self.host.startswith(UNIX):
            Path(self.host.removeprefix(UNIX)).unlink(missing_ok=True)

    def _tcp(self) -> socket.socket:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except OSError as error:
            raise ListenError(f"[http] host {self.host!r} is no address of this machine: {error.strerror}.") from error
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError as error:
            listening.close()
            raise self.refused(error) from error
        return listening

    def _unix(self, path: Path) -> socket.socket:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            if _is_left_over(path):
                path.unlink()
            listening.bind(os.fspath(path))
        except OSError as error:
            listening.close()
            raise ListenError(
                f"Cannot listen on {path}: {error.strerror or error}.",
                remedy="Another program may use it: choose another path in [http] listen, in a folder that exists.",
            ) from error
        return listening

    def refused(self, error: OSError) -> ListenError:
        """The same failure, in words that help."""
        return refusal(self.host, self.port, error)


def refusal(host: str, port: int, error: OSError) -> ListenError:
    """What to say of a port that cannot be listened on."""
    if error.errno == errno.EADDRINUSE:
        return ListenError(
            f"Port {port} on {host} is in use by another program.",
            remedy="Choose another: [http] port = 8001 in fw.toml, FW_HTTP__PORT=8001, or 0 for any free one.",
        )
    if error.errno == errno.EACCES:
        return ListenError(f"Port {port} on {host} may not be used by this user.", remedy="Choose one above 1023.")
    return ListenError(f"Cannot listen on {host} port {port}: {error.strerror}.", remedy="Check [http] host and port.")


def listening_at(addresses: Sequence[tuple[str, int]]) -> list[Listening]:
    """Bind all, or none. Raises :class:`ListenError`."""
    bound: list[Listening] = []
    try:
        for host, port in addresses:
            bound.append(Listening(host, port))
    except ListenError:
        for listening in bound:
            listening.close()
        raise
    return bound


def addresses(settings: HttpSettings) -> list[tuple[str, int]]:
    """Where ``settings`` tell to listen. Raises :class:`ListenError` for what is no address."""
    return [parsed(text) for text in settings.listen] or [(settings.host, settings.port)]


def parsed(text: str) -> tuple[str, int]:
    """Host and port of ``127.0.0.1:8000``, ``[::1]:8000`` or, with port 0, ``unix:/run/shop.sock``."""
    if text.startswith(UNIX) and len(text) > len(UNIX):
        return text, 0
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        raise ListenError(
            f"[http] cannot listen on {text!r}.",
            remedy='Write "127.0.0.1:8000", "[::1]:8000" or "unix:/run/shop.sock".',
        )
    return found["host"].strip("[]"), int(found["port"])


def _is_left_over(path: Path) -> bool:
    """Whether a program that has ended left its socket there."""
    with suppress(FileNotFoundError):
        if stat.S_ISSOCK(path.stat().st_mode):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                try:
                    probe.connect(os.fspath(path))
                except ConnectionRefusedError:
                    return True
    return False
