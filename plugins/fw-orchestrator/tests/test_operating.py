"""What operators do and see: quarantine, retries, keys, retention, metrics, documentation."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import pytest

from fw_orchestrator import MemoryStorage
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.errors import InvalidJobData, NotResumable
from fw_orchestrator.model import Failure, JobStatus, Task, TaskKind, TaskOutcome, TaskStatus
from fw_orchestrator.retries import Retries
from fw_orchestrator.surroundings import Surroundings

from .orchestration import ADMIN_TOKEN, CLIENT_TOKEN, PATIENCE, Answer, Clock, Hand, Site, flow, one_task, site

FAILED = TaskOutcome("failure")


def a_task(**members: Any) -> Task:
    fixed: dict[str, Any] = {"id": "t", "job_id": "j", "step": 1, "number": 0, "skill": "echo", "enqueued_at": 0.0}
    return Task(**({"params": {}} | fixed | members))


def test_the_delay_before_a_retry_doubles_up_to_its_limit() -> None:
    settings = OrchestratorSettings(retry_delay=2.0, retry_max_delay=9.0, retry_jitter=0.0)
    retries = Retries(settings, Surroundings())
    assert [retries.delay(attempt) for attempt in (1, 2, 3, 4, 5000)] == [2.0, 4.0, 8.0, 9.0, 9.0]


def test_the_jitter_comes_from_the_given_randomness() -> None:
    settings = OrchestratorSettings(retry_delay=10.0, retry_jitter=0.5)

    def delays() -> list[float]:
        retries = Retries(settings, Surroundings(random=random.Random(7)))  # noqa: S311 - repeatable on purpose
        return [retries.delay(1) for _ in range(50)]

    assert delays() == delays()
    assert all(5.0 <= delay <= 15.0 for delay in delays())
    assert len(set(delays())) == 50
    assert min(delays()) < 10.0 < max(delays())


def test_a_retry_is_the_same_task_with_an_id_and_a_time_of_its_own() -> None:
    settings = OrchestratorSettings(retry_delay=3.0, retry_jitter=0.0, max_retries=2)
    retries = Retries(settings, Surroundings())
    held = a_task(
        status=TaskStatus.RUNNING,
        worker_id="w",
        dispatch_timeout=10.0,
        lease_until=5.0,
        started_at=1.0,
        result_deadline=9.0,
        outcome=FAILED,
    )
    again = retries.after(held, FAILED, 100.0)
    assert again == a_task(
        id=again.id if again else "",
        attempt=2,
        status=TaskStatus.DELAYED,
        not_before=103.0,
        enqueued_at=100.0,
        dispatch_timeout=10.0,
        dispatch_deadline=113.0,
    )
    assert again.id != held.id
    assert retries.after(a_task(attempt=3), FAILED, 100.0) is None
    assert retries.after(a_task(attempt=1, retries=0), FAILED, 100.0) is None
    assert retries.after(a_task(attempt=5, retries=5), FAILED, 100.0) is not None
    at_once = Retries(OrchestratorSettings(retry_delay=0.0, max_retries=2), Surroundings())
    again = at_once.after(a_task(), FAILED, 100.0)
    assert again is not None
    assert (again.status, again.not_before) == (TaskStatus.QUEUED, None)
    assert at_once.max_attempts == 3


def test_nothing_but_the_transient_failure_of_a_worker_is_tried_again() -> None:
    retries = Retries(OrchestratorSettings(max_retries=2), Surroundings())
    for status in ("success", "cancelled", "odd"):
        assert retries.after(a_task(), TaskOutcome(status), 100.0) is None
    for kind in (TaskKind.HUMAN, TaskKind.JOB):
        assert retries.after(a_task(kind=kind), FAILED, 100.0) is None
    assert retries.after(None, FAILED, 100.0) is None
    codes = ("TRANSIENT_ERROR", "TIMEOUT_ERROR", "unknown", "PERMANENT_ERROR", "INVALID_INPUT_ERROR")
    tried = [retries.after(a_task(), TaskOutcome("failure", {}, Failure(code, "")), 100.0) for code in codes]
    assert [again is not None for again in tried] == [True, True, True, False, False]


async def test_equal_randomness_and_time_give_equal_runs() -> None:
    async def run() -> list[str]:
        world = Surroundings(clock=lambda: 1000.0, random=random.Random(7))  # noqa: S311 - repeatable on purpose
        async with site(one_task(), prepare=lambda app: app.provide(Surroundings, lambda: world)) as running:
            job_id, worker = await running.create(), Hand(running)
            task = await worker.task()
            await worker.hand_in(task)
            await running.ended(job_id)
            return [job_id, task["task_id"], *(str(entry) for entry in await running.store.history(job_id))]

    assert await run() == await run()


async def test_a_retry_waits_for_its_time_and_says_so() -> None:
    async with site(one_task(), retry_delay=30.0, retry_jitter=0.0, job_lease=0.03) as running:
        clock, worker = Clock(running), Hand(running)
        job_id = await running.create()
        await worker.fail(await worker.task(), "TRANSIENT_ERROR")
        shown = (await running.get(f"/api/jobs/{job_id}")).body
        assert (shown["status"], shown["retry_count"], shown["retry_at"]) == ("awaiting_retry", 1, 1030.0)
        polling = asyncio.create_task(worker.task())
        await running.polls(1)
        clock.now += 29
        await asyncio.sleep(0.03)
        assert not polling.done()
        clock.now += 1
        await worker.hand_in(await polling)
        assert (await running.ended(job_id)).status is JobStatus.FINISHED


async def resume(running: Site, job_id: str, body: Any, token: str | None = ADMIN_TOKEN) -> Answer:
    headers = {"Content-Type": "application/json"} | ({"X-Admin-Token": token} if token else {})
    return await running.call(
        "POST", f"/api/admin/jobs/{job_id}/resume", headers=headers, data=json.dumps(body).encode()
    )


async def quarantined(running: Site) -> str:
    job_id, worker = await running.create({"n": 1}), Hand(running)
    await worker.fail(await worker.task(), "PERMANENT_ERROR", "a full disk")
    await running.ended(job_id)
    return job_id


async def test_a_resumption_that_is_refused_says_what_would_do() -> None:
    async with site(one_task()) as running:
        job_id = await quarantined(running)
        error = (await resume(running, job_id, {"state": "nowhere"})).body["error"]
        assert "state 'nowhere', which is not declared. There are: done, start." in error


async def test_an_operator_lists_repairs_and_resumes() -> None:
    async with site(one_task()) as running:
        job_id = await quarantined(running)
        [listed] = (await running.get("/api/jobs/quarantined")).body
        assert (listed["id"], listed["error_message"], listed["current_state"]) == (job_id, "a full disk", "start")
        answer = await resume(running, job_id, {"state_history": {"done": "repaired"}, "expected_version": 2})
        assert (answer.status, answer.body) == (200, {"status": "resumed", "job_id": job_id})
        worker = Hand(running)
        await worker.hand_in(await worker.task())
        job = await running.ended(job_id)
        assert (job.status, job.result, job.error) == (JobStatus.FINISHED, "repaired", None)
        [entry] = [one for one in await running.store.history(job_id) if one.event == "job_resumed"]
        assert entry.detail == {"state": "start", "repaired": True}
        refused = await resume(running, job_id, {})
        only = "Only quarantined jobs can be resumed."
        assert (refused.status, refused.body["error"]) == (409, f"Job {job_id!r} is finished. {only}")


async def test_a_repair_may_leave_nothing() -> None:
    async with site(one_task()) as running:
        job_id, worker = await quarantined(running), Hand(running)
        for history in ({"half": 1}, {}):
            assert (await resume(running, job_id, {"state_history": history})).status == 200
            await worker.fail(await worker.task(), "PERMANENT_ERROR")
            assert (await running.ended(job_id)).state_history == history


async def test_what_nobody_could_go_on_with_is_not_resumed() -> None:
    store = MemoryStorage()
    async with site(one_task(), store=store) as running:
        job_id, resumes = await quarantined(running), running.engine.operations.resume
        with pytest.raises(NotResumable, match="'nobody' is not there"):
            await resumes("nobody")
        with pytest.raises(InvalidJobData, match="cannot be stored as JSON"):
            await resumes(job_id, state_history={"bad": object()})
    async with site(flow(lambda actions: actions.transition_to("done"), name="other"), store=store) as running:
        refused = await resume(running, job_id, {})
        assert (refused.status, "which is not declared" in refused.body["error"]) == (409, True)
        assert (await running.ended(job_id)).status is JobStatus.QUARANTINED
        assert await running.engine.operations.waiting_for_definition() == []


async def test_an_operator_may_choose_the_state_to_go_on_with() -> None:
    async with site(one_task()) as running:
        job_id = await quarantined(running)
        assert (await resume(running, job_id, {"state": "done"})).status == 200
        assert (await running.until(job_id, lambda job: job.status is JobStatus.FINISHED)).state == "done"


@pytest.mark.parametrize(
    "body, status",
    [
        ({"state": "nowhere"}, 409),
        ({"expected_version": 99}, 409),
        ({"state": 5}, 422),
        ({"state_history": []}, 422),
        ({"expected_version": "2"}, 422),
        ({"expected_version": 2**70}, 422),
        ({"more": 1}, 422),
        ([], 422),
    ],
)
async def test_a_wrong_repair_is_refused(body: Any, status: int) -> None:
    async with site(one_task()) as running:
        job_id = await quarantined(running)
        assert (await resume(running, job_id, body)).status == status
        job = await running.store.job(job_id)
        assert job is not None
        assert job.status is JobStatus.QUARANTINED


async def test_operators_calls_need_the_operators_token() -> None:
    async with site(one_task()) as running:
        for token, status in ((None, 401), ("wrong", 401), (CLIENT_TOKEN, 401), (ADMIN_TOKEN, 404)):
            assert (await resume(running, "nobody", {}, token)).status == status
        headers = {"X-Admin-Token": ADMIN_TOKEN}
        assert (await running.call("POST", "/api/admin/reload-workers", headers=headers)).status == 400
    async with site(one_task(), admin_token="") as running:
        assert (await resume(running, "nobody", {}, "")).status == 403


async def test_a_request_repeated_with_its_key_makes_one_job() -> None:
    async with site(one_task()) as running:

        async def create(key: str, data: str = '{"initial_data": {"n": 1}}') -> Answer:
            headers = {"X-Client-Token": CLIENT_TOKEN, "Content-Type": "application/json", "Idempotency-Key": key}
            return await running.call("POST", "/api/jobs/flow", headers=headers, data=data.encode())

        answers = await asyncio.gather(*(create("order-7") for _ in range(5)))
        assert [answer.status for answer in answers] == [202] * 5
        assert len({answer.body["job_id"] for answer in answers}) == 1
        assert (await create("order-8")).body["job_id"] != answers[0].body["job_id"]
        assert (await create("order-7", '{"initial_data": {"n": 2}}')).status == 409
        assert (await create("order-7", '{"initial_data": {"n": 1}, "max_transitions": 9}')).status == 409
        for key in ("", "x" * 256, "ключ", "a\tb"):
            assert (await create(key)).status == 400
        assert len(await running.store.jobs()) == 2
        assert (await create("x" * 255)).status == 202


async def test_a_key_is_for_the_jobs_of_one_blueprint() -> None:
    async with site(one_task(), flow(lambda actions: actions.transition_to("done"), name="other")) as running:
        create = running.app.orchestrator.create_job
        assert len({await create(name, key="order-7") for name in ("flow", "other", "flow")}) == 2
        assert len({await create("flow", key=key) for key in ("order-8", "order-9", None, None)}) == 4


async def test_jobs_that_ended_long_ago_are_forgotten_and_quarantined_ones_are_not() -> None:
    async with site(one_task(), retention=100.0, retention_interval=0.001, job_lease=0.03) as running:
        clock, worker = Clock(running), Hand(running)
        stuck, old = await quarantined(running), await running.create()
        await worker.hand_in(await worker.task())
        await running.ended(old)
        clock.now += 99
        waiting = await running.create()
        await running.waiting(waiting)
        assert len(await running.store.jobs()) == 3
        clock.now += 2
        async with asyncio.timeout(PATIENCE):
            while await running.store.job(old) is not None:  # noqa: ASYNC110 - a sweep announces nothing
                await asyncio.sleep(0.005)
        assert {job.id for job in await running.store.jobs()} == {stuck, waiting}
        assert (await running.get(f"/api/jobs/{old}")).status == 404


async def test_metrics_are_for_prometheus() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.register()
        await worker.hand_in(await worker.task())
        await running.ended(job_id)
        url = f"{running.app.http.url}/_public/metrics"
        async with running.session.get(url) as answer:
            text = await answer.text()
            assert answer.content_type == "text/plain"
        lines = text.splitlines()
        definition = running.engine.blueprints["flow"].definition
        for line in (
            "orchestrator_jobs_created_total 1",
            "orchestrator_transitions_total 2",
            'orchestrator_results_total{answer="job_ready"} 1',
            f'orchestrator_jobs{{blueprint="flow",definition="{definition}",state="done",status="finished"}} 1',
            "orchestrator_workers 1",
        ):
            assert line in lines
        assert text.endswith("\n")


async def test_the_documentation_lists_every_blueprint_and_asks_nobody_else() -> None:
    async with site(one_task()) as running:
        async with running.session.get(f"{running.app.http.url}/_public/docs") as answer:
            page = await answer.text()
        assert answer.content_type == "text/html"
        for words in ("/api/jobs/flow", "/api/jobs/{job_id}/cancel", "/_worker/tasks/result", "X-Client-Token"):
            assert words in page
        assert "http://" not in page
        assert "https://" not in page
        assert CLIENT_TOKEN not in page


async def test_overviews_count_what_there_is() -> None:
    async with site(one_task()) as running:
        await running.waiting(await running.create())
        await Hand(running).register()
        board = (await running.get("/api/dashboard")).body
        assert (board["jobs"]["waiting_for_worker"], board["workers"]) == (1, {"total": 1})
        catalog = (await running.get("/api/workers/catalog")).body
        assert (catalog["echo"]["providers_count"], catalog["echo"]["worker_types"]) == (1, ["generic"])


async def test_without_the_client_api_only_workers_are_served() -> None:
    async with site(one_task(), client_api=False) as running:
        assert (await running.get("/api/jobs")).status == 404
        assert (await Hand(running).register()).status == 200
