"""The public worker SDK, as it is, works for this orchestrator.

One engine and three processes of the SDK serve all tests: a plain one, one with a WebSocket, one with TLS.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.context import ActionFactory
from fw_orchestrator.model import Job, JobStatus
from fw_rxon import ErrorCode, FailureKind, failure_kind

from .orchestration import PATIENCE, Site, flow, site
from .public_worker import SECRET_KEY, PublicWorker

pytestmark = [pytest.mark.needs("avtomatika-worker", "posix"), pytest.mark.asyncio(loop_scope="module")]

CERTIFICATES = Path(__file__).parent / "certificates"
# Times and ports in the log may have such digits too.
REFUSED = re.compile(r"HTTP 40[13]|Unauthorized|Authentication")
NAMES = {"plain": "sdk-plain", "socket": "sdk-socket", "tls": "sdk-tls"}
SETTINGS: dict[str, Any] = {
    "max_retries": 0,
    "secret_key": SECRET_KEY,
    "require_signatures": True,
    "result_timeout": 100.5,
}


def tasks() -> StateMachineBlueprint:
    """One task as the initial data says, for the worker that it names."""

    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.dispatch_task(
            initial_data["skill"],
            initial_data["params"],
            transitions={"success": "done", "cancelled": "stopped", "odd": "odd"},
            event_transitions={"found": "alarm"},
            resource_requirements={"software": {initial_data["worker"]: "*"}},
        )

    return flow(start, ends=("done", "stopped", "odd", "alarm"))


def engine(port: int, **http: Any) -> Any:
    return site(tasks(), http={"port": port, **http}, **SETTINGS)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sites() -> AsyncIterator[dict[str, Site]]:
    """The engines that the workers work for: all of them on one, the one with TLS on another."""
    tls = {"certificate": str(CERTIFICATES / "localhost.pem"), "key": str(CERTIFICATES / "localhost.key")}
    async with engine(0) as plain, engine(0, **tls) as with_tls:
        yield {"plain": plain, "socket": plain, "tls": with_tls}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers(
    sites: dict[str, Site], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, PublicWorker]]:
    folder = tmp_path_factory.mktemp("workers")
    options = {
        "plain": {},
        "socket": {"WORKER_ENABLE_WEBSOCKETS": "true"},
        "tls": {"TLS_CA_PATH": str(CERTIFICATES / "localhost.pem")},
    }
    running = {
        kind: PublicWorker(
            folder,
            NAMES[kind],
            sites[kind].app.http.url,
            INSTALLED_SOFTWARE=f'{{"{kind}": "1"}}',
            **more,
        )
        for kind, more in options.items()
    }
    yield running
    assert await asyncio.gather(*(asyncio.to_thread(worker.stop) for worker in running.values())) == [0, 0, 0]


async def create(running: Site, skill: str, kind: str = "plain", **params: Any) -> str:
    data = {"skill": skill, "params": params, "worker": kind}
    return str(await running.app.orchestrator.create_job("flow", data))


async def ended(running: Site, worker: PublicWorker, job_id: str) -> Job:
    """The job, once it has ended; what the SDK said if it does not."""
    try:
        return await running.ended(job_id)
    except TimeoutError:
        raise AssertionError(worker.log) from None


async def until(condition: Callable[[], bool], worker: PublicWorker) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - another process does not announce what it does
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(worker.log) from None


PARAMS: list[dict[str, Any]] = [
    {},
    {"n": 1, "text": "ключ \u0001", "list": [1, None, {"a": None}]},
    {"tiny": 1e-7, "half": 0.5, "whole": 2.0, "long": 0.1 + 0.2, "big": 1e16, "many": 2**53},
]


@pytest.mark.parametrize("params", PARAMS)
async def test_a_task_is_done(sites: dict[str, Site], workers: dict[str, PublicWorker], params: dict[str, Any]) -> None:
    """Registered, polled with a deadline in whole seconds, its signature found right, its result's likewise."""
    job = await ended(sites["plain"], workers["plain"], await create(sites["plain"], "echo", **params))
    assert (job.status, job.state) == (JobStatus.FINISHED, "done")
    assert {name: value for name, value in job.result.items() if value is not None} == without_nulls(params)


