"""`Wire`: one engine's way to the store: calls take time, some are lost, some answers are, and some kill the engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from fw_orchestrator.model import Sweep
from fw_orchestrator.store import JobStore, StoreError
from fw_orchestrator.testing.chance import Chance
from fw_orchestrator.testing.idle_claims import IdleClaims

HEARD = frozenset({"create", "commit", "finish_tasks", "cancel_jobs", "release_jobs", "release_task"})
"""Calls after which another engine may have something to do."""


class Gone(Exception):
    """The engine is dead: its calls do nothing, and who talks to it loses the connection."""


class Wire:
    """Has the methods of a :class:`~fw_orchestrator.store.JobStore`; ``died`` is called when one kills the engine.

    ``patience``: for so many seconds may a job be claimed and nothing done about it.
    """

    def __init__(
        self, name: str, store: JobStore, chance: Chance, died: Callable[[], None], *, patience: float
    ) -> None:
        self.name = name
        self.claims = IdleClaims(name, patience)
        self.is_dead = False
        self.heard = asyncio.Event()
        self.others: list[Wire] = []
        self._store = store
        self._chance = chance
        self._died = died

    def __getattr__(self, method: str) -> Any:
        return partial(self._call, method)

    async def open(self) -> None:
        """Nothing to do: the store is open."""

    async def close(self) -> None:
        """Nothing to do: the others go on with the store."""

    async def news(self) -> None:
        """Wait until another engine has written."""
        await self.heard.wait()
        await asyncio.sleep(0.1)
        self.heard.clear()

    async def _call(self, method: str, *values: Any, **options: Any) -> Any:
        self.claims.asked(method, values)
        await self._travel(f"before {method}")
        if self._chance.strikes(self._chance.rates.lost_call):
            self._chance.note(self.name, f"{method} is lost")
            raise StoreError(f"{method} was not carried out")
        answer = await getattr(self._store, method)(*values, **options)
        written = answer.queued if isinstance(answer, Sweep) else answer
        if written:
            self._chance.note(self.name, f"{method} -> {_short(written)}")
        if method in HEARD or (isinstance(answer, Sweep) and written):
            for other in self.others:
                other.heard.set()
        await self._travel(f"after {method}")
        if self._chance.strikes(self._chance.rates.lost_answer):
            self._chance.note(self.name, f"the answer of {method} is lost")
            raise StoreError(f"what became of {method} is not known")
        self.claims.answered(method, answer)
        return answer

    async def _travel(self, where: str) -> None:
        self._check()
        if self._chance.strikes(self._chance.rates.crash / 2):
            self._chance.note(self.name, f"dies {where}")
            self._died()
        self._check()
        await self._chance.pause(0.05)
        self._check()

    def _check(self) -> None:
        if self.is_dead:
            raise Gone(self.name)


def _short(answer: Any) -> str:
    if isinstance(answer, list | tuple):
        return f"[{', '.join(_short(one) for one in answer)}]"
    return str(getattr(answer, "id", answer))[:60]
