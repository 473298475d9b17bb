"""What the engine does between the steps of a job: wait, stop, take over, bear a store that fails."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage
from fw_orchestrator.model import FinishAnswer, Job, JobCount, JobStatus, WorkerRecord
from fw_orchestrator.store import StoreError
from fw_orchestrator.store_contract.records import a_job

from .orchestration import ADMIN_TOKEN, PATIENCE, Hand, flow, one_task, site

T = TypeVar("T")


async def test_a_job_of_an_unknown_definition_waits_visibly(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryStorage()
    gone = [
        Job(id=f"old{n}", blueprint="flow", definition="0" * 16, state="start", created_at=1.0, updated_at=1.0)
        for n in range(2)
    ]
    await store.create(gone)
    async with site(one_task(), store=store) as running:
        worker, later = Hand(running), await running.create()
        await worker.hand_in(await worker.task())
        await running.ended(later)
        assert await store.job("old0") == gone[0]
        shown = (await running.get("/api/jobs/old0")).body
        assert (shown["status"], shown["waiting_for_definition"]) == ("pending", True)
        assert (await running.get(f"/api/jobs/{later}")).body["waiting_for_definition"] is False
        await running.waiting(await running.create())
        headers = {"X-Admin-Token": ADMIN_TOKEN}
        told = (await running.call("GET", "/api/admin/definitions", headers=headers)).body["waiting"]
        assert told == [{"blueprint": "flow", "definition": "0" * 16, "state": "start", "status": "pending", "jobs": 2}]
        lines = [line for line in caplog.messages if "wait: their definition" in line]
        assert lines == [
            "2 jobs of blueprint 'flow' in state 'start' wait: their definition 0000000000000000 is not registered here"
        ]


class LookedAt(MemoryStorage):
    """Is away when jobs are counted for the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.often = asyncio.Event()

    async def counts(self) -> list[JobCount]:
        self.looks += 1
        if self.looks == 1:
            raise StoreError("The database is away.")
        if self.looks == 5:
            self.often.set()
        return await super().counts()


async def test_a_definition_that_nobody_knows_is_spoken_of_once_though_the_store_fails_meanwhile(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fw_orchestrator.operations.REVIEW", 0.001)
    store = LookedAt()
    await store.create([a_job("old", definition="0" * 16)])
    async with site(one_task(), store=store), asyncio.timeout(PATIENCE):
        await store.often.wait()
    assert caplog.text.count("jobs without a definition could not be looked for") == 1
    assert caplog.text.count("wait: their definition 0000000000000000 is not registered here") == 1


async def test_jobs_survive_a_stop_between_two_apps() -> None:
    store = MemoryStorage()
    async with site(one_task(), store=store) as running:
        job_id = await running.create({"n": 1})
        await running.waiting(job_id)
    async with site(one_task(), store=store) as running:
        worker = Hand(running)
        await worker.hand_in(await worker.task(), data={"done": "later"})
        assert (await running.ended(job_id)).result == "later"


async def test_a_stop_lets_the_running_step_commit() -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def start(actions: ActionFactory) -> None:
        began.set()
        await may_end.wait()
        actions.transition_to("done")

    store = MemoryStorage()
    async with asyncio.timeout(PATIENCE):
        async with site(flow(start), store=store) as running:
            job_id = await running.create()
            await began.wait()
            stopping = asyncio.create_task(running.app.stop())
            while not running.engine._stopping:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0)
            may_end.set()
            await stopping
            job = await store.job(job_id)
            assert job is not None
            assert (job.state, job.version) == ("done", 1)


async def test_a_stop_that_is_cut_off_names_the_jobs_whose_handlers_have_not_ended(
    caplog: pytest.LogCaptureFixture,
) -> None:
    began = asyncio.Event()

    async def start(actions: ActionFactory) -> None:
        began.set()
        await asyncio.Event().wait()
        actions.transition_to("done")

    async with asyncio.timeout(PATIENCE), site(flow(start)) as running:
        job_id = await running.create()
        await began.wait()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await running.engine.stop()
    (line,) = [line for line in caplog.messages if "have not ended" in line]
    assert line.endswith(f"job {job_id}")


