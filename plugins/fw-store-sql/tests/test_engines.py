"""The orchestrator on SQLite: one engine, and two that know of each other only through the file."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from fw_orchestrator import ActionFactory, Config, OrchestratorEngine, StateMachineBlueprint, desk, engine
from fw_orchestrator.model import TERMINAL, HistoryEntry, Job, Transition
from fw_orchestrator.storage import SQLStorage
from fw_orchestrator.store import JobStore
from fw_orchestrator.store_contract.records import a_job
from fw_orchestrator.testing.broken_engines import BrokenEngine, EngineFault, Overwriting, claimed_until, sound

PATIENCE = 30.0
HEADERS = {"X-Client-Token": "client", "X-Worker-Token": "worker", "X-Admin-Token": "admin"}


@pytest.fixture(autouse=True)
def _no_safety_nets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "LOOK_AGAIN", 3600.0)
    monkeypatch.setattr(engine, "SAFETY_NET", 3600.0)


def flow() -> StateMachineBlueprint:
    made = StateMachineBlueprint("flow", api_endpoint="/jobs/flow")

    @made.handler_for(is_start=True)
    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        tasks = [{"task_type": "echo", "params": {"n": n}} for n in range(initial_data.get("n", 1))]
        actions.dispatch_parallel(tasks, aggregate_into="gathered")

    @made.aggregator_for()
    def gathered(aggregation_results: Any, state_history: dict[str, Any], actions: ActionFactory) -> None:
        state_history["done"] = [result["data"] for result in aggregation_results.values()]
        actions.transition_to("done")

    @made.handler_for(is_end=True)
    def done() -> None: ...

    return made


@asynccontextmanager
async def running(
    path: Path, blueprint: StateMachineBlueprint | None = None, fault: EngineFault = sound
) -> AsyncIterator[OrchestratorEngine]:
    config = Config({"API_HOST": "127.0.0.1", "CLIENT_TOKEN": "client", "GLOBAL_WORKER_TOKEN": "worker"})
    config.API_PORT = 0
    made = OrchestratorEngine(fault(SQLStorage(f"sqlite:///{path}")), config)
    made.register_blueprint(blueprint or flow())
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def call(session: aiohttp.ClientSession, method: str, url: str, **options: Any) -> Any:
    async with session.request(method, url, headers=HEADERS, **options) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json() if answer.status != 204 else None


async def work(session: aiohttp.ClientSession, url: str, worker: str) -> None:
    """Take one task, wait for it if need be, and hand its parameters in."""
    query = "timeout=60&available_skills=echo"
    await call(session, "POST", f"{url}/_worker/workers/register", json={"worker_id": worker})
    task = await call(session, "GET", f"{url}/_worker/workers/{worker}/tasks/next?{query}")
    ids = {"job_id": task["job_id"], "task_id": task["task_id"], "worker_id": worker}
    await call(session, "POST", f"{url}/_worker/tasks/result", json={**ids, "data": task["params"]})


async def ended(session: aiohttp.ClientSession, url: str, job_id: str) -> Any:
    async with asyncio.timeout(PATIENCE):
        while True:
            job = await call(session, "GET", f"{url}/api/jobs/{job_id}")
            if job["status"] in ("finished", "failed", "quarantined"):
                return job
            await asyncio.sleep(0.005)


async def test_jobs_survive_a_restart_of_the_engine(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session:
        async with running(tmp_path / "jobs.db") as first:
            job_id = (await call(session, "POST", f"{first.url}/api/jobs/flow", json={"initial_data": {"n": 2}}))[
                "job_id"
            ]
            await work(session, first.url, "w1")
        async with running(tmp_path / "jobs.db") as second:
            await work(session, second.url, "w1")
            job = await ended(session, second.url, job_id)
            assert (job["status"], job["result"]) == ("finished", [{"n": 0}, {"n": 1}])


async def test_a_worker_that_waits_at_one_engine_gets_the_tasks_of_another(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    async with aiohttp.ClientSession() as session, running(path) as one, running(path) as other:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
            for n in range(3):
                group.create_task(work(session, other.url, f"w{n}"))
            await asyncio.sleep(0.05)
            made = await call(session, "POST", f"{one.url}/api/jobs/flow", json={"initial_data": {"n": 3}})
        assert (await ended(session, one.url, made["job_id"]))["status"] == "finished"


class Meeting:
    """Lets two engines step a job at the same time; it goes on when both have tried to write what came of it."""

    def __init__(self) -> None:
        self._both: defaultdict[str, asyncio.Barrier] = defaultdict(lambda: asyncio.Barrier(2))
        self._answered: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._answers: Counter[str] = Counter()

    def blueprint(self) -> StateMachineBlueprint:
        """Two states and an end."""
        made = StateMachineBlueprint("meeting")
        made.handler_for("start", is_start=True, to=["middle"])(self.start)
        made.handler_for("middle", to=["done"])(self.middle)
        made.handler_for("done", is_end=True)(lambda: None)
        return made

    async def start(self, job_id: str, actions: ActionFactory) -> None:
        """Wait until the other engine is here too."""
        async with asyncio.timeout(PATIENCE):
            await self._both[job_id].wait()
        actions.transition_to("middle")

    async def middle(self, job_id: str, actions: ActionFactory) -> None:
        """Wait until both have been answered."""
        async with asyncio.timeout(PATIENCE):
            await self._answered[job_id].wait()
        actions.transition_to("done")

    def answered(self, transition: Transition) -> None:
        """An engine has been told whether its transition counts."""
        self._answers[transition.job_id] += transition.state == "middle"
        if self._answers[transition.job_id] == 2:
            self._answered[transition.job_id].set()


class Greedy(BrokenEngine):
    """Claims that end at once: every engine takes every job, and only the fence protects."""

    def __init__(self, store: JobStore, meeting: Meeting) -> None:
        super().__init__(store)
        self._meeting = meeting

    async def claim_jobs(self, owner: str, **options: Any) -> list[Job]:
        """Hold for a moment."""
        return await self.store.claim_jobs(owner, **(options | {"lease": 1e-6}))

    async def create(self, jobs: Sequence[Job], history: Sequence[HistoryEntry] = (), **options: Any) -> list[str]:
        """Hold for a moment, should jobs be claimed as they are created."""
        return await self.store.create(jobs, history, **claimed_until(0.0, options))

    async def renew_jobs(self, owner: str, job_ids: Any, *, now: float, lease: float) -> list[str]:
        """Hold no longer."""
        return []

    async def commit(self, transitions: Sequence[Transition]) -> list[bool]:
        """Tell the meeting."""
        answers = await self.store.commit(transitions)
        for transition in transitions:
            self._meeting.answered(transition)
        return answers


async def moved_wrongly(path: Path, fault: EngineFault) -> list[list[str]]:
    """Two engines on one file step the same jobs at once; the histories that do not tell of one way through."""
    meeting = Meeting()

    def both(store: JobStore) -> JobStore:
        return cast("JobStore", Greedy(fault(store), meeting))

    made = meeting.blueprint()
    async with running(path, made, both) as one, running(path, made, both), asyncio.timeout(PATIENCE):
        ids = [await one.framework_app.orchestrator.create_job("meeting") for _ in range(10)]
        while any(job.status not in TERMINAL for job in await one.storage.jobs()):  # noqa: ASYNC110 - a job announces nothing
            await asyncio.sleep(0.01)
        histories = [[entry.event for entry in await one.storage.history(job_id)] for job_id in ids]
    way = ["job_created", "state_entered", "state_entered", "job_finished"]
    return [events for events in histories if events != way]


async def test_two_engines_on_one_file_that_step_a_job_at_once_move_it_once(tmp_path: Path) -> None:
    assert await moved_wrongly(tmp_path / "jobs.db", sound) == []


async def test_the_check_above_notices_an_engine_that_overwrites(tmp_path: Path) -> None:
    overwriting = cast("EngineFault", Overwriting)
    assert await moved_wrongly(tmp_path / "jobs.db", overwriting) != []


async def test_news_are_what_others_wrote(tmp_path: Path) -> None:
    one, other = (SQLStorage(f"sqlite:///{tmp_path}/jobs.db") for _ in range(2))
    await one.open()
    await other.open()
    hearing = asyncio.create_task(one.news())
    await one.touch_worker("nobody", status="idle", now=1.0)
    await asyncio.sleep(0.25)
    assert not hearing.done()
    await other.create([])
    await other.create([a_job()])
    await asyncio.wait_for(hearing, PATIENCE)
    await one.close()
    await other.close()
