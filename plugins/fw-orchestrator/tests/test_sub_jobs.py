"""Jobs that run jobs, and people who decide."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import pytest

from fw_orchestrator import ActionFactory, MemoryStorage, StateMachineBlueprint
from fw_orchestrator.model import Job, JobStatus

from .orchestration import CLIENT_TOKEN, PATIENCE, Answer, Clock, Hand, Site, flow, one_task, site


def parent(*words: str, **options: Any) -> StateMachineBlueprint:
    """Runs ``flow`` with its own data; every word is the name of the state it leads to."""

    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.run_blueprint("flow", initial_data, transitions={word: word for word in words}, **options)

    return flow(start, name="parent", ends=words)


async def child_of(running: Site, job_id: str) -> str:
    await running.until(job_id, lambda job: job.status is JobStatus.WAITING_FOR_SUB_JOB)
    return str((await running.get(f"/api/jobs/{job_id}")).body["child_job_id"])


async def test_the_result_of_a_sub_job_reaches_its_parent() -> None:
    async with site(parent("success"), one_task()) as running:
        job_id, worker = await running.create({"n": 1}, path="/api/jobs/parent"), Hand(running)
        child_id = await child_of(running, job_id)
        task = await worker.task()
        assert (task["job_id"], task["params"]) == (child_id, {"n": 1})
        await worker.hand_in(task, data={"done": {"success": 42}})
        job = await running.ended(job_id)
        assert (job.status, job.result) == (JobStatus.FINISHED, 42)
        child = (await running.get(f"/api/jobs/{child_id}")).body
        assert (child["parent_job_id"], child["depth"]) == (job_id, 1)


@pytest.mark.parametrize(
    "code, status", [("PERMANENT_ERROR", JobStatus.QUARANTINED), ("INVALID_INPUT_ERROR", JobStatus.FAILED)]
)
async def test_the_failure_of_a_sub_job_reaches_its_parent(code: str, status: JobStatus) -> None:
    async with site(parent("success"), parent_with_failure(), one_task()) as running:
        ids = [await running.create(path=f"/api/jobs/{name}") for name in ("parent", "careful")]
        worker = Hand(running)
        for _ in ids:
            await worker.fail(await worker.task(), code, "it cannot be")
        hopeless, careful = [await running.ended(job_id) for job_id in ids]
        assert hopeless.status is status
        assert hopeless.error is not None
        assert (hopeless.error.code, hopeless.error.message) == (code, "it cannot be")
        assert (careful.status, careful.state) == (JobStatus.FINISHED, "failure")


def parent_with_failure() -> StateMachineBlueprint:
    careful = parent("success", "failure")
    careful.name, careful.api_endpoint = "careful", "/jobs/careful"
    return careful


async def test_cancelling_a_parent_cancels_what_it_waits_for() -> None:
    async with site(parent("success"), one_task()) as running:
        job_id, worker = await running.create(path="/api/jobs/parent"), Hand(running)
        await worker.register()
        child_id = await child_of(running, job_id)
        task = await worker.task()
        await running.post(f"/api/jobs/{job_id}/cancel", b"")
        for one in (job_id, child_id):
            assert (await running.ended(one)).status is JobStatus.CANCELLED
        assert running.engine.counted["jobs_cancelled"] == 2
        assert (await worker.heartbeat(task["task_id"])).body["cancel_task_ids"] == [task["task_id"]]


async def test_a_cancelled_sub_job_is_told_to_its_parent() -> None:
    async with site(parent("success", "cancelled"), one_task()) as running:
        job_id = await running.create(path="/api/jobs/parent")
        await running.post(f"/api/jobs/{await child_of(running, job_id)}/cancel", b"")
        assert (await running.ended(job_id)).state == "cancelled"


async def test_a_sub_job_that_takes_too_long_is_cancelled() -> None:
    async with site(parent("success", "failure", timeout_seconds=10), one_task(), job_lease=0.03) as running:
        clock = Clock(running)
        job_id = await running.create(path="/api/jobs/parent")
        child_id = await child_of(running, job_id)
        clock.now += 10
        assert (await running.ended(job_id)).state == "failure"
        assert (await running.ended(child_id)).status is JobStatus.CANCELLED


async def test_jobs_cannot_be_nested_without_end() -> None:
    def start(actions: ActionFactory) -> None:
        actions.run_blueprint("endless", transitions={"success": "done"})

    async with site(flow(start, name="endless"), max_depth=3) as running:
        job = await running.ended(await running.create(path="/api/jobs/endless"))
        assert job.error is not None
        assert "3 sub-jobs deep" in job.error.message
        assert len(await running.store.jobs()) == 4


async def test_a_sub_job_of_an_unknown_blueprint_fails_the_job() -> None:
    async with site(parent("success")) as running:
        job = await running.ended(await running.create(path="/api/jobs/parent"))
        assert job.error is not None
        assert "No blueprint named 'flow' is registered" in job.error.message


def approval(**options: Any) -> StateMachineBlueprint:
    """Waits for a person."""

    def start(actions: ActionFactory) -> None:
        transitions = {"approved": "yes", "rejected": "no"} | ({"timeout": "late"} if "transition" in options else {})
        timeout = options.get("timeout_seconds")
        actions.await_human_approval("telegram", "Shall we?", transitions=transitions, timeout_seconds=timeout)

    return flow(start, ends=("yes", "no", "late"))


async def asked(running: Site) -> tuple[str, str]:
    """A job that waits for a decision, and the token for it."""
    job_id = await running.create()
    await running.until(job_id, lambda job: job.status is JobStatus.WAITING_FOR_HUMAN)
    return job_id, str((await running.get(f"/api/jobs/{job_id}")).body["approval_token"])


async def decide(running: Site, job_id: str, body: str, **headers: str) -> Answer:
    path = f"/_public/webhooks/approval/{job_id}"
    return await running.call("POST", path, headers={"Content-Type": "application/json", **headers}, data=body.encode())


async def test_a_person_decides_with_the_token_of_the_job() -> None:
    async with site(approval()) as running:
        job_id, token = await asked(running)
        shown = (await running.get(f"/api/jobs/{job_id}")).body["approval"]
        assert shown == {"integration": "telegram", "message": "Shall we?", "decisions": ["approved", "rejected"]}
        answer = await decide(running, f"{job_id}?token={token}", '{"decision": "approved", "data": {"by": "Ada"}}')
        assert (answer.status, answer.body) == (200, {"status": "approval_received", "job_id": job_id})
        job = await running.ended(job_id)
        assert (job.state, job.state_history) == ("yes", {"by": "Ada"})
        shown = (await running.get(f"/api/jobs/{job_id}")).body
        assert (shown["approval"], shown["approval_token"]) == (None, None)
        [entry] = [one for one in await running.store.history(job_id) if one.event == "approval_received"]
        assert entry.detail == {"decision": "approved"}


class Meeting(MemoryStorage):
    """Where two decisions meet: neither is written before both have seen the job wait."""

    def __init__(self) -> None:
        super().__init__()
        self.both = asyncio.Barrier(2)

    async def finish_tasks(self, *given: Any, **options: Any) -> Any:
        async with asyncio.timeout(PATIENCE):
            await self.both.wait()
        return await super().finish_tasks(*given, **options)


async def test_the_token_is_good_for_one_decision() -> None:
    async with site(approval(), store=Meeting()) as running:
        job_id, token = await asked(running)
        first = asyncio.create_task(decide(running, job_id, f'{{"decision": "approved", "token": "{token}"}}'))
        second = asyncio.create_task(decide(running, job_id, f'{{"decision": "rejected", "token": "{token}"}}'))
        statuses = sorted([(await first).status, (await second).status])
        assert statuses == [200, 409]
        await running.ended(job_id)
        assert (await decide(running, job_id, f'{{"decision": "approved", "token": "{token}"}}')).status == 401


async def test_of_two_decisions_at_once_the_first_counts() -> None:
    async with site(approval()) as running:
        job_id, _ = await asked(running)
        job = await running.store.job(job_id)
        assert job is not None
        operations = running.engine.operations
        assert await operations.decide(job, "approved", {"by": "Ada"}) is True
        assert await operations.decide(job, "rejected", {"by": "Bob"}) is False
        ended = await running.ended(job_id)
        assert (ended.state, ended.state_history) == ("yes", {"by": "Ada"})


async def test_the_client_decides_with_its_own_token() -> None:
    async with site(approval()) as running:
        job_id, _ = await asked(running)
        answer = await decide(running, job_id, '{"decision": "rejected"}', **{"X-Client-Token": CLIENT_TOKEN})
        assert answer.status == 200
        assert (await running.ended(job_id)).state == "no"
        again = await decide(running, job_id, '{"decision": "rejected"}', **{"X-Client-Token": CLIENT_TOKEN})
        assert (again.status, again.body["error"]) == (409, "Job is not in a state that can be approved")


@pytest.mark.parametrize(
    "body, status",
    [
        ("{}", 401),
        ('{"decision": "approved"}', 401),
        ('{"decision": "approved", "token": "wrong"}', 401),
        ('{"decision": "approved", "token": "\\u00e9"}', 401),
        ('{"decision": "approved", "token": 5}', 422),
        ('{"token": "TOKEN"}', 400),
        ('{"decision": "perhaps", "token": "TOKEN"}', 400),
        ('{"decision": "timeout", "token": "TOKEN"}', 400),
        ('{"decision": 5, "token": "TOKEN"}', 400),
        ('{"decision": ["approved"], "token": "TOKEN"}', 400),
        ('{"decision": "approved", "token": "TOKEN", "data": 5}', 422),
        ('{"decision": "approved", "token": "TOKEN", "more": 1}', 422),
        ("[]", 422),
        ("nonsense", 400),
    ],
)
async def test_a_wrong_decision_is_refused_and_the_job_goes_on_waiting(body: str, status: int) -> None:
    async with site(approval()) as running:
        job_id, token = await asked(running)
        answer = await decide(running, job_id, body.replace("TOKEN", token))
        assert answer.status == status
        assert token not in str(answer.body)
        job = await running.store.job(job_id)
        assert job is not None
        assert job.status is JobStatus.WAITING_FOR_HUMAN


async def test_a_token_decides_for_its_own_job_only() -> None:
    async with site(approval()) as running:
        (job_id, _), (_, token) = await asked(running), await asked(running)
        assert (await decide(running, job_id, f'{{"decision": "approved", "token": "{token}"}}')).status == 401


async def test_that_time_is_up_is_nobodys_decision() -> None:
    async with site(approval(transition=True)) as running:
        job_id, token = await asked(running)
        refused = await decide(running, job_id, f'{{"decision": "timeout", "token": "{token}"}}')
        assert (refused.status, refused.body["error"]) == (400, "Invalid decision 'timeout' for this job")


async def test_a_decision_on_nothing_is_refused() -> None:
    async with site(approval()) as running:
        assert (await decide(running, "nobody", '{"decision": "x", "token": "y"}')).status == 401
        answer = await decide(running, "nobody", '{"decision": "x"}', **{"X-Client-Token": CLIENT_TOKEN})
        assert answer.status == 404


@pytest.mark.parametrize("transition", [True, False])
async def test_a_decision_that_does_not_come_in_time(transition: bool) -> None:
    options = {"timeout_seconds": 60, **({"transition": True} if transition else {})}
    async with site(approval(**options), job_lease=0.03) as running:
        clock = Clock(running)
        job_id, token = await asked(running)
        clock.now += 60
        job: Job = await running.ended(job_id)
        if transition:
            assert (job.status, job.state) == (JobStatus.FINISHED, "late")
        else:
            assert job.status is JobStatus.QUARANTINED
            assert job.error is not None
            assert job.error.message == "Nobody decided within 60 s."
        answer = await decide(running, job_id, f'{{"decision": "approved", "token": "{token}"}}')
        assert answer.status == 401


async def test_the_token_of_a_decision_is_not_in_the_store_and_ends_with_the_clients_token() -> None:
    """Who reads the store's file cannot decide; every engine with the same configuration knows the token."""
    store = MemoryStorage()
    async with site(approval(), store=store) as running:
        job_id, token = await asked(running)
        job = await store.job(job_id)
        kept = f"{job}{await store.tasks(job_id)}{await store.history(job_id)}"
        assert len(token) == 64
        assert token not in kept
        assert str((await running.get("/api/jobs")).body).count("approval_token") == 0
    async with site(approval(), store=store, client_token="another") as running:
        assert (await decide(running, job_id, f'{{"decision": "approved", "token": "{token}"}}')).status == 401
    async with site(approval(), store=store) as running:
        assert (await decide(running, job_id, f'{{"decision": "approved", "token": "{token}"}}')).status == 200
        assert (await running.ended(job_id)).state == "yes"


