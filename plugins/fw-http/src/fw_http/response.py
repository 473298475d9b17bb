"""`Response`: an answer with a status and headers of its own; `redirect`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Response(Generic[T]):
    """A result with ``headers`` and a ``status`` of its own; ``value`` is sent as a plain result is.

    Annotate the handler ``-> Response[Item]``.
    """

    value: T
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def redirect(location: str, *, status: int = 303) -> Response[None]:
    """Send the client elsewhere: 303 to look there, 307 and 308 to ask the same there."""
    if status not in (301, 302, 303, 307, 308):
        raise ValueError(f"{status} is no redirect: use 301, 302, 303, 307 or 308")
    return Response(None, status, {"Location": location})
