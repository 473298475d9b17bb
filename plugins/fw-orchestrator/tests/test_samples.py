"""The samples of the description that this orchestrator follows run as printed.

They lie in ``samples/``, with the package's name changed and nothing else (but for one stray brace in the fan-out).
What a fragment leaves out, such as start and end states, is put before or after it here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from framework import ConfigError
from fw_orchestrator import ActionFactory, Config, MemoryStorage, OrchestratorEngine, StateMachineBlueprint
from fw_orchestrator.app_keys import DISPATCHER_KEY, ENGINE_KEY, EXECUTOR_KEY, STORAGE_KEY, WATCHER_KEY
from fw_orchestrator.errors import BlueprintError
from fw_orchestrator.model import Job, JobStatus

from .orchestration import CLIENT_TOKEN, WORKER_TOKEN, Hand, Site, nothing, site

SAMPLES = Path(__file__).with_name("samples")


def run_sample(name: str, **given: Any) -> dict[str, Any]:
    """Execute a sample in a module that has these names."""
    path = SAMPLES / f"{name}.txt"
    names: dict[str, Any] = {"__name__": "sample", **given}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), names)  # noqa: S102 - our own file
    return names


def going_to(state: str) -> Any:
    def handler(actions: ActionFactory) -> None:
        actions.transition_to(state)

    return handler


def blueprint(start: str, *ends: str) -> StateMachineBlueprint:
    """What the fragments leave out: a start that leads to ``start``, and ends."""
    made = StateMachineBlueprint("flow", api_endpoint="/jobs/flow")
    made.handler_for("begin", is_start=True, to=[start])(going_to(start))
    for end in ends:
        made.handler_for(end, is_end=True)(nothing)
    return made


@asynccontextmanager
async def quick_start() -> AsyncIterator[tuple[dict[str, Any], OrchestratorEngine, aiohttp.ClientSession]]:
    """The first sample's engine on a free port of this machine."""
    names = run_sample("quick_start")
    config, engine = names["config"], names["engine"]
    config.API_HOST, config.API_PORT = "127.0.0.1", 0
    await engine.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield names, engine, session
    finally:
        await engine.stop()


async def test_the_quick_start_runs_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    async with quick_start() as (_, engine, session):
        headers = {"X-Client-Token": "my-secret-client-token"}
        url = f"{engine.url}/api/v1/jobs/my_flow"
        async with session.post(url, json={"initial_data": {"n": 1}}, headers=headers) as answer:
            assert answer.status == 202
            job_id = (await answer.json())["job_id"]
        job = await Site(engine.framework_app, session).ended(job_id)
        assert (job.status, job.state) == (JobStatus.FINISHED, "end")
        assert capsys.readouterr().out == f"Job {job_id} | Start: {{'n': 1}}\nJob {job_id} | Complete.\n"


async def test_the_parts_of_an_engine_have_keys() -> None:
    async with quick_start() as (names, engine, _):
        app = engine.app
        assert app[STORAGE_KEY] is names["storage"]
        assert app[ENGINE_KEY] is app[EXECUTOR_KEY]
        assert app[WATCHER_KEY] is app[ENGINE_KEY].sweeper
        assert hasattr(app[DISPATCHER_KEY], "next_task")
        with pytest.raises(BlueprintError, match="the engine has been built"):
            engine.register_blueprint(blueprint("end", "end"))


@pytest.mark.parametrize("kind, state", [("urgent", "urgent_processing"), ("other", "normal_processing")])
async def test_the_conditions_choose(kind: str, state: str) -> None:
    made = blueprint("decision_step", "urgent_processing", "normal_processing")
    run_sample("conditions", my_blueprint=made)
    async with site(made) as running:
        assert (await running.ended(await running.create({"type": kind}))).state == state


