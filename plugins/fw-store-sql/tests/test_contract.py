"""The SQLite store passes the suite of all stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from fw_orchestrator.store_contract import DurableJobStoreContract, OpenStore
from fw_store_sql import SQLStorage


class TestSQLStorage(DurableJobStoreContract):
    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda data: SQLStorage(f"sqlite:///{tmp_path}/{data}.db")
