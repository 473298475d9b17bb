"""A worker shows who it is by a certificate, by its token, or by either, as the operator wants it."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from framework import App, StartupError
from fw_http import Problem
from fw_orchestrator.access_tokens import AccessTokens
from fw_orchestrator.certificates import certified_name
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.worker_tokens import WorkerTokens
from fw_rxon import sign

from .orchestration import CLIENT_TOKEN, WORKER_TOKEN, Answer, Site, one_task, site

FOLDER = Path(__file__).parent / "certificates"
SERVER, SERVER_KEY = str(FOLDER / "localhost.pem"), str(FOLDER / "localhost.key")
WORKER, WORKER_KEY = str(FOLDER / "w1.pem"), str(FOLDER / "w1.key")
HTTP = {"certificate": SERVER, "key": SERVER_KEY, "client_ca": WORKER, "client_certificate": "optional"}


@asynccontextmanager
async def secured(mode: str, **settings: Any) -> AsyncIterator[Site]:
    """An engine with TLS that asks for certificates and does without them, too."""
    async with site(one_task(), http=HTTP, worker_auth=mode, **settings) as running:
        yield running


def connection(certified: bool) -> ssl.SSLContext:
    """How the worker w1 connects."""
    context = ssl.create_default_context(cafile=SERVER)
    if certified:
        context.load_cert_chain(WORKER, WORKER_KEY)
    return context


async def send(
    running: Site, method: str, path: str, body: Any = None, *, certified: bool = True, **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    return await running.call(method, path, headers=named, data=data, ssl=connection(certified))


async def register(running: Site, worker_id: str = "w1", *, certified: bool = True, **headers: str) -> Answer:
    body = {"worker_id": worker_id, "supported_skills": [{"name": "echo"}]}
    return await send(running, "POST", "/_worker/workers/register", body, certified=certified, **headers)


@pytest.mark.parametrize(
    "mode, certified, token, status",
    [
        ("mixed", True, "", 200),
        ("mixed", True, "wrong", 200),
        ("mixed", False, WORKER_TOKEN, 200),
        ("mixed", False, "wrong", 403),
        ("mtls-only", True, "", 200),
        ("mtls-only", False, WORKER_TOKEN, 403),
        ("token-only", True, WORKER_TOKEN, 200),
        ("token-only", True, "", 403),
        ("token-only", False, WORKER_TOKEN, 200),
    ],
)
async def test_each_mode_lets_in_whom_it_says(mode: str, certified: bool, token: str, status: int) -> None:
    async with secured(mode) as running:
        answer = await register(running, certified=certified, X_Worker_Token=token)
        assert answer.status == status, answer.body
        assert answer.headers["X-RXON-Version"] == "1.0b17"


@pytest.mark.parametrize("mode", ["mixed", "mtls-only"])
async def test_a_certificate_is_for_the_worker_that_it_names(mode: str) -> None:
    async with secured(mode) as running:
        for answer in (
            await register(running, "w2", X_Worker_Token=WORKER_TOKEN),
            await register(running, X_Worker_ID="w2", X_Worker_Token=WORKER_TOKEN),
            await send(running, "PATCH", "/_worker/workers/w2", {}, X_Worker_Token=WORKER_TOKEN),
            await send(running, "GET", "/_worker/workers/w2/tasks/next?timeout=0", X_Worker_Token=WORKER_TOKEN),
            await send(running, "GET", "/_worker/ws/w2", X_Worker_Token=WORKER_TOKEN),
            await send(running, "POST", "/_worker/tasks/result", {"job_id": "j", "task_id": "t", "worker_id": "w2"}),
            await send(running, "POST", "/_worker/auth/token", X_Worker_ID="w2"),
        ):
            assert (answer.status, answer.body["error"]) == (403, "Unauthorized: Immediate sender ID mismatch")
        assert await running.store.workers() == []


async def test_a_certified_worker_works_without_any_token() -> None:
    """No token is configured, and none is needed to start."""
    async with secured("mtls-only", worker_token="") as running:
        job_id = await created(running)
        assert (await register(running)).status == 200
        assert (await send(running, "PATCH", "/_worker/workers/w1", {"status": "idle"})).status == 200
        path = "/_worker/workers/w1/tasks/next?timeout=60&available_skills=echo"
        task = (await send(running, "GET", path)).body
        result = {"job_id": job_id, "task_id": task["task_id"], "data": {"n": 1}}
        assert (await send(running, "POST", "/_worker/tasks/result", result)).body == {"status": "accepted"}
        assert (await running.ended(job_id)).result == {"n": 1}


async def created(running: Site) -> str:
    answer = await send(
        running,
        "POST",
        "/api/jobs/flow",
        {},
        certified=False,
        X_Client_Token=CLIENT_TOKEN,
        Content_Type="application/json",
    )
    return str(answer.body["job_id"])


@pytest.mark.parametrize("settings", [{}, {"worker_token": "", "secret_key": "key"}])
async def test_a_certified_worker_gets_access_tokens_and_signs_with_them(settings: dict[str, Any]) -> None:
    async with secured("mtls-only", require_signatures=True, **settings) as running:
        first = (await send(running, "POST", "/_worker/auth/token")).body
        assert first["worker_id"] == "w1"
        refresh = {"refresh_token": first["refresh_token"]}
        second = (await send(running, "POST", "/_worker/auth/token/refresh", refresh)).body
        for number, key in enumerate((first["access_token"], second["access_token"])):
            body = {"worker_id": "w1", "timestamp": int(time.time()), "worker_type": f"t{number}"}
            security = {"signature": sign(json.dumps(body).encode(), key), "signer_id": "w1"}
            answer = await send(running, "POST", "/_worker/workers/register", {**body, "security": security})
            assert answer.status == 200, answer.body
        without = await send(running, "POST", "/_worker/auth/token/refresh", refresh, certified=False, X_Worker_ID="w1")
        assert (without.status, without.body["error"]) == (403, "Unauthorized: a client certificate is required")
        token = second["access_token"]
        assert (await register(running, certified=False, X_Worker_Token=token, X_Worker_ID="w1")).status == 403


async def test_a_certified_worker_signs_with_the_token_that_it_shows() -> None:
    """Public workers sign with whatever token they have, needed or not."""
    async with secured("mtls-only", require_signatures=True) as running:
        for token, status in (("its-own", 200), ("another", 403), ("", 403)):
            body = {"worker_id": "w1", "timestamp": int(time.time()), "worker_type": token}
            security = {"signature": sign(json.dumps(body).encode(), "its-own")}
            path = "/_worker/workers/register"
            answer = await send(running, "POST", path, {**body, "security": security}, X_Worker_Token=token)
            assert answer.status == status, answer.body


async def test_an_access_token_that_could_be_derived_by_others_is_not_given() -> None:
    async with secured("mtls-only", worker_token="") as running:
        refused = await send(running, "POST", "/_worker/auth/token")
        assert (refused.status, "no token from which others could be derived" in refused.body["error"]) == (403, True)
        derived = AccessTokens(WorkerTokens(OrchestratorSettings()), running.engine.surroundings, running.store)
        body = {"worker_id": "w1", "timestamp": int(time.time())}
        made = derived._pair("w1", time.time(), "0" * 16).access_token
        forged = {**body, "security": {"signature": sign(json.dumps(body).encode(), made)}}
        refused = await send(running, "POST", "/_worker/workers/register", forged)
        assert (refused.status, refused.body["error"]) == (403, "Invalid cryptographic signature")


class Shown(asyncio.Transport):
    """A connection with this certificate, in the form in which `ssl` gives it."""

    def __init__(self, certificate: Any) -> None:
        super().__init__({"peercert": certificate})


def name_in(certificate: Any) -> str | None:
    return certified_name(make_mocked_request("GET", "/", transport=Shown(certificate)))


def test_a_certificate_names_one_worker() -> None:
    of, name, other = (("organizationName", "farm"),), (("commonName", "w1"),), (("commonName", "w2"),)
    assert name_in({"subject": (of, name)}) == "w1"
    for subject in ((), (of,), (name, other), (name + other,)):
        with pytest.raises(Problem, match="must have one common name") as caught:
            name_in({"subject": subject})
        assert caught.value.status == 403


@pytest.mark.parametrize("certificate", [None, {}])
def test_a_certificate_that_was_not_shown_or_not_checked_names_nobody(certificate: Any) -> None:
    assert name_in(certificate) is None


async def test_certificates_that_nobody_asks_for_keep_the_application_from_starting() -> None:
    settings = {"client_token": "a", "worker_auth": "mtls-only"}
    app = App("t", plugins=["orchestrator"], defaults={"http": {"port": 0}, "orchestrator": settings})
    app.orchestrator.register_blueprint(one_task())
    with pytest.raises(StartupError, match="worker_auth is 'mtls-only', but the server asks for no certificates"):
        await app.start()
