"""Settings of the plugin: section ``[store-sql]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SqlStoreSettings:
    """``url`` names the SQLite file; ``busy_timeout`` is how many seconds a call waits for another process's write."""

    url: str = "sqlite:///fw.db"
    busy_timeout: float = 5.0