class FailingOnce(MemoryStorage):
    """The first call of one of its methods fails, as if the database were away for a moment."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self.failed = asyncio.Event()
        works = getattr(self, method)

        async def call(*arguments: Any, **named: Any) -> Any:
            if self.failed.is_set():
                return await works(*arguments, **named)
            self.failed.set()
            raise StoreError("The database is away.")

        setattr(self, method, call)


@pytest.mark.parametrize(
    "method, words",
    [
        ("claim_jobs", "jobs could not be claimed; trying again"),
        ("commit", "could not be stepped; it is tried again when its lease ends"),
        ("renew_jobs", "the sweep failed; trying again"),
        ("sweep", "the sweep failed; trying again"),
    ],
)
async def test_a_store_that_fails_for_a_moment_costs_time_only(
    method: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = FailingOnce(method)
    async with site(one_task(), store=store, job_lease=0.03) as running, asyncio.timeout(PATIENCE):
        job_id, worker = await running.create(), Hand(running)
        await store.failed.wait()
        polling = asyncio.create_task(worker.task())
        while not polling.done():
            running.engine.job_ready()
            await asyncio.sleep(0.005)
        await worker.hand_in(await polling)
        assert (await running.ended(job_id)).status is JobStatus.FINISHED
        assert words in caplog.text
        assert "The database is away." in caplog.text


async def test_no_more_jobs_run_at_once_than_configured() -> None:
    running_now: set[str] = set()
    most, may_end = [0], asyncio.Event()

    async def start(job_id: str, actions: ActionFactory) -> None:
        running_now.add(job_id)
        most.append(len(running_now))
        await may_end.wait()
        running_now.remove(job_id)
        actions.transition_to("done")

    async with site(flow(start), max_concurrent_jobs=2) as running, asyncio.timeout(PATIENCE):
        ids = [await running.create() for _ in range(6)]
        while running.engine.active < 2:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)
        may_end.set()
        for job_id in ids:
            await running.ended(job_id)
    assert max(most) == 2
    assert len(most) == 1 + 6


async def test_no_more_waiting_jobs_are_taken_than_may_run_at_once() -> None:
    """However many are there: after a restart, or from engines that are full."""
    running_now: set[str] = set()
    most, may_end = [0], asyncio.Event()

    async def start(job_id: str, actions: ActionFactory) -> None:
        running_now.add(job_id)
        most.append(len(running_now))
        await may_end.wait()
        running_now.remove(job_id)
        actions.transition_to("done")

    blueprint = flow(start)
    async with site(blueprint, max_concurrent_jobs=2) as running, asyncio.timeout(PATIENCE):
        waiting = [a_job(f"j{n}", blueprint="flow", definition=blueprint.definition, state="start") for n in range(6)]
        await running.store.create(waiting)
        running.engine.job_ready()
        while not running_now:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert most == [0, 1, 2]
        held = [job.id for job in await running.store.claim_jobs("other", now=1e9, lease=1.0, limit=9)]
        assert sorted(held) == ["j2", "j3", "j4", "j5"]
        await running.store.release_jobs("other", held)
        may_end.set()
        for job in waiting:
            await running.ended(job.id)
    assert max(most) == 2


async def test_jobs_whose_handlers_overlap_all_finish() -> None:
    """200 jobs, 32 at a time in a handler that waits."""
    inside: set[str] = set()
    full = asyncio.Event()

    async def start(job_id: str, actions: ActionFactory) -> None:
        inside.add(job_id)
        if len(inside) == 32:
            full.set()
        await full.wait()
        await asyncio.sleep(0.001)
        actions.transition_to("done")

    async with site(flow(start), max_concurrent_jobs=32) as running:
        ids = [await running.app.orchestrator.create_job("flow", {"n": n}) for n in range(200)]
        jobs = [await running.ended(job_id) for job_id in ids]
        assert [job.status for job in jobs] == [JobStatus.FINISHED] * 200
        assert [job.initial_data["n"] for job in jobs] == list(range(200))
        assert [len(await running.store.history(job_id)) for job_id in ids] == [3] * 200


class Outage(MemoryStorage):
    """Fails as long as it is told to."""

    is_out = False

    async def create(self, *given: Any, **more: Any) -> list[str]:
        if self.is_out:
            raise StoreError("The job store /private/jobs.db has no room left.", remedy="Free some space.")
        return await super().create(*given, **more)

    async def save_worker(self, worker: WorkerRecord) -> None:
        if self.is_out:
            raise StoreError("The job store cannot be opened.")
        await super().save_worker(worker)


async def test_while_the_store_is_out_of_order_clients_get_503_and_the_log_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Outage()
    async with site(one_task(), store=store) as running:
        store.is_out = True
        answer = await running.post("/api/jobs/flow", b"{}")
        store.is_out = False
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert "private" not in str(answer.body)
        assert answer.body["error"] == answer.body["detail"]
        lines = [record for record in caplog.records if "503" in record.getMessage()]
        assert [(line.levelname, line.exc_info) for line in lines] == [("ERROR", None)]
        assert "/api/jobs/flow" in lines[0].getMessage()
        assert "Free some space." in lines[0].getMessage()
        assert await store.jobs() == []
        await running.create()


async def test_while_the_store_is_out_of_order_workers_get_503_as_they_understand_it() -> None:
    store = Outage()
    async with site(one_task(), store=store) as running:
        store.is_out = True
        answer = await Hand(running).register()
        assert (answer.status, answer.headers["Retry-After"], answer.headers["X-RXON-Version"]) == (503, "1", "1.0b17")
        store.is_out = False
        assert (await Hand(running).register()).status == 200


async def test_a_step_that_came_too_late_goes_no_further() -> None:
    """Its job was cancelled while the handler ran: what would have come next is not even begun."""
    inside, may_end, begun = asyncio.Event(), asyncio.Event(), list[str]()

    async def start(actions: ActionFactory) -> None:
        inside.set()
        await may_end.wait()
        actions.transition_to("next")

    blueprint = flow(start)

    @blueprint.handler_for("next")
    def following(actions: ActionFactory) -> None:
        begun.append("next")
        actions.transition_to("done")

    async with site(blueprint) as running, asyncio.timeout(PATIENCE):
        job_id = await running.create()
        await inside.wait()
        await running.post(f"/api/jobs/{job_id}/cancel", b"")
        may_end.set()
        while running.engine.active:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)
        assert begun == []
        assert running.engine.counted["transitions"] == 0
        assert (await running.ended(job_id)).status is JobStatus.CANCELLED


async def test_nothing_is_remembered_of_the_progress_of_a_step_that_is_over() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        task = await worker.task()
        assert (await worker.event(task, {"progress": 0.5})).status == 200
        assert (await running.get(f"/api/jobs/{job_id}")).body["progress"] == 50
        assert list(running.engine.progress) == [job_id]
        await worker.hand_in(task)
        await running.ended(job_id)
        assert running.engine.progress == {}


class Slow(MemoryStorage):
    """Answers late: what it has done it tells only when ``may_tell`` is set. ``done`` counts."""

    def __init__(self) -> None:
        super().__init__()
        self.may_tell = asyncio.Event()
        self.done = 0

    async def create(self, *given: Any, **more: Any) -> list[str]:
        return await self._late(await super().create(*given, **more))

    async def finish_tasks(self, *given: Any, **more: Any) -> list[FinishAnswer]:
        return await self._late(await super().finish_tasks(*given, **more))

    async def _late(self, answer: T) -> T:
        self.done += 1
        await self.may_tell.wait()
        return answer

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.done < count:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0)


async def test_results_that_come_side_by_side_leave_the_job_to_one_who_keeps_its_claim() -> None:
    """The first to be answered lets go of nothing that the second has begun."""
    store, inside, may_end = Slow(), asyncio.Event(), asyncio.Event()

    def start(actions: ActionFactory) -> None:
        actions.dispatch_parallel([{"task_type": "echo"}, {"task_type": "echo"}], aggregate_into="sum")

    blueprint = flow(start)

    @blueprint.aggregator_for("sum")
    async def gathered(actions: ActionFactory) -> None:
        inside.set()
        await may_end.wait()
        actions.transition_to("done")

    async with site(blueprint, store=store) as running, asyncio.timeout(PATIENCE):
        store.may_tell.set()
        job_id, worker = await running.create(), Hand(running)
        tasks = [await worker.task(), await worker.task()]
        store.may_tell.clear()
        store.done = 0
        results = asyncio.gather(*(worker.hand_in(task) for task in tasks))
        await store.until(2)
        store.may_tell.set()
        await results
        await inside.wait()
        assert running.engine.active == 1
        may_end.set()
        assert (await running.ended(job_id)).status is JobStatus.FINISHED


async def test_a_job_that_is_created_while_the_engine_stops_is_left_to_others_at_once() -> None:
    store, begun = Slow(), list[str]()

    def start(job_id: str, actions: ActionFactory) -> None:
        begun.append(job_id)
        actions.transition_to("done")

    async with site(flow(start), store=store) as running, asyncio.timeout(PATIENCE):
        creating = asyncio.create_task(running.engine.intake.create("flow", {}))
        await store.until(1)
        stopping = asyncio.create_task(running.engine.stop())
        await asyncio.sleep(0)
        store.may_tell.set()
        job_id = await creating
        await stopping
        assert begun == []
        assert [job.id for job in await store.claim_jobs("other", now=0.0, lease=1.0, limit=9)] == [job_id]


@pytest.mark.parametrize("waits", [False, True])
async def test_a_task_that_takes_too_long_is_noticed_when_it_is_due(waits: bool) -> None:
    """Not when the next sweep would come anyway: after a third of a lease. Taken from the queue or while waiting."""
    async with site(one_task(), job_lease=3600.0, task_lease=3600.0, max_retries=0) as running:
        worker = Hand(running)
        await worker.register()
        polling = asyncio.create_task(worker.task())
        if waits:
            await running.polls(1)
            job_id = await running.create(result_timeout=0.05)
        else:
            polling.cancel()
            job_id = await running.create(result_timeout=0.05)
            await running.waiting(job_id)
            polling = asyncio.create_task(worker.task())
        await polling
        ended = await running.ended(job_id)
        assert ended.error is not None
        assert "within 0.05 s" in ended.error.message


async def test_a_task_that_is_tried_again_goes_out_when_it_is_due() -> None:
    async with site(one_task(), job_lease=3600.0, task_lease=3600.0, retry_delay=0.05, retry_jitter=0.0) as running:
        job_id, worker = await running.create(), Hand(running)
        first = await worker.task()
        await worker.fail(first, "TRANSIENT_ERROR")
        async with asyncio.timeout(PATIENCE):
            second = await worker.task()
        assert second["task_id"] != first["task_id"]
        await worker.hand_in(second)
        assert (await running.ended(job_id)).status is JobStatus.FINISHED