@pytest.mark.parametrize(
    "status, state",
    [("success", "publish_video"), ("needs_review", "manual_review"), ("failure", "transcoding_failed")],
)
async def test_the_status_of_the_worker_chooses(status: str, state: str) -> None:
    made = blueprint("transcode_video", "publish_video", "transcoding_failed", "manual_review")
    run_sample("dispatch_task", my_blueprint=made)
    async with site(made, max_retries=0) as running:
        job_id, worker = await running.create({"path": "a.mov"}), Hand(running)
        task = await worker.task("video_transcoding")
        assert task["params"] == {"input_path": "a.mov"}
        await worker.hand_in(task, status=status)
        assert (await running.ended(job_id)).state == state


async def test_the_fan_out_collects() -> None:
    made = blueprint("process_files", "processing_complete")
    run_sample("parallel", my_blueprint=made)
    async with site(made) as running:
        job_id, worker = await running.create({"files": ["a", "b"]}), Hand(running)
        for _ in range(2):
            task = await worker.task("file_analysis")
            await worker.hand_in(task, data={"size": task["params"]["file"]})
        job: Job = await running.ended(job_id)
        assert job.state_history["summary"] == [{"size": "a"}, {"size": "b"}]


class FakeRedis:
    """Stands in for the client that the sample makes: one user is known."""

    def __init__(self, *, decode_responses: bool) -> None:
        self.decoded = decode_responses

    async def get(self, key: str) -> str | None:
        return {"user:123": "Ada"}.get(key)


async def test_the_data_store_is_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    package, fake = ModuleType("redis"), ModuleType("redis.asyncio")
    fake.Redis = FakeRedis  # type: ignore[attr-defined]  # a module made here
    package.asyncio = fake  # type: ignore[attr-defined]  # likewise
    monkeypatch.setitem(sys.modules, "redis", package)
    monkeypatch.setitem(sys.modules, "redis.asyncio", fake)
    made = run_sample("data_stores", StateMachineBlueprint=StateMachineBlueprint)["bp"]
    # The fragment has neither a start nor an end.
    made.states["get_from_cache"].is_start = made.states["get_from_cache"].is_end = True
    made.api_endpoint = "/jobs/flow"
    async with site(made) as running:
        assert (await running.ended(await running.create())).status is JobStatus.FINISHED
    assert "User from cache: Ada" in capsys.readouterr().out


async def test_the_file_of_workers_names_who_may_come_with_which_token(tmp_path: Path) -> None:
    tokens = tmp_path / "workers.toml"
    tokens.write_text((SAMPLES / "workers.txt").read_text("utf-8"))
    async with site(blueprint("end", "end"), workers_file=str(tokens)) as running:
        worker = Hand(running, "gpu-worker-01")
        assert (await worker.register()).status == 403
        worker.headers["X-Worker-Token"] = "worker-secret-456"
        assert (await worker.register()).status == 200


def test_run_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "app.py"
    script.write_text(
        "from fw_orchestrator import Config, MemoryStorage, OrchestratorEngine, StateMachineBlueprint\n"
        "bp = StateMachineBlueprint('b', api_endpoint='/jobs/b')\n"
        "@bp.handler_for(is_start=True, is_end=True)\n"
        "def start(): ...\n"
        "engine = OrchestratorEngine(MemoryStorage(), Config())\n"
        "engine.register_blueprint(bp)\n"
        "engine.framework_app.on_ready(lambda event: print('ready', flush=True))\n"
        "engine.run()\n"
        "print('stopped', flush=True)\n"
    )
    environment = {**os.environ, "API_HOST": "127.0.0.1", "API_PORT": "0"}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=30)[0] == "stopped\n"
            assert process.returncode == 0
        finally:
            process.kill()