async def test_without_a_clients_token_nobody_decides() -> None:
    """Who knows how tokens are made could make those that are derived from nothing."""
    async with site(approval(), client_token="", client_api=False) as running:
        job_id = await running.engine.intake.create("flow", {})
        job = await running.until(job_id, lambda job: job.status is JobStatus.WAITING_FOR_HUMAN)
        made = hmac.new(b"", f"fw approval token\n{job.id}\n{job.version}".encode(), hashlib.sha256).hexdigest()
        assert (await decide(running, job_id, f'{{"decision": "approved", "token": "{made}"}}')).status == 401
        for token in ("", "made up"):
            refused = await decide(running, job_id, '{"decision": "approved"}', **{"X-Client-Token": token})
            assert refused.status == 401


async def test_a_later_decision_of_the_same_job_has_another_token() -> None:
    def start(actions: ActionFactory) -> None:
        actions.await_human_approval("mail", "Once?", transitions={"again": "start", "enough": "done"})

    async with site(flow(start)) as running:
        job_id, first = await asked(running)
        again = f'{{"decision": "again", "token": "{first}"}}'
        assert (await decide(running, job_id, again)).status == 200
        await running.until(job_id, lambda job: job.status is JobStatus.WAITING_FOR_HUMAN and job.version > 1)
        assert (await decide(running, job_id, again)).status == 401
        second = (await running.get(f"/api/jobs/{job_id}")).body["approval_token"]
        assert second != first