async def test_a_status_of_ones_own_chooses_the_way(sites: dict[str, Site], workers: dict[str, PublicWorker]) -> None:
    job = await ended(sites["plain"], workers["plain"], await create(sites["plain"], "echo", status="odd"))
    assert job.state == "odd"


@pytest.mark.parametrize("code", [*ErrorCode, "SOMETHING_ELSE"])
async def test_each_error_code_has_its_effect(
    sites: dict[str, Site], workers: dict[str, PublicWorker], code: str
) -> None:
    job = await ended(sites["plain"], workers["plain"], await create(sites["plain"], "fail", code=str(code)))
    wanted = JobStatus.FAILED if failure_kind(code) is FailureKind.INPUT else JobStatus.QUARANTINED
    assert job.status is wanted
    assert job.error is not None
    assert "as told" in job.error.message


@pytest.mark.parametrize("error, status", [("RuntimeError", JobStatus.QUARANTINED), ("ValueError", JobStatus.FAILED)])
async def test_a_skill_that_raises_fails_its_task(
    sites: dict[str, Site], workers: dict[str, PublicWorker], error: str, status: JobStatus
) -> None:
    job = await ended(sites["plain"], workers["plain"], await create(sites["plain"], "crash", error=error))
    assert job.status is status


@pytest.mark.parametrize("kind", ["plain", "socket"])
async def test_progress_is_shown_and_cancelling_reaches_the_skill(
    sites: dict[str, Site], workers: dict[str, PublicWorker], kind: str
) -> None:
    """By the next heartbeat, or at once through the WebSocket."""
    running, worker = sites[kind], workers[kind]
    if kind == "socket":
        await until(lambda: len(running.engine.links) == 1, worker)
    job_id = await create(running, "wait", kind)
    await until(lambda: job_id in running.engine.progress, worker)
    assert (running.engine.progress[job_id].percent, running.engine.progress[job_id].message) == (25, "at 0.25")
    assert await running.app.orchestrator.cancel_job(job_id)
    words = "by command" if kind == "socket" else "was cancelled"
    await until(lambda: words in worker.log, worker)
    job = await ended(running, worker, job_id)
    assert job.status is JobStatus.CANCELLED


async def test_a_skill_at_its_limit_gets_no_task_while_others_do(
    sites: dict[str, Site], workers: dict[str, PublicWorker]
) -> None:
    """The worker runs one of a kind at a time, and says so in its polls."""
    running, worker = sites["plain"], workers["plain"]
    first = await create(running, "alone", seconds=1.0)
    await until(lambda: first in running.engine.progress, worker)
    second = await create(running, "alone", seconds=0.0)
    for number in range(3):
        assert (await ended(running, worker, await create(running, "echo", n=number))).result == {"n": number}
    [task] = await running.store.tasks(second)
    assert task.worker_id is None
    await ended(running, worker, first)
    # The poll that waits was made when the skill was not free; another task brings the next poll.
    await ended(running, worker, await create(running, "echo"))
    assert (await ended(running, worker, second)).status is JobStatus.FINISHED


async def test_a_worker_that_does_not_trust_the_signature_runs_nothing(tmp_path: Path) -> None:
    """Its key is another one: it drops the task, whose time then ends."""
    settings = {**SETTINGS, "secret_key": "another key", "result_timeout": 0.3, "job_lease": 0.1}
    async with site(tasks(), **settings) as running:
        worker = PublicWorker(tmp_path, "sdk-wary", running.app.http.url, INSTALLED_SOFTWARE='{"wary": "1"}')
        try:
            job = await ended(running, worker, await create(running, "echo", "wary", n=1))
        finally:
            assert await asyncio.to_thread(worker.stop) == 0
        assert job.status is JobStatus.QUARANTINED
        assert "ignature" in worker.log
        assert not [one for one in await running.store.history(job.id) if one.event == "task_finished"][:-1]


