"""`OwnThread`: where something is opened, used and closed that bears one thread only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


class OwnThread:
    """A thread called ``name``, from `start` to `stop`; before and after, an error speaks of its ``owner``."""

    def __init__(self, name: str, owner: str) -> None:
        self._name = name
        self._owner = owner
        self._executor: ThreadPoolExecutor | None = None
        self._close: Callable[[], None] = _nothing

    async def start(self, opening: Callable[[], None], close: Callable[[], None]) -> None:
        """Call ``opening`` in it, and at the end ``close``: also when opening fails, or is cancelled."""
        self._executor, self._close = ThreadPoolExecutor(1, self._name), close
        try:
            await self.call(opening)
        except BaseException:
            await self.stop()
            raise

    async def call(self, function: Callable[..., Result], *arguments: object) -> Result:
        """What the function returns; calls come one after the other. Raises `RuntimeError` if there is no thread."""
        if self._executor is None:
            raise RuntimeError(f"This {self._owner} is not started: use `async with`, or await its start().")
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    async def stop(self) -> None:
        """End it, after what it is doing; calls from now on get an error. Not started or stopped already is fine."""
        executor, self._executor = self._executor, None
        if executor is None:
            return
        closing = asyncio.get_running_loop().run_in_executor(executor, self._close)
        try:
            await closing
        except BaseException:
            executor.shutdown(wait=False)
            raise
        executor.shutdown()


def _nothing() -> None:
    """Nothing was opened."""
