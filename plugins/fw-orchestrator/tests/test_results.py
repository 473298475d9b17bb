"""Results count once, whoever sends them how often; events tell of progress."""

from __future__ import annotations

from typing import Any

import pytest

from fw_orchestrator import ActionFactory

from .orchestration import Hand, fan_out, flow, one_task, site


async def test_the_same_result_again_is_accepted_and_changes_nothing() -> None:
    async with site(fan_out(2)) as running:
        worker, job_id = Hand(running), await running.create()
        task = await worker.task()
        for number in range(3):
            assert (await worker.hand_in(task, data={"try": number})).body == {"status": "accepted"}
        await worker.hand_in(await worker.task())
        job = await running.ended(job_id)
        assert job.result[0]["data"] == {"try": 0}
        assert (await worker.hand_in(task)).body == {"status": "accepted"}
        ends = [entry for entry in await running.store.history(job_id) if entry.event == "task_finished"]
        assert len(ends) == 2
        assert await running.store.job(job_id) == job


async def test_a_failure_sent_twice_is_retried_once() -> None:
    async with site(one_task()) as running:
        worker, job_id = Hand(running), await running.create()
        task = await worker.task()
        for _ in range(2):
            assert (await worker.fail(task, "TRANSIENT_ERROR")).body == {"status": "accepted"}
        assert len(await running.store.tasks(job_id)) == 2


async def test_what_does_not_belong_is_ignored_with_the_reason(caplog: pytest.LogCaptureFixture) -> None:
    async with site(one_task()) as running:
        worker, other = Hand(running), Hand(running, "other")
        job_id, second = await running.create(), await running.create()
        task = await worker.task()
        foreign = await other.hand_in(task)
        unknown_task = await worker.hand_in({"job_id": job_id, "task_id": "nobody"})
        other_job = await worker.hand_in({"job_id": second, "task_id": task["task_id"]})
        unknown_job = await worker.hand_in({"job_id": "nobody", "task_id": task["task_id"]})
        answers = [answer.body for answer in (foreign, unknown_task, other_job, unknown_job)]
        reasons = ["worker_mismatch", "stale_task", "stale_task", "job_not_found"]
        assert answers == [{"status": "ignored", "reason": reason} for reason in reasons]
        assert f"result of task {task['task_id']} from other is ignored: worker_mismatch" in caplog.text
        job = await running.store.job(job_id)
        assert job is not None
        assert job.tasks_open == 1
        assert (await worker.hand_in(task)).body == {"status": "accepted"}


async def test_a_task_that_nobody_has_taken_cannot_be_finished() -> None:
    async with site(one_task()) as running:
        job_id = await running.create()
        await running.waiting(job_id)
        [task] = await running.store.tasks(job_id)
        answer = await Hand(running).hand_in({"job_id": job_id, "task_id": task.id})
        assert answer.body == {"status": "ignored", "reason": "worker_mismatch"}


async def test_the_worker_is_named_by_the_header_if_not_by_the_body() -> None:
    async with site(one_task()) as running:
        worker, job_id = Hand(running), await running.create()
        task = await worker.task()
        body = {"job_id": job_id, "task_id": task["task_id"]}
        assert (await worker.send("POST", "/_worker/tasks/result", body)).body == {"status": "accepted"}


async def test_a_later_state_gets_new_tasks_and_late_words_of_the_first_are_stale() -> None:
    def start(actions: ActionFactory) -> None:
        actions.dispatch_task("echo", transitions={"success": "again"})

    blueprint = flow(start)
    blueprint.handler_for("again")(lambda actions: actions.dispatch_task("echo", transitions={"success": "done"}))
    async with site(blueprint) as running:
        worker, other = Hand(running), Hand(running, "other")
        job_id = await running.create()
        first = await worker.task()
        await worker.hand_in(first)
        second = await worker.task()
        assert (await worker.hand_in(first)).body == {"status": "accepted"}
        assert (await other.hand_in(first)).body["reason"] == "stale_task"
        await worker.hand_in(second)
        await running.ended(job_id)


@pytest.mark.parametrize(
    "payload, percent, message",
    [
        ({"progress": 0.25, "message": "at it"}, 25, "at it"),
        ({"progress": 60}, 60, ""),
        ({"progress": 1}, 100, ""),
        ({"progress": 1000}, 100, ""),
        ({"progress": -5}, 0, ""),
        ({"progress": "half", "message": 5}, 0, ""),
        ({"progress": True}, 0, ""),
        ({"progress": 10**400}, 100, ""),
        ({}, 0, ""),
    ],
)
async def test_progress_is_shown_with_the_job(payload: dict[str, Any], percent: int, message: str) -> None:
    async with site(one_task()) as running:
        worker, job_id = Hand(running), await running.create()
        answer = await worker.event(await worker.task(), payload)
        assert (answer.status, answer.body) == (200, {"status": "event_accepted"})
        shown = (await running.get(f"/api/jobs/{job_id}?fields=progress,progress_message")).body
        assert shown == {"progress": percent, "progress_message": message}


async def test_progress_of_a_fan_out_is_the_share_of_tasks_that_ended() -> None:
    async with site(fan_out(3)) as running:
        worker, job_id = Hand(running), await running.create()
        await worker.hand_in(await worker.task())
        await worker.event(await worker.task(), {"progress": 0.9, "message": "nearly"})
        shown = (await running.get(f"/api/jobs/{job_id}")).body
        assert (shown["progress"], shown["progress_message"]) == (33, "nearly")
        assert (shown["tasks_total"], shown["tasks_open"]) == (3, 2)


async def test_other_events_are_accepted_and_change_nothing() -> None:
    async with site(one_task()) as running:
        worker, job_id = Hand(running), await running.create()
        task = await worker.task()
        before = (await running.get(f"/api/jobs/{job_id}")).body
        assert (await worker.event(task, {"progress": 1}, kind="mood")).status == 200
        assert (await running.get(f"/api/jobs/{job_id}")).body == before


async def test_an_event_of_a_task_that_the_worker_does_not_hold_is_refused() -> None:
    async with site(one_task()) as running:
        worker, other, job_id = Hand(running), Hand(running, "other"), await running.create()
        task = await worker.task()
        answer = await other.event(task, {"progress": 1})
        assert answer.status == 403
        assert "does not hold the task" in answer.body["error"]
        await worker.hand_in(task)
        await running.ended(job_id)
        assert (await worker.event(task, {"progress": 0.1})).status == 403
        assert (await running.get(f"/api/jobs/{job_id}")).body["progress"] == 100
