"""Who may come in. Without tokens nobody may, and no token is ever told or logged."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from framework import App, FrameworkError, StartupError
from fw_orchestrator import MemoryStorage
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.loopback import is_loopback
from fw_orchestrator.model import JobStatus
from fw_orchestrator.worker_gate import Caller
from fw_rxon import Registered, TokenAnswer, TokenRefresh

from .orchestration import ADMIN_TOKEN, CLIENT_TOKEN, WORKER_TOKEN, Hand, one_task, site


@pytest.mark.parametrize("missing", ["client_token", "worker_token"])
async def test_a_missing_token_keeps_the_application_from_starting(missing: str) -> None:
    settings = {"client_token": "a", "worker_token": "b", missing: ""}
    app = App("t", plugins=["orchestrator"], defaults={"http": {"port": 0}, "orchestrator": settings})
    app.orchestrator.register_blueprint(one_task())
    with pytest.raises(StartupError) as caught:
        await app.start()
    for word in (f"[orchestrator] {missing} is not set", "fw.toml", f"FW_ORCHESTRATOR__{missing.upper()}"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "headers, words",
    [
        ({}, "Missing X-Client-Token header"),
        ({"X-Client-Token": ""}, "Unauthorized: Invalid token"),
        ({"X-Client-Token": "wrong"}, "Unauthorized: Invalid token"),
        ({"X-Client-Token": CLIENT_TOKEN + "x"}, "Unauthorized: Invalid token"),
        ({"X-Client-Token": WORKER_TOKEN}, "Unauthorized: Invalid token"),
        ({"X-Client-Token": "ключ"}, "Unauthorized: Invalid token"),
    ],
)
async def test_a_client_without_the_token_gets_401(headers: dict[str, str], words: str) -> None:
    async with site(one_task()) as running:
        job_id = await running.create()
        for method, path in (
            ("POST", "/api/jobs/flow"),
            ("GET", "/api/jobs"),
            ("GET", "/api/workers"),
            ("GET", f"/api/jobs/{job_id}"),
            ("GET", f"/api/jobs/{job_id}/history"),
            ("GET", "/api/jobs/nobody"),
            ("GET", "/api/jobs/quarantined"),
            ("GET", "/api/blueprints/flow/graph"),
            ("GET", f"/api/jobs/{job_id}/files/upload"),
            ("POST", f"/api/jobs/{job_id}/cancel"),
        ):
            answer = await running.call(
                method, path, headers={"Content-Type": "application/json", **headers}, data=b"{}"
            )
            assert (answer.status, answer.body["error"]) == (401, words)
        [job] = await running.store.jobs()
        assert job.status is not JobStatus.CANCELLED


async def test_a_client_without_the_token_gets_401_before_its_body_is_looked_at() -> None:
    async with site(one_task()) as running:
        assert (await running.call("POST", "/api/jobs/flow", data=b"{")).status == 401


@pytest.mark.parametrize(
    "headers", [{}, {"X-Worker-Token": ""}, {"X-Worker-Token": "no"}, {"X-Worker-Token": CLIENT_TOKEN}]
)
async def test_a_worker_without_the_token_gets_403_before_its_body_is_looked_at(headers: dict[str, str]) -> None:
    async with site(one_task()) as running:
        job_id = await running.create()
        await running.waiting(job_id)
        for method, path in (
            ("POST", "/_worker/workers/register"),
            ("PATCH", "/_worker/workers/w1"),
            ("GET", "/_worker/workers/w1/tasks/next?timeout=0&available_skills=echo"),
            ("POST", "/_worker/tasks/result"),
            ("POST", "/_worker/events"),
        ):
            answer = await running.call(method, path, headers=headers, data=b"{")
            assert (answer.status, answer.body["error"]) == (403, "Unauthorized: the worker's token is wrong")
        assert await running.store.workers() == []
        [task] = await running.store.tasks(job_id)
        assert task.worker_id is None


async def test_tokens_are_in_no_log_and_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with site(one_task()) as running:
        worker, job_id = Hand(running), await running.create()
        answers = [await worker.register(), await worker.heartbeat(), await worker.fail(await worker.task(), "E")]
        answers.append(await worker.send("POST", "/_worker/tasks/result", b"{"))
        answers.append(await running.call("GET", "/api/jobs", headers={"X-Client-Token": "mistyped-secret"}))
        answers += [await running.get(path) for path in ("/api/workers", f"/api/jobs/{job_id}")]
    spoken = caplog.text + str(answers)
    assert "w1 registered" in spoken
    for token in (CLIENT_TOKEN, WORKER_TOKEN, "mistyped-secret"):
        assert token not in spoken


class Failing(MemoryStorage):
    """A database that has gone away."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("jobs", "save_worker", "counts", "use_once", "task"):
            raise RuntimeError("The database is away.")
        return super().__getattribute__(name)


