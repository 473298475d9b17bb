"""Settings from more formats and sources, checked by pydantic, and read again while the application runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_config.events import ConfigChanged

__all__ = ["ConfigChanged"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fw_config.events import ConfigChanged

    return ConfigChanged
