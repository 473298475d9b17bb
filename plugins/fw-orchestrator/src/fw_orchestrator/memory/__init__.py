"""`MemoryStorage`: the job store that forgets everything when its process ends. For tests, demos and trying things out."""

from __future__ import annotations

from fw_orchestrator.memory.storage import MemoryStorage

__all__ = ["MemoryStorage"]
