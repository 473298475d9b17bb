"""`MemoryStorage`: the job store that forgets everything when its process ends."""

from __future__ import annotations

from fw_orchestrator.memory.storage import MemoryStorage

__all__ = ["MemoryStorage"]
