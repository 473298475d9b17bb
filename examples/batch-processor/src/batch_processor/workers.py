"""`Workers`: the worker processes of the demo. They end with it, however it ends."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

RESTARTS = 3


class WorkersLost(Exception):
    """A worker process ended too often."""


class Workers:
    """``count`` processes running ``fw run --mode worker``, each with a log file; one that ends is started again.

    A worker's standard input is a pipe from here: when this process is killed, the worker sees its end and stops.
    """

    def __init__(self, count: int, *, url: str, token: str, config: Path, logs: Path) -> None:
        self._names = [f"worker-{number}" for number in range(1, count + 1)]
        self._config = config
        self._logs = logs
        self._environment = {**os.environ, "FW_WORKER__URL": url, "FW_WORKER__TOKEN": token}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._logs.mkdir(parents=True, exist_ok=True)
        try:
            for name in self._names:
                await self._start(name)
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self, name: str) -> None:
        with self.log(name).open("ab") as log:
            self._processes[name] = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "batch_processor.worker", "--mode", "worker", "--config", str(self._config)),
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**self._environment, "FW_WORKER__ID": name},
            )

    def log(self, name: str) -> Path:
        """The log file of a worker."""
        return self._logs / f"{name}.log"

    async def watch(self) -> None:
        """Start again what ends. Raises :class:`WorkersLost` when one has ended too often."""
        watching = [asyncio.create_task(self._watch(name)) for name in self._names]
        try:
            await asyncio.gather(*watching)
        finally:
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _watch(self, name: str) -> None:
        for _ in range(RESTARTS):
            await self._processes[name].wait()
            await self._start(name)
        status = await self._processes[name].wait()
        raise WorkersLost(f"{name} ended {RESTARTS + 1} times, last with status {status}; see {self.log(name)}")

    async def _stop(self) -> None:
        """Ask all to stop, by ending their input, and wait; kill those that do not."""
        running = [process for process in self._processes.values() if process.returncode is None]
        for process in running:
            if process.stdin is not None:
                process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await asyncio.gather(*(process.wait() for process in running))
        except TimeoutError:
            for process in running:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
