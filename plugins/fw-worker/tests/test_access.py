"""How a worker is let in."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from framework import App, StartupError
from fw_orchestrator import ActionFactory, StateMachineBlueprint
from fw_orchestrator.engine import Engine
from fw_orchestrator.model import TERMINAL, Job
from fw_rxon import is_signed
from fw_worker import TaskContext
from fw_worker.facade import WorkerFacade

from .conftest import QUICK
from .fake_orchestrator import PATIENCE, TOKEN, FakeOrchestrator, error

MakeApp = Callable[..., App]
CERTIFICATES = Path(__file__).parent / "certificates"
KEY = "what tasks are signed with"


def flow() -> StateMachineBlueprint:
    blueprint = StateMachineBlueprint("flow")

    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.dispatch_task("work", initial_data, transitions={"success": "done"})

    def done() -> None: ...

    blueprint.handler_for("start", is_start=True, to=["done"])(start)
    blueprint.handler_for("done", is_end=True)(done)
    return blueprint


@asynccontextmanager
async def engine(*, port: int = 0, tls: dict[str, str] | None = None, **settings: Any) -> AsyncIterator[App]:
    """A real orchestrator."""
    app = App(
        "engine",
        plugins=["orchestrator"],
        defaults={
            "http": {"port": port, **(tls or {})},
            "orchestrator": {"client_token": "one", "worker_token": TOKEN, "max_retries": 0, **settings},
        },
    )
    app.orchestrator.register_blueprint(flow())
    async with app:
        yield app


def worker(url: str, **settings: Any) -> App:
    app = App(
        "worker", plugins=["worker"], defaults={"worker": {"url": url, "token": TOKEN, "id": "w1"} | QUICK | settings}
    )

    @app.facade(WorkerFacade).skill("work")
    async def work(n: float = 1) -> dict[str, float]:
        return {"n": n}

    return app


@pytest.fixture
async def running() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def ended(app: App, job_id: str) -> Job:
    async with asyncio.timeout(PATIENCE):
        while True:
            job = await app.container.get(Engine).store.job(job_id)
            assert job is not None
            if job.status in TERMINAL:
                return job
            await asyncio.sleep(0.002)


# --- access tokens ----------------------------------------------------------------------------------------------------


async def test_the_own_token_is_shown_only_to_get_access_tokens(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(exchange=True)
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert orchestrator.shown.pop("issue") == [TOKEN]
    assert {token for shown in orchestrator.shown.values() for token in shown} == {"access-0"}
    assert is_signed(orchestrator.raw_results[0], orchestrator.heard["result"][0]["security"]["signature"], [TOKEN])


async def test_an_access_token_is_renewed_before_it_ends(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    orchestrator.life = 0
    app = make_app(exchange=True)
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.count("heartbeat", 2)
    assert orchestrator.shown["issue"] == [TOKEN]
    assert [asked["refresh_token"] for asked in orchestrator.heard["refresh"][:2]] == ["refresh-1", "refresh-2"]
    assert set(orchestrator.shown["refresh"]) == {""}, "a refresh token needs no other beside it"


@pytest.mark.parametrize("endpoint", ["heartbeat", "poll", "result", "register", "event"])
async def test_an_access_token_that_is_refused_is_renewed_and_the_request_repeated(
    orchestrator: FakeOrchestrator, make_app: MakeApp, endpoint: str
) -> None:
    app = make_app(exchange=True)

    @app.facade(WorkerFacade).skill("tell")
    async def tell(context: TaskContext) -> None:
        await context.event("done")

    orchestrator.refuse(endpoint, error(401, "expired"))
    async with app:
        await orchestrator.give("task-1", "tell")
        await orchestrator.result("task-1")
    assert orchestrator.shown[endpoint][:2] == ["access-0", "access-1"]
    assert len(orchestrator.heard["register"]) == (2 if endpoint == "register" else 1)


async def test_a_refresh_that_is_refused_falls_back_to_the_own_token(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(exchange=True)
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.count("heartbeat", 1)
        orchestrator.refuse("refresh", error(403, "Unauthorized: Invalid refresh token (not found)"))
        orchestrator.refuse("heartbeat", error(401, "expired"))
        await orchestrator.until(lambda: len(orchestrator.issued) == 2)
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert orchestrator.shown["issue"] == [TOKEN, TOKEN]


async def test_an_access_token_in_the_answer_to_a_registration_is_used(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    orchestrator.issued.append("given")
    answer = {"status": "registered", "access_token": "given", "expires_in": 3600, "worker_id": "w-1"}
    orchestrator.refuse("register", web.json_response(answer))
    app = make_app()
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert set(orchestrator.shown["poll"]) == {"given"}


async def test_a_wrong_token_is_not_exchanged_and_never_shown(
    orchestrator: FakeOrchestrator, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(exchange=True, token="wrong-and-secret")
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.until(lambda: len(orchestrator.heard.get("issue", ())) >= 2)
    assert orchestrator.heard["register"] == []
    assert "FW_WORKER__TOKEN" in caplog.text
    assert "wrong-and-secret" not in caplog.text


@pytest.mark.parametrize("answer", [b"{}", b"[", b'{"access_token": "x", "expires_in": "long", "worker_id": "w"}'])
async def test_what_is_no_access_token_is_survived(
    orchestrator: FakeOrchestrator, make_app: MakeApp, answer: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(exchange=True)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("issue", web.Response(body=answer, content_type="application/json"))
    async with app:
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
        orchestrator.refuse("refresh", web.Response(body=answer, content_type="application/json"))
        orchestrator.refuse("poll", error(401, "expired"))
        await orchestrator.give("task-2", "echo")
        await orchestrator.give("task-3", "echo")
        await orchestrator.result("task-3")
    assert "what is no access token" in caplog.text


# --- the real orchestrator --------------------------------------------------------------------------------------------


async def test_signed_both_ways_with_access_tokens(running: AsyncExitStack) -> None:
    site = await running.enter_async_context(engine(require_signatures=True, secret_key=KEY))
    await running.enter_async_context(worker(site.http.url, exchange=True, task_key=KEY))
    job = await ended(site, await site.orchestrator.create_job("flow", {"n": 2.5}))
    assert (job.status, job.result) == ("finished", {"n": 2.5})


async def test_an_engine_that_comes_back_without_its_memory_is_worked_for_again() -> None:
    async with engine() as first:
        port = int(first.http.url.rstrip("/").rpartition(":")[2])
        async with worker(first.http.url, poll_timeout=0.2):
            assert (await ended(first, await first.orchestrator.create_job("flow", {"n": 1}))).status == "finished"
            await first.stop()
            async with engine(port=port) as second:
                job = await ended(second, await second.orchestrator.create_job("flow", {"n": 2}))
    assert (job.status, job.result) == ("finished", {"n": 2})


async def test_https_with_a_certificate_on_both_sides(running: AsyncExitStack) -> None:
    tls = {
        "certificate": str(CERTIFICATES / "localhost.pem"),
        "key": str(CERTIFICATES / "localhost.key"),
        "client_ca": str(CERTIFICATES / "w1.pem"),
    }
    own = {"certificate": str(CERTIFICATES / "w1.pem"), "certificate_key": str(CERTIFICATES / "w1.key")}
    async with engine(tls=tls) as site, worker(site.http.url, ca=tls["certificate"], **own):
        job = await ended(site, await site.orchestrator.create_job("flow", {"n": 3}))
    assert job.result == {"n": 3}


async def test_an_orchestrator_that_cannot_be_trusted_gets_no_token(caplog: pytest.LogCaptureFixture) -> None:
    tls = {"certificate": str(CERTIFICATES / "localhost.pem"), "key": str(CERTIFICATES / "localhost.key")}
    said = asyncio.Event()
    watch = logging.Handler()
    watch.emit = lambda record: said.set() if "certificate" in record.getMessage() else None  # type: ignore[method-assign]
    logging.getLogger("fw.worker").addHandler(watch)
    try:
        async with engine(tls=tls) as site, worker(site.http.url):
            await asyncio.wait_for(said.wait(), PATIENCE)
            workers = await site.container.get(Engine).store.workers()
    finally:
        logging.getLogger("fw.worker").removeHandler(watch)
    assert list(workers) == []


@pytest.mark.parametrize(
    "settings,words",
    [
        ({"ca": "/nowhere.pem"}, "worker.ca = '/nowhere.pem' cannot be used"),
        ({"certificate": __file__}, r"worker.certificate = '.*test_access.py' cannot be used"),
        ({"ca": __file__}, "worker.ca"),
    ],
)
async def test_a_certificate_that_cannot_be_used_is_said_at_the_start(settings: dict[str, str], words: str) -> None:
    with pytest.raises(StartupError, match=words):
        await worker("https://127.0.0.1:1", **settings).start()


async def test_a_certificate_stands_for_a_token(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    """Nothing is shown, and nothing can be signed; the orchestrator knows it by its certificate."""
    own = {"certificate": str(CERTIFICATES / "w1.pem"), "certificate_key": str(CERTIFICATES / "w1.key")}
    app = make_app(token="", **own)
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.count("register", 1)
    assert orchestrator.shown["register"][0] == ""
    assert "security" not in orchestrator.heard["register"][0]
