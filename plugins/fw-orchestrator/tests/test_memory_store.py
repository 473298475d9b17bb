"""The memory store passes the suite of all stores."""

from __future__ import annotations

from collections import defaultdict

import pytest

from fw_orchestrator.memory import MemoryStorage
from fw_orchestrator.model import JobStatus
from fw_orchestrator.store_contract import JobStoreContract, OpenStore
from fw_orchestrator.store_contract.records import a_job, a_transition, claim


class TestMemoryStorage(JobStoreContract):
    @pytest.fixture
    def open_store(self) -> OpenStore:
        return defaultdict[str, MemoryStorage](MemoryStorage).__getitem__


async def test_closing_keeps_the_data_for_the_next_start() -> None:
    store = MemoryStorage()
    await store.open()
    await store.create([a_job()])
    await store.close()
    await store.close()
    await store.open()
    assert await claim(store) == ["j"]
    assert await store.commit([a_transition(status=JobStatus.FINISHED, ready=False)]) == [True]