def test_config_reads_the_environment_and_may_be_changed() -> None:
    config = Config({"API_PORT": "9000", "ENABLE_CLIENT_API": "false", "JOB_MAX_RETRIES": "1", "CLIENT_TOKEN": "c"})
    config.GLOBAL_WORKER_TOKEN = "w"
    found = config.defaults()
    assert found["http"] == {"host": "0.0.0.0", "port": 9000}  # noqa: S104 - only read
    settings = found["orchestrator"]
    assert (settings["client_api"], settings["max_retries"]) == (False, 1)
    assert (settings["client_token"], settings["worker_token"]) == ("c", "w")
    assert "secret" not in repr(Config({"CLIENT_TOKEN": "secret"}))


def test_the_defaults_are_those_of_the_description() -> None:
    config = Config({})
    assert (config.API_PORT, config.EXECUTOR_MAX_CONCURRENT_JOBS, config.CLIENT_API_PREFIX) == (8080, 100, "api")
    assert (config.GLOBAL_WORKER_TOKEN, config.JOB_MAX_RETRIES) == ("secure-worker-token", 3)


@pytest.mark.parametrize(
    "environment, words",
    [
        ({}, "CLIENT_TOKEN has its default value.*API_HOST to 127.0.0.1"),
        ({"CLIENT_TOKEN": "c"}, "GLOBAL_WORKER_TOKEN has its default value"),
        ({"API_HOST": "127.0.0.1", "ENVIRONMENT": "production"}, "CLIENT_TOKEN has its default value"),
        ({"REDIS_HOST": "localhost"}, "REDIS_HOST is set, but a store on Redis is not supported yet.*Unset REDIS_HOST"),
        ({"SCHEDULES_CONFIG_PATH": "schedules.toml"}, "SCHEDULES_CONFIG_PATH"),
    ],
)
def test_what_cannot_be_run_with_is_refused(environment: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match="(?s)" + words):
        Config(environment).defaults()


@pytest.mark.parametrize("environment", [{"API_PORT": "many"}, {"ENABLE_CLIENT_API": "maybe"}])
def test_a_value_of_the_wrong_kind_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="must be"):
        Config(environment)


def test_default_tokens_are_fine_on_loopback() -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        assert Config({"API_HOST": host}).defaults()["http"]["host"] == host


def test_a_name_is_registered_once() -> None:
    engine = OrchestratorEngine(MemoryStorage(), Config({}))
    engine.register_blueprint(blueprint("end", "end"))
    with pytest.raises(BlueprintError, match="another one has its name"):
        engine.register_blueprint(blueprint("end", "end"))


def test_tokens_of_tests_are_no_defaults() -> None:
    assert {CLIENT_TOKEN, WORKER_TOKEN}.isdisjoint(vars(Config({})).values())


async def test_the_application_of_an_engine_is_the_one_that_serves() -> None:
    """What is added to it before the start is served too, and its handlers find the parts of the engine."""

    async def mine(request: web.Request) -> web.Response:
        desk, store = request.app[DISPATCHER_KEY], request.app[STORAGE_KEY]
        return web.json_response({"jobs": len(await store.jobs()), "desk": desk is engine.app[DISPATCHER_KEY]})

    @web.middleware
    async def signed(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        answer.headers["X-Signed"] = "here"
        return answer

    engine = OrchestratorEngine(MemoryStorage(), Config({"API_HOST": "127.0.0.1", "API_PORT": "0"}))
    engine.register_blueprint(blueprint("end", "end"))
    before = engine.app
    before.router.add_get("/mine", mine)
    before.middlewares.append(signed)
    await engine.start()
    try:
        assert engine.app is before
        async with aiohttp.ClientSession() as session:
            headers = {"X-Client-Token": "secure-orchestrator-token"}
            async with session.post(f"{engine.url}/api/jobs/flow", json={}, headers=headers) as answer:
                assert answer.status == 202
            async with session.get(f"{engine.url}/mine") as answer:
                assert await answer.json() == {"jobs": 1, "desk": True}
                assert answer.headers["X-Signed"] == "here"
    finally:
        await engine.stop()
    await engine.start()
    try:
        assert engine.app is not before
        assert engine.app[STORAGE_KEY] is engine.storage
    finally:
        await engine.stop()
