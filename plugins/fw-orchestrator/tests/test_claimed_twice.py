"""A job that an engine claims while it still has it in hand goes on at once, not when its lease ends."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

from fw_orchestrator import MemoryStorage
from fw_orchestrator.model import Claim, FinishAnswer, Job, JobStatus, TaskFinish, Transition

from .orchestration import PATIENCE, Clock, Hand, fan_out, one_task, site

T = TypeVar("T")


class Tardy(MemoryStorage):
    """Has written what it is given, and keeps the answer to the first call of one method until it is let go."""

    def __init__(self, tardy: str) -> None:
        super().__init__()
        self.written, self.claimed, self.may_answer = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._tardy: str | None = tardy

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        return await self._late("commit", await super().commit(transitions))

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        return await self._late("finish_tasks", await super().finish_tasks(finishes, claim=claim))

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        found = await super().claim_jobs(owner, **options)
        if found:
            self.claimed.set()
        return found

    async def _late(self, method: str, answer: T) -> T:
        if method == self._tardy:
            self._tardy = None
            self.written.set()
            await self.may_answer.wait()
        return answer


async def test_a_fan_out_that_is_settled_while_one_of_its_results_is_still_being_handed_in() -> None:
    store = Tardy("finish_tasks")
    async with asyncio.timeout(PATIENCE), site(fan_out(2), store=store) as running:
        Clock(running)
        job_id = await running.create()
        first, second = Hand(running, "w1"), Hand(running, "w2")
        tasks = [await first.task(), await second.task()]
        handed_in = asyncio.create_task(first.hand_in(tasks[0]))
        await store.written.wait()
        assert (await second.hand_in(tasks[1])).body == {"status": "accepted"}
        await store.claimed.wait()
        store.may_answer.set()
        assert (await handed_in).body == {"status": "accepted"}
        assert (await running.ended(job_id)).status is JobStatus.FINISHED


async def test_a_task_that_is_done_before_its_engine_knows_that_it_is_written() -> None:
    store = Tardy("commit")
    async with asyncio.timeout(PATIENCE), site(one_task(), store=store) as running:
        Clock(running)
        job_id = await running.create()
        await store.written.wait()
        worker = Hand(running)
        assert (await worker.hand_in(await worker.task())).body == {"status": "accepted"}
        await store.claimed.wait()
        store.may_answer.set()
        assert (await running.ended(job_id)).status is JobStatus.FINISHED
