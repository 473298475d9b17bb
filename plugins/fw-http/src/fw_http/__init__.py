"""HTTP for fw: declare routes with ``app.http.route``; raise :class:`Problem` to answer with an error."""

from typing import TYPE_CHECKING, Any

from fw_http.problem import Problem

if TYPE_CHECKING:
    from fw_http.peer import Peer

__all__ = ["Peer", "Problem"]


def __getattr__(name: str) -> Any:
    if name == "Peer":
        from fw_http.peer import Peer  # needs aiohttp

        return Peer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
