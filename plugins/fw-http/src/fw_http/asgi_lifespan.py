"""`Lifespan`: tells a mounted ASGI application that it starts and that it ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import MutableMapping
from typing import Any

from framework import DeclarationError

Message = MutableMapping[str, Any]
log = logging.getLogger("fw_http")


class Lifespan:
    """One life; ``state`` is what the application leaves for its requests. One that knows no lifespan is left alone."""

    def __init__(self, application: Any, state: dict[str, Any], place: str) -> None:
        self._application = application
        self._state = state
        self._place = place
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._answered: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Wait until it has started. Raises :class:`DeclarationError` with what it says if it cannot."""
        self._task = asyncio.create_task(self._run(), name=f"lifespan of {self._place}")
        answer = await self._ask("startup")
        if answer is None:
            return
        if answer["type"] != "lifespan.startup.complete":
            await self._end_task()
            raise DeclarationError(
                f"{self._place}: the mounted application did not start: {answer.get('message', '')}",
                remedy="Its own log may say more.",
            )

    async def end(self, seconds: float) -> None:
        """Wait until it has ended, so long at most."""
        if self._task is None or self._task.done():
            return
        try:
            async with asyncio.timeout(seconds):
                answer = await self._ask("shutdown")
        except TimeoutError:
            log.error("%s: the mounted application did not end within %g s", self._place, seconds)
        else:
            if answer is not None and answer["type"] != "lifespan.shutdown.complete":
                log.error("%s: the mounted application did not end well: %s", self._place, answer.get("message", ""))
        await self._end_task()

    async def _ask(self, phase: str) -> Message | None:
        """What it answers; None if it ends without an answer: then it knows no lifespan."""
        assert self._task is not None  # noqa: S101 - begin() has made it
        self._told.put_nowait({"type": f"lifespan.{phase}"})
        answer = asyncio.create_task(self._answered.get())
        try:
            await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else None
        finally:
            answer.cancel()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self._application(scope, self._told.get, self._answered.put)
        except Exception as error:  # noqa: BLE001 - the specification's way to say that there is no lifespan
            log.debug("%s: no lifespan: %r", self._place, error)

    async def _end_task(self) -> None:
        assert self._task is not None  # noqa: S101 - as above
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
