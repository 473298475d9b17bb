"""Jobs from their creation to their end, over HTTP, on the memory store."""

from __future__ import annotations

from typing import Any

import pytest

from framework import App, Scope
from fw_orchestrator import ActionFactory
from fw_orchestrator.model import JobStatus

from .orchestration import Hand, fan_out, flow, one_task, site


async def test_a_task_that_succeeds_finishes_the_job() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create({"n": 1}), Hand(running)
        task = await worker.task()
        assert task["params"] == {"n": 1}
        assert (await running.get(f"/api/jobs/{job_id}")).body["status"] == "waiting_for_worker"
        assert (await worker.hand_in(task, data={"done": {"answer": 42}})).body == {"status": "accepted"}
        await running.ended(job_id)
        shown = (await running.get(f"/api/jobs/{job_id}")).body
        assert (shown["status"], shown["result"], shown["progress"]) == ("finished", {"answer": 42}, 100)
        history = (await running.get(f"/api/jobs/{job_id}/history")).body
        assert [entry["event"] for entry in history] == [
            "job_created",
            "tasks_dispatched",
            "task_finished",
            "state_entered",
            "job_finished",
        ]
        assert history[2]["detail"] == {
            "task_id": task["task_id"],
            "worker_id": "w1",
            "status": "success",
            "skill": "echo",
            "attempt": 1,
        }


async def test_what_a_handler_does_to_the_metadata_is_seen_by_no_other_job() -> None:
    seen: list[dict[str, Any]] = []

    def start(actions: ActionFactory, metadata: dict[str, Any]) -> None:
        seen.append(dict(metadata))
        metadata["mine"] = True
        actions.transition_to("done")

    async with site(flow(start)) as running:
        for _ in range(2):
            await running.ended(await running.create())
    assert seen == [{}, {}]


async def test_each_step_of_a_job_is_a_scope_that_ends_with_it() -> None:
    """K32"""
    apps: list[App] = []
    scopes: list[Scope | None] = []

    def start(actions: ActionFactory) -> None:
        scopes.append(apps[0].container.open_scope())
        actions.transition_to("done")

    async with site(flow(start)) as running:
        apps.append(running.app)
        await running.ended(await running.create())
    (scope,) = scopes
    assert scope is not None
    assert (scope.name, scope.state) == ("job step", "closed")


async def test_a_status_of_the_workers_own_chooses_the_state() -> None:
    async with site(one_task(rejected="refused")) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.hand_in(await worker.task(), status="rejected")
        job = await running.ended(job_id)
        assert (job.status, job.state) == (JobStatus.FINISHED, "refused")


async def test_a_status_without_a_transition_fails_the_job() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.hand_in(await worker.task(), status="odd")
        assert (await running.ended(job_id)).status is JobStatus.FAILED


@pytest.mark.parametrize("code", ["TRANSIENT_ERROR", "MY_OWN_CODE", None])
async def test_a_transient_failure_is_retried_with_a_new_task_id_and_then_quarantined(code: str | None) -> None:
    async with site(one_task(), max_retries=2) as running:
        job_id, worker, seen = await running.create({"n": 1}), Hand(running), []
        for _ in range(3):
            task = await worker.task()
            assert task["params"] == {"n": 1}
            seen.append(task["task_id"])
            assert (await worker.fail(task, code)).body == {"status": "accepted"}
        job = await running.ended(job_id)
        assert job.status is JobStatus.QUARANTINED
        assert job.error is not None
        assert job.error.code == (code or "TRANSIENT_ERROR")
        assert len(set(seen)) == 3
        ends = [entry.detail for entry in await running.store.history(job_id) if entry.event == "task_finished"]
        assert [end["attempt"] for end in ends] == [1, 2, 3]
        assert [end.get("retried_as") for end in ends] == [*seen[1:], None]


async def test_a_retry_that_succeeds_finishes_the_job() -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.fail(await worker.task(), "TRANSIENT_ERROR")
        await worker.hand_in(await worker.task(), data={"done": 1})
        assert (await running.ended(job_id)).result == 1


async def test_a_failure_transition_is_taken_when_the_retries_have_been_in_vain() -> None:
    async with site(one_task(failure="plan-b"), max_retries=1) as running:
        job_id, worker = await running.create(), Hand(running)
        for _ in range(2):
            await worker.fail(await worker.task(), "TRANSIENT_ERROR")
        job = await running.ended(job_id)
        assert (job.status, job.state) == (JobStatus.FINISHED, "plan-b")


@pytest.mark.parametrize(
    "code, status", [("PERMANENT_ERROR", JobStatus.QUARANTINED), ("INVALID_INPUT_ERROR", JobStatus.FAILED)]
)
async def test_other_failures_end_the_job_at_the_first_attempt(code: str, status: JobStatus) -> None:
    async with site(one_task()) as running:
        job_id, worker = await running.create(), Hand(running)
        await worker.fail(await worker.task(), code, "it cannot be")
        assert (await running.ended(job_id)).status is status
        shown = (await running.get(f"/api/jobs/{job_id}")).body
        assert (shown["error_code"], shown["error_message"], shown["result"]) == (code, "it cannot be", None)
        assert (await worker.poll(timeout=0)).status == 204


@pytest.mark.parametrize(
    "require, failures, status",
    [
        ("all", 0, JobStatus.FINISHED),
        ("all", 1, JobStatus.FAILED),
        ("any", 2, JobStatus.FINISHED),
        ("any", 3, JobStatus.FAILED),
        (2, 1, JobStatus.FINISHED),
        (2, 2, JobStatus.FAILED),
        (0, 3, JobStatus.FINISHED),
    ],
)
async def test_a_fan_out_needs_as_many_successes_as_it_requires(require: Any, failures: int, status: JobStatus) -> None:
    async with site(fan_out(3, require)) as running:
        job_id, worker = await running.create(), Hand(running)
        tasks = [await worker.task() for _ in range(3)]
        for task in reversed(tasks):
            number = task["params"]["number"]
            if number < failures:
                await worker.fail(task, "PERMANENT_ERROR")
            else:
                await worker.hand_in(task, data={"number": number})
        job = await running.ended(job_id)
        assert job.status is status
        if status is JobStatus.FINISHED:
            assert [entry["params"]["number"] for entry in job.result] == [0, 1, 2]
            assert [entry["data"].get("number") for entry in job.result[failures:]] == list(range(failures, 3))


async def test_an_empty_fan_out_goes_straight_to_its_aggregator() -> None:
    async with site(fan_out(0)) as running:
        assert (await running.ended(await running.create())).result == []


async def test_a_task_of_a_fan_out_that_is_retried_keeps_its_place() -> None:
    async with site(fan_out(2)) as running:
        job_id, worker = await running.create(), Hand(running)
        first, second = await worker.task(), await worker.task()
        await worker.fail(first, "TRANSIENT_ERROR")
        await worker.hand_in(second, data={"n": "second"})
        await worker.hand_in(await worker.task(), data={"n": "first again"})
        job = await running.ended(job_id)
        assert [entry["data"]["n"] for entry in job.result] == ["first again", "second"]


async def test_a_failing_handler_fails_its_own_job_only() -> None:
    def start(initial_data: dict[str, Any], actions: ActionFactory, state_history: dict[str, Any]) -> None:
        if "bad" in initial_data:
            state_history["bad"] = object()
        actions.transition_to("done")

    async with site(flow(start)) as running:
        bad, good = await running.create({"bad": True}), await running.create()
        assert (await running.ended(good)).status is JobStatus.FINISHED
        job = await running.ended(bad)
        assert job.error is not None
        assert "cannot be stored as JSON" in job.error.message
