"""Settings of the plugin: section ``[store-sql]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SqlStoreSettings:
    """``url`` names the SQLite file; ``busy_timeout`` is how many seconds a call waits for another process's write."""

    url: str = "sqlite:///fw.db"
    busy_timeout: float = 5.0

    def __post_init__(self) -> None:
        if not 0 <= self.busy_timeout < 86_400:
            raise ValueError(f"busy_timeout must be between 0 and a day in seconds, not {self.busy_timeout}")
