"""Nothing in these tests may happen only because somebody looked again after some seconds."""

from __future__ import annotations

import pytest

from fw_orchestrator import desk, engine


@pytest.fixture(autouse=True)
def _no_safety_nets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "LOOK_AGAIN", 3600.0)
    monkeypatch.setattr(engine, "SAFETY_NET", 3600.0)