async def test_an_event_moves_the_job(sites: dict[str, Site], workers: dict[str, PublicWorker]) -> None:
    """What is done after it is for nobody: the skill is told to stop."""
    running, worker = sites["plain"], workers["plain"]
    before = worker.log.count("was cancelled")
    job = await ended(running, worker, await create(running, "wait", events=["found"]))
    assert job.state == "alarm"
    await until(lambda: worker.log.count("was cancelled") > before, worker)


async def test_with_tls_it_goes_on_after_the_exchange_of_its_token(
    sites: dict[str, Site], workers: dict[str, PublicWorker]
) -> None:
    """Five seconds after its start it shows and signs with the access token."""
    running, worker = sites["tls"], workers["tls"]
    job = await ended(running, worker, await create(running, "echo", "tls", n=1))
    assert job.status is JobStatus.FINISHED
    await until(lambda: "Token refreshed" in worker.log, worker)
    job = await ended(running, worker, await create(running, "echo", "tls", n=2))
    assert (job.status, job.result) == (JobStatus.FINISHED, {"n": 2})
    assert not REFUSED.search(worker.log)


async def test_with_a_certificate_of_its_own_it_needs_no_token(tmp_path: Path) -> None:
    http = {
        "certificate": str(CERTIFICATES / "localhost.pem"),
        "key": str(CERTIFICATES / "localhost.key"),
        "client_ca": str(CERTIFICATES / "w1.pem"),
    }
    settings = {**SETTINGS, "require_signatures": False, "worker_token": "", "worker_auth": "mtls-only"}
    async with site(tasks(), http=http, **settings) as running:
        variables = {
            "TLS_CA_PATH": str(CERTIFICATES / "localhost.pem"),
            "TLS_CERT_PATH": str(CERTIFICATES / "w1.pem"),
            "TLS_KEY_PATH": str(CERTIFICATES / "w1.key"),
            "INSTALLED_SOFTWARE": '{"own": "1"}',
        }
        worker = PublicWorker(tmp_path, "w1", running.app.http.url, **variables)
        try:
            job = await ended(running, worker, await create(running, "echo", "own", n=1))
            assert job.result == {"n": 1}
            await until(lambda: "Token refreshed" in worker.log, worker)
            job = await ended(running, worker, await create(running, "echo", "own", n=2))
            assert job.result == {"n": 2}
            assert not REFUSED.search(worker.log)
        finally:
            assert await asyncio.to_thread(worker.stop) == 0


async def test_it_registers_again_with_an_engine_that_was_restarted(tmp_path: Path) -> None:
    """A new engine, which knows of no worker, gets its next job done."""
    port = free_port()
    worker = PublicWorker(tmp_path, "sdk-again", f"http://127.0.0.1:{port}", INSTALLED_SOFTWARE='{"again": "1"}')
    try:
        for number in range(2):
            async with engine(port) as running:
                job = await ended(running, worker, await create(running, "echo", "again", n=number))
                assert job.result == {"n": number}
    finally:
        assert await asyncio.to_thread(worker.stop) == 0


async def test_it_says_farewell(tmp_path: Path) -> None:
    async with engine(0) as running:
        worker = PublicWorker(tmp_path, "sdk-leaving", running.app.http.url, INSTALLED_SOFTWARE='{"leaving": "1"}')
        try:
            await ended(running, worker, await create(running, "echo", "leaving"))
        finally:
            assert await asyncio.to_thread(worker.stop) == 0
        record = await running.store.worker("sdk-leaving")
        assert record is not None
        assert record.status == "offline"


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(element) for element in value]
    return value
