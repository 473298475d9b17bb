"""The state machine behind :func:`~fw_orchestrator.store_contract.model_check.check_against_model`."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fw_orchestrator.memory import MemoryStorage
from fw_orchestrator.model import TERMINAL, Job, JobStatus, Task, TaskOutcome, TaskStatus
from fw_orchestrator.store import JobStore, StoreError
from fw_orchestrator.store_contract.records import Members, a_finish, a_job, a_task, a_transition, an_entry

# Few names and times, so that calls meet.
JOB_IDS = st.sampled_from(["a", "b", "a", "b", "c"])
OWNERS = st.sampled_from(["e1", "e2"])
WORKERS = st.sampled_from(["w1", "w2"])
SKILLS = st.sampled_from(["x", "y"])
TIMES = st.integers(0, 12).map(float)
LEASES = st.integers(1, 4).map(float)
STATUSES = st.sampled_from([*[JobStatus.RUNNING] * 12, JobStatus.FAILED])
NEW_TASKS = st.lists(st.tuples(SKILLS, st.integers(-1, 1)), max_size=3)
PICKS = st.integers(0, 99)
# Now and then a call comes from somebody who holds nothing.
THIEVES = st.sampled_from([False, False, False, True])


class StoreMachine(RuleBasedStateMachine):
    """Does everything to a store and to the model; compares every answer, and after every call all that is kept."""

    def __init__(self, store: JobStore) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.store = store
        self.model = MemoryStorage()
        self.task_ids: list[str] = ["unknown"]
        self.ends: dict[str, Job] = {}
        self.owners: dict[str, str] = {}
        self.runner.run(self.store.open())

    def teardown(self) -> None:
        """Close what the machine opened."""
        self.runner.run(self.store.close())
        self.runner.close()

    def both(self, method: str, *args: Any, **options: Any) -> Any:
        """The one answer of store and model; a refusal is an answer too."""
        answers = [self.answer(one, method, args, options) for one in (self.store, self.model)]
        assert answers[0] == answers[1], f"{method}: the store answered {answers[0]!r}, the model {answers[1]!r}"
        return answers[0]

    def answer(self, store: JobStore, method: str, args: Any, options: Any) -> Any:
        """What one store answers."""
        try:
            return self.runner.run(getattr(store, method)(*args, **options))
        except StoreError:
            return "refused"

    def some_task(self, pick: int) -> str:
        """The id of a running task or, for one pick in five, of any task ever thought of."""
        running = [task.id for task in self.runner.run(self.running_tasks())]
        ids = running if running and pick % 5 else self.task_ids
        return ids[pick % len(ids)]

    async def running_tasks(self) -> list[Task]:
        """The tasks that workers hold, as the model knows them."""
        known = [task for job in await self.model.jobs() for task in await self.model.tasks(job.id)]
        return [task for task in known if task.status is TaskStatus.RUNNING]

    @initialize()
    def begin(self) -> None:
        """Start with two jobs."""
        self.both("create", [a_job("a"), a_job("b", 2.0)])

    @rule(ids=st.lists(JOB_IDS, max_size=2), at=TIMES)
    def create(self, ids: list[str], at: float) -> None:
        """Create jobs, known ids among them."""
        self.both("create", [a_job(job_id, at) for job_id in ids], [an_entry("created", job_id) for job_id in ids])

    @rule(owner=OWNERS, now=TIMES, lease=LEASES, limit=st.integers(0, 3))
    def claim_jobs(self, owner: str, now: float, lease: float, limit: int) -> None:
        """Claim."""
        for job in self.both("claim_jobs", owner, now=now, lease=lease, limit=limit):
            self.owners[job.id] = owner

    @rule(owner=OWNERS, ids=st.lists(JOB_IDS), now=TIMES, lease=LEASES)
    def renew_jobs(self, owner: str, ids: list[str], now: float, lease: float) -> None:
        """Renew."""
        self.both("renew_jobs", owner, ids, now=now, lease=lease)

    @rule(mark=JOB_IDS, now=TIMES, lasting=LEASES)
    def use_once(self, mark: str, now: float, lasting: float) -> None:
        """Use something once."""
        self.both("use_once", mark, now=now, until=now + lasting)

    @rule(owner=OWNERS, ids=st.lists(JOB_IDS))
    def release_jobs(self, owner: str, ids: list[str]) -> None:
        """Release."""
        self.both("release_jobs", owner, ids)

    @rule(
        changes=st.lists(st.tuples(JOB_IDS, THIEVES, STATUSES, st.booleans(), NEW_TASKS), min_size=1, max_size=3),
        stale=st.integers(0, 9),
        at=TIMES,
        claim=st.booleans(),
    )
    def commit(self, changes: list[Any], stale: int, at: float, claim: bool) -> None:
        """Commit transitions, one in ten with an old version, after a claim or without."""
        if claim:
            self.claim_jobs("e1", at, 4.0, 3)
        batch = []
        for job_id, thief, status, ready, wanted in changes:
            owner = "thief" if thief else self.owners.get(job_id, "e1")
            job = self.runner.run(self.model.job(job_id))
            version = (job.version if job else 0) - (stale == 0)
            tasks = []
            for number, (skill, priority) in enumerate(wanted):
                task_id = f"t{len(self.task_ids)}"
                self.task_ids.append(task_id)
                times = {
                    "dispatch_deadline": at + 5 if priority > 0 else None,
                    "result_timeout": 3.0 if skill == "y" else None,
                }
                new = a_task(task_id, number, job_id=job_id, step=version + 1, skill=skill, priority=priority, **times)
                tasks.append(new)
            batch.append(
                a_transition(
                    job_id,
                    version,
                    owner=owner,
                    at=at,
                    status=status,
                    ready=(ready or not tasks) and status not in TERMINAL,
                    tasks=tuple(tasks),
                    history=(an_entry("moved", job_id),),
                )
            )
        self.both("commit", batch)

    @rule(
        worker=WORKERS,
        skills=st.sampled_from([["x"], ["y", "x"], ["x", "y", "x"], []]),
        now=TIMES,
        lease=LEASES,
        number=st.integers(1, 3),
    )
    def claim_task(self, worker: str, skills: list[str], now: float, lease: float, number: int) -> None:
        """Take tasks."""
        for _ in range(number):
            self.both("claim_tasks", worker, skills, now=now, lease=lease, limit=1 + number % 2)

    @rule(wanted=st.lists(st.tuples(SKILLS, st.integers(-1, 1)), min_size=2, max_size=3), at=TIMES)
    def dispatch(self, wanted: list[tuple[str, int]], at: float) -> None:
        """What an engine does: claim, then a step with several tasks."""
        self.claim_jobs("e1", at, 4.0, 3)
        self.commit([(job_id, False, JobStatus.RUNNING, False, wanted) for job_id in ("a", "b")], 1, at, claim=False)

    @rule(number=st.integers(1, 3), kind=st.integers(1, 2), at=TIMES)
    def work(self, number: int, kind: int, at: float) -> None:
        """What a worker does: take tasks, and end one of them."""
        self.claim_task("w1", ["x", "y"], at, 4.0, number)
        self.finish_tasks([(False, 1, kind)], "a", at)

    @rule(worker=WORKERS, picks=st.lists(PICKS, max_size=3), now=TIMES, lease=LEASES)
    def renew_tasks(self, worker: str, picks: list[int], now: float, lease: float) -> None:
        """Renew tasks."""
        self.both("renew_tasks", worker, [self.some_task(pick) for pick in picks], now=now, lease=lease)

    @rule(worker=WORKERS, pick=PICKS)
    def release_task(self, worker: str, pick: int) -> None:
        """Give a task back."""
        self.both("release_task", worker, self.some_task(pick))

    @rule(now=TIMES, attempts=st.integers(1, 3))
    def sweep(self, now: float, attempts: int) -> None:
        """Sweep."""
        self.both("sweep", now=now, max_attempts=attempts)

    @rule(ids=st.lists(JOB_IDS, max_size=2), at=TIMES)
    def cancel_jobs(self, ids: list[str], at: float) -> None:
        """Cancel."""
        self.both("cancel_jobs", ids, at=at, reason="asked for")

    @rule(ends=st.lists(st.tuples(THIEVES, PICKS, st.integers(0, 5)), min_size=1, max_size=3), job_id=JOB_IDS, at=TIMES)
    def finish_tasks(self, ends: list[tuple[bool, int, int]], job_id: str, at: float) -> None:
        """Finish tasks: rarely of another job, some with a retry, some of those with a known id."""
        batch = []
        for thief, pick, kind in ends:
            task_id = self.some_task(pick)
            task = self.runner.run(self.model.task(task_id))
            worker = task.worker_id if task and task.worker_id and not thief else "w2"
            own = task.job_id if task and kind else job_id
            retry = None
            if task and kind == 1:
                retry_id = f"t{len(self.task_ids)}"
                self.task_ids.append(retry_id)
                delay: Members = {"status": TaskStatus.DELAYED, "not_before": at + 2} if pick % 2 else {}
                retry = a_task(retry_id, task.number, job_id=own, step=task.step, skill=task.skill, attempt=2, **delay)
            outcome = TaskOutcome(status="success", data={"kind": kind})
            batch.append(
                a_finish(
                    task_id,
                    worker,
                    job_id=own,
                    at=at,
                    outcome=outcome,
                    retry=retry,
                    overdue=kind == 3,
                    history=(an_entry("ended", own),),
                )
            )
        self.both("finish_tasks", batch)

    @invariant()
    def both_hold_the_same_and_it_is_sound(self) -> None:
        """Compare all that is kept; check what must hold of any store."""
        for job in self.both("jobs"):
            tasks = self.both("tasks", job.id)
            self.both("history", job.id)
            still_open = [task for task in tasks if task.status is not TaskStatus.DONE]
            assert all(task.step == job.version for task in still_open), "a task of a step that is over is open"
            assert len(still_open) == job.tasks_open, "tasks_open is not the number of open tasks"
            if job.id in self.ends:
                assert job.version == self.ends[job.id].version, "a terminal job went on"
            if job.status in TERMINAL:
                self.ends[job.id] = job
                assert not job.ready
