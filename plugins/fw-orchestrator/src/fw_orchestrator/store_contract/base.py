"""Fixtures of the suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

import pytest
import pytest_asyncio

from fw_orchestrator.store import JobStore


class OpenStore(Protocol):
    """Makes a handle, not yet opened, on the data of a name; equal names share their data, which start empty."""

    def __call__(self, data: str, /) -> JobStore: ...


class StoreFixtures:
    """``store`` is an open handle on empty data, ``peer`` another one on the same data, as another engine has it."""

    pytestmark = pytest.mark.asyncio

    @pytest.fixture
    def open_store(self) -> OpenStore:
        """To be overridden by the author of the store."""
        raise NotImplementedError(f"{type(self).__name__} must override the fixture open_store")

    @pytest_asyncio.fixture
    async def store(self, open_store: OpenStore) -> AsyncIterator[JobStore]:
        """The handle under test."""
        handle = open_store("jobs")
        await handle.open()
        yield handle
        await handle.close()

    @pytest_asyncio.fixture
    async def peer(self, store: JobStore, open_store: OpenStore) -> AsyncIterator[JobStore]:
        """Another handle on the same data."""
        handle = open_store("jobs")
        await handle.open()
        yield handle
        await handle.close()
