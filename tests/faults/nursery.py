"""Engines in processes of their own, as the tests see them."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from .crash_points import CrashPoint


@dataclass
class EngineProcess:
    """An engine; ``down`` once it is paused or dead."""

    pid: int
    url: str
    down: asyncio.Event = field(default_factory=asyncio.Event)


class Nursery:
    """Starts engines; see :mod:`engine_process`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._engines: dict[int, EngineProcess] = {}
        self._serving: asyncio.Queue[EngineProcess] = asyncio.Queue()
        self._starting = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(cls) -> AsyncIterator[Self]:
        """Its engines are gone at the end."""
        folder = Path(__file__).parent
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"{folder.name}.engine_process"),
            cwd=folder.parent,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        nursery = cls(process)
        listening = asyncio.create_task(nursery._listen())
        try:
            yield nursery
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()
            await listening

    async def start(self, path: Path, store: str, point: CrashPoint, fault: str = "") -> EngineProcess:
        """A new engine, which serves or, if it came to its crash point before that, is dead."""
        assert self._process.stdin is not None
        order = {"path": str(path), "store": store, "fault": fault, **vars(point), "point": point.name}
        async with self._starting:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return await self._serving.get()

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            pid = said["pid"]
            if "url" in said:
                self._engines[pid] = EngineProcess(pid, said["url"])
                self._serving.put_nowait(self._engines[pid])
            elif pid in self._engines:
                self._engines[pid].down.set()
            else:
                stillborn = EngineProcess(pid, "")
                stillborn.down.set()
                self._serving.put_nowait(stillborn)
