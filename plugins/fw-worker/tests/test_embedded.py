"""The worker in the engine's own process: the same functions, no wire."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from framework import App, StartupError
from fw_orchestrator import ActionFactory, StateMachineBlueprint
from fw_orchestrator.engine import Engine
from fw_orchestrator.model import TERMINAL, Job
from fw_rxon import Heartbeat, Registration, TaskResult, WorkerEvent, encode
from fw_worker import TaskContext, TaskFailed
from fw_worker.closing import Step
from fw_worker.embedded_transport import EmbeddedTransport
from fw_worker.transport import Refused, Unreachable

from .fake_orchestrator import PATIENCE


def flow() -> StateMachineBlueprint:
    blueprint = StateMachineBlueprint("flow")

    def start(initial_data: dict[str, Any], actions: ActionFactory) -> None:
        actions.dispatch_task("work", initial_data, transitions={"success": "done"})

    def done() -> None: ...

    blueprint.handler_for("start", is_start=True, to=["done"])(start)
    blueprint.handler_for("done", is_end=True)(done)
    return blueprint


@asynccontextmanager
async def both(skill: Callable[..., Any], **settings: Any) -> AsyncIterator[App]:
    app = App(
        "both",
        plugins=["orchestrator", "worker"],
        defaults={
            "http": {"port": 0},
            "orchestrator": {"client_token": "one", "worker_token": "two", "retry_delay": 0.0},
            "worker": {"embedded": True, "heartbeat_interval": 0.05, **settings},
        },
    )
    app.orchestrator.register_blueprint(flow())
    app.worker.skill("work")(skill)
    async with app:
        yield app


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - nothing announces what is looked at
            await asyncio.sleep(0.002)


async def ended(app: App, job_id: str) -> Job:
    store = app.container.get(Engine).store
    async with asyncio.timeout(PATIENCE):
        while True:
            job = await store.job(job_id)
            assert job is not None
            if job.status in TERMINAL:
                return job
            await asyncio.sleep(0.002)


async def test_a_task_is_done_without_a_wire() -> None:
    """A function in a thread, another on the loop."""

    def in_a_thread(number: int) -> dict[str, int]:
        assert threading.current_thread() is not threading.main_thread()
        return {"n": number + 1}

    async def on_the_loop(number: int) -> dict[str, int]:
        return {"n": number + 1}

    for skill in (in_a_thread, on_the_loop):
        async with both(skill) as app:
            job = await ended(app, await app.orchestrator.create_job("flow", {"number": 1}))
            assert job.result == {"n": 2}


async def test_what_the_skill_changes_is_its_own() -> None:
    """Messages travel as bytes all the same."""

    async def work(params: dict[str, Any]) -> dict[str, Any]:
        params["list"].append(1)
        return params

    async with both(work) as app:
        data: dict[str, Any] = {"list": []}
        job = await ended(app, await app.orchestrator.create_job("flow", data))
        assert (job.initial_data, job.result, data) == ({"list": []}, {"list": [1]}, {"list": []})


async def test_failure_progress_and_cancellation_work_likewise() -> None:
    seen = asyncio.Event()

    async def work(context: TaskContext, fail: bool = False) -> None:
        if fail:
            raise TaskFailed("INVALID_INPUT_ERROR", "as told")
        await context.progress(0.5, "half")
        seen.set()
        await asyncio.Event().wait()

    async with both(work) as app:
        failed = await ended(app, await app.orchestrator.create_job("flow", {"fail": True}))
        assert failed.status == "failed"
        assert failed.error is not None
        assert failed.error.message == "as told"
        job_id = await app.orchestrator.create_job("flow", {})
        engine = app.container.get(Engine)
        await until(lambda: job_id in engine.progress)
        assert await app.orchestrator.cancel_job(job_id)
        counted = engine.counted
        await until(lambda: any("cancelled" in name for name in counted))
        assert (await ended(app, job_id)).status == "cancelled"


async def test_a_stop_loses_no_result() -> None:
    begun = asyncio.Event()

    async def work() -> dict[str, int]:
        begun.set()
        await asyncio.sleep(0.05)
        return {"n": 1}

    async with both(work, poll_timeout=3600.0) as app:
        job_id = await app.orchestrator.create_job("flow", {})
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
        store = app.container.get(Engine).store
    [task] = await store.tasks(job_id)
    assert task.status == "done"
    assert task.outcome is not None
    assert task.outcome.data == {"n": 1}


async def test_without_an_orchestrator_there_is_nothing_to_be_embedded_in() -> None:
    app = App("alone", plugins=["worker"], defaults={"worker": {"embedded": True}})
    app.worker.skill("work")(lambda: None)
    with pytest.raises(StartupError, match="no orchestrator in this process"):
        await app.start()


BODIES = {
    "register": encode(Registration(worker_id="w1")),
    "heartbeat": encode(Heartbeat(worker_id="w1")),
    "result": encode(TaskResult(job_id="j", task_id="t")),
    "event": encode(
        WorkerEvent(event_id="e", worker_id="w1", origin_worker_id="w1", event_type="progress", payload={})
    ),
}


class OutOfOrder:
    """A reception that can do nothing."""

    async def fail(self, *_: object) -> None:
        """Whatever is asked."""
        raise RuntimeError("the disk is full")

    register = heartbeat = take_result = take_event = next_task = fail


async def test_what_the_orchestrator_cannot_do_now_is_no_answer_and_sent_again() -> None:
    transport = EmbeddedTransport(cast("Any", OutOfOrder()), "w1")
    for name, body in BODIES.items():
        with pytest.raises(Unreachable, match="the disk is full"):
            await getattr(transport, name)(body)
    with pytest.raises(Unreachable, match="the disk is full"):
        await transport.poll(1.0, ["work"], Step())


class Stranger:
    """A reception that knows no worker, and lets a poll wait until it is given up."""

    def __init__(self) -> None:
        self.left = self.is_gone = False

    async def heartbeat(self, *_: object) -> None:
        """Not known."""

    async def take_event(self, *_: object) -> bool:
        """Not held."""
        return False

    async def next_task(self, worker_id: str, skills: object, timeout: float, is_gone: Callable[[], bool]) -> None:
        """Leave in some turns of the loop, as one does who puts something back."""
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(9):
                await asyncio.sleep(0)
            self.left = True
            self.is_gone = is_gone()


async def test_a_worker_that_is_not_known_is_told_so_and_an_event_of_a_task_it_does_not_hold_is_refused() -> None:
    transport = EmbeddedTransport(cast("Any", Stranger()), "w1")
    with pytest.raises(Refused) as caught:
        await transport.heartbeat(BODIES["heartbeat"])
    assert caught.value.unknown_worker
    with pytest.raises(Refused) as caught:
        await transport.event(BODIES["event"])
    assert caught.value.final


@pytest.mark.parametrize("how", ["given up", "cancelled"])
async def test_a_poll_that_ends_early_has_left_the_orchestrator(how: str) -> None:
    reception, given_up = Stranger(), Step()
    polling = asyncio.create_task(EmbeddedTransport(cast("Any", reception), "w1").poll(60.0, ["work"], given_up))
    for _ in range(3):
        await asyncio.sleep(0)
    if how == "given up":
        given_up.set()
    else:
        polling.cancel()
    async with asyncio.timeout(PATIENCE):
        await asyncio.wait({polling})
    assert (reception.left, reception.is_gone) == (True, how == "given up")
    assert polling.cancelled() if how == "cancelled" else polling.result() is None
