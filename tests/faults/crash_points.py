"""Named moments at which an engine dies: a job store that stands between the engine and the real one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from fw_orchestrator.model import Claim, FinishAnswer, HistoryEntry, Job, Task, TaskFinish, Transition
from fw_store_sql import SQLStorage

BEFORE_READ = "before read"
AFTER_READ = "after read"
AFTER_HANDLER = "after handler"
BETWEEN_HALVES = "between the halves of a commit"
AFTER_COMMIT = "after commit"
BEFORE_ANSWER = "before answer"
BEFORE_TASK = "before answer with a task"
BEFORE_JOB = "before a job is kept"
BEFORE_RESULT = "before a result is kept"
BEFORE_ANSWER_TO_ONE_OF_TWO = "before answer to the first of two results"

POINTS = (BEFORE_READ, AFTER_READ, AFTER_HANDLER, AFTER_COMMIT, BEFORE_ANSWER, BEFORE_TASK)
"""Those that every store has."""


@dataclass
class CrashPoint:
    """This process gets ``signal`` when it comes to ``name`` for the ``nth`` time.

    One that was stopped, and goes on, dies after its next commit.
    """

    name: str = ""
    nth: int = 1
    signal: int = signal.SIGKILL.value

    def reach(self, name: str) -> None:
        """The process is there."""
        if name == self.name:
            self.nth -= 1
            if self.nth == 0:
                os.kill(os.getpid(), self.signal)
                self.name, self.nth, self.signal = AFTER_COMMIT, 1, signal.SIGKILL


class CrashingStore(SQLStorage):
    """The SQLite store of an engine that may die at a crash point."""

    def __init__(self, url: str, reach: Callable[[str], None]) -> None:
        super().__init__(url, busy_timeout=30.0)
        self.reach = reach

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        """Two points."""
        self.reach(BEFORE_READ)
        jobs = await super().claim_jobs(owner, **options)
        if jobs:
            self.reach(AFTER_READ)
        return jobs

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Three points; at the last one a worker does not hear of the task that has been written down as its own."""
        self.reach(AFTER_HANDLER)
        accepted = await self.keep(transitions)
        self.reach(AFTER_COMMIT)
        if any(task.lease_until is not None for transition in transitions for task in transition.tasks):
            self.reach(BEFORE_TASK)
        return accepted

    async def keep(self, transitions: Sequence[Transition]) -> list[bool]:
        """The commit itself."""
        return await super().commit(transitions)

    async def create(
        self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), *, claim: Claim | None = None
    ) -> list[str]:
        """Two points: before it is kept, and the client does not hear of it."""
        self.reach(BEFORE_JOB)
        ids = await super().create(jobs, history, claim=claim)
        self.reach(BEFORE_ANSWER)
        return ids

    async def finish_tasks(self, finishes: Sequence[TaskFinish], *, claim: Claim | None = None) -> list[FinishAnswer]:
        """Four points: before it is kept, when the job has been claimed, and the worker does not hear of it."""
        self.reach(BEFORE_RESULT)
        answers = await super().finish_tasks(finishes, claim=claim)
        self.reach(BEFORE_ANSWER)
        if FinishAnswer.JOB_CLAIMED in answers:
            self.reach(AFTER_READ)
        if FinishAnswer.ACCEPTED in answers:
            self.reach(BEFORE_ANSWER_TO_ONE_OF_TWO)
        return answers

    async def claim_tasks(self, worker_id: str, skills: Collection[str], **options: Any) -> list[Task]:
        """One point: the worker does not hear of its task."""
        tasks = await super().claim_tasks(worker_id, skills, **options)
        if tasks:
            self.reach(BEFORE_TASK)
        return tasks
