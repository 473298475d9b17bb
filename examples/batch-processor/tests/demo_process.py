"""The demo as a process of its own, watched and disturbed by a test."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from typing import Self

from batch_processor.demo import OWN_CONFIG
from fw_orchestrator.model import Job
from fw_store_sql import SQLStorage

PATIENCE = 60.0
"""Seconds after which something that should happen counts as not happening."""

COMMAND = (sys.executable, "-m", "batch_processor.cli")
QUICK = {
    "job_lease": "0.5",
    "task_lease": "1.0",
    "drain_timeout": "1.0",
    "heartbeat_interval": "0.2",
    "concurrency": "1",
}


def quick_config(folder: Path) -> Path:
    """The demo's own settings, but what was killed is given up after a second, and workers take their time."""
    text = OWN_CONFIG.read_text("utf-8")
    for key, value in QUICK.items():
        text = re.sub(rf"^{key} = \S+", f"{key} = {value}", text, flags=re.MULTILINE)
        assert f"{key} = {value}" in text
    path = folder / "quick.toml"
    path.write_text(text, "utf-8")
    return path


def many_files(folder: Path, count: int = 200) -> Path:
    """A folder of so many small texts."""
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:03}.txt").write_text(f"file number {number}\n")
    return folder


class DemoProcess:
    """Use it with ``async with``: what still runs at the end is killed, the workers too."""

    def __init__(self, *arguments: object) -> None:
        self._arguments = [str(argument) for argument in arguments]
        self.lines: list[str] = []
        self.workers: list[int] = []

    async def __aenter__(self) -> Self:
        self.process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        for worker in self.workers:
            if is_running(worker):
                os.kill(worker, signal.SIGKILL)

    async def line(self, pattern: str) -> re.Match[str]:
        """Read on until a line matches."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while text := (await self.process.stdout.readline()).decode():
                self.lines.append(text)
                if found := re.search(pattern, text):
                    self.workers = children(self.process.pid)
                    return found
        raise AssertionError(f"no line like {pattern!r} in:\n{''.join(self.lines)}")

    async def end(self) -> tuple[int, str]:
        """Exit status and all that was printed."""
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            self.lines.append((await self.process.stdout.read()).decode())
            return await self.process.wait(), "".join(self.lines)

    def interrupt(self) -> None:
        """Ctrl-C: every process of the group gets the signal."""
        os.killpg(self.process.pid, signal.SIGINT)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended; one that nobody has waited for yet has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pids: list[int]) -> None:
    """Return when all these processes have ended."""
    async with asyncio.timeout(PATIENCE):
        while any(is_running(pid) for pid in pids):  # noqa: ASYNC110 - they are nobody's children any more
            await asyncio.sleep(0.02)


async def run(*arguments: object) -> tuple[int, str]:
    """Run the demo to its end: exit status and all that it printed."""
    async with DemoProcess(*arguments) as demo:
        return await demo.end()


async def jobs(database: Path) -> list[Job]:
    """What the database holds; nothing if there is none."""
    if not await asyncio.to_thread(database.exists):
        return []
    store = SQLStorage(f"sqlite:///{database}")
    await store.open()
    try:
        return await store.jobs()
    finally:
        await store.close()