async def test_tokens_are_in_no_traceback_of_a_fault(caplog: pytest.LogCaptureFixture) -> None:
    """A fault inside is a 500 that tells nothing; the log tells where, and no token."""
    caplog.set_level(logging.DEBUG)
    async with site(one_task(), store=Failing()) as running:
        headers = {"X-Worker-ID": "w1", "X-Worker-Token": WORKER_TOKEN}
        access = (await running.call("POST", "/_worker/auth/token", headers=headers)).body
        refresh = f'{{"refresh_token": "{access["refresh_token"]}"}}'.encode()
        answers = [
            await running.get("/api/jobs"),
            await running.get("/api/dashboard"),
            await Hand(running).register(),
            await Hand(running).hand_in({"job_id": "j", "task_id": "t"}),
            await running.call("POST", "/_worker/auth/token/refresh", headers=headers, data=refresh),
        ]
    assert [answer.status for answer in answers] == [500] * len(answers)
    assert caplog.text.count("The database is away.") >= len(answers)
    spoken = caplog.text + str([answer.body for answer in answers])
    for token in (CLIENT_TOKEN, WORKER_TOKEN, access["access_token"], access["refresh_token"]):
        assert token not in spoken


def test_nothing_that_holds_a_token_shows_it() -> None:
    settings = OrchestratorSettings(
        client_token=CLIENT_TOKEN, worker_token=WORKER_TOKEN, admin_token=ADMIN_TOKEN, secret_key="signing-secret"
    )
    holders = (
        settings,
        Caller("w1", WORKER_TOKEN),
        TokenAnswer(access_token=WORKER_TOKEN, expires_in=1, worker_id="w1", refresh_token=CLIENT_TOKEN),
        TokenRefresh(refresh_token=WORKER_TOKEN),
        Registered(access_token=WORKER_TOKEN, refresh_token=CLIENT_TOKEN),
    )
    for holder in holders:
        for shown in (repr(holder), str(holder)):
            assert not any(one in shown for one in (CLIENT_TOKEN, WORKER_TOKEN, ADMIN_TOKEN, "signing-secret"))


@pytest.mark.parametrize(
    "host, is_one",
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "example.org", "localhost.example.org", "")],  # noqa: S104 (not bound)
)
def test_only_this_machine_reaches_loopback(host: str, is_one: bool) -> None:
    assert is_loopback(host) is is_one


@pytest.mark.parametrize("name", ["client_token", "worker_token", "admin_token", "secret_key"])
async def test_a_secret_of_the_wrong_type_is_not_shown(name: str) -> None:
    settings = {"client_token": "a", "worker_token": "b", name: ["a-secret-by-mistake"]}
    app = App("t", plugins=["orchestrator"], defaults={"http": {"port": 0}, "orchestrator": settings})
    with pytest.raises(FrameworkError) as caught:
        await app.start()
    assert name in str(caught.value)
    assert "a-secret-by-mistake" not in str(caught.value)
