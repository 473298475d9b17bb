"""How much runs at a time: of all tasks, of one skill's, of the machine's resources; and for how long."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framework import App, ConfigError, StartupError
from fw_worker import TaskContext
from fw_worker.capacity import TASKS, Capacity
from fw_worker.facade import WorkerFacade

from .fake_orchestrator import FakeOrchestrator

MakeApp = Callable[..., App]


def asked(orchestrator: FakeOrchestrator) -> list[str]:
    """The skills that polls asked for."""
    return [poll["available_skills"] for poll in orchestrator.heard["poll"]]


async def test_a_skill_at_its_limit_is_not_asked_for_and_the_others_are(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(concurrency=4)
    go = asyncio.Event()
    running: list[int] = []

    @app.facade(WorkerFacade).skill("slow", concurrency=1)
    async def slow(number: int) -> None:
        running.append(number)
        await go.wait()

    app.worker.skill("quick")(lambda: None)
    async with app:
        await orchestrator.give("slow-1", "slow", {"number": 1})
        await orchestrator.give("slow-2", "slow", {"number": 2})
        await orchestrator.count("poll", 2)
        await orchestrator.give("quick-1", "quick")
        await orchestrator.result("quick-1")
        assert running == [1]
        assert set(asked(orchestrator)[1:]) == {"quick"}
        go.set()
        await orchestrator.result("slow-2")
    assert orchestrator.most_polls == 2, "the skill that has room again is asked for beside the poll that waits"
    assert running == [1, 2]


async def test_what_uses_the_same_resource_does_not_run_at_the_same_time(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(concurrency=4, resources=["gpu=1", "ram_gb=16"])
    at_once, most = 0, 0

    async def draw() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    app.worker.skill("paint", uses={"gpu": 1, "ram_gb": 0.5})(draw)
    app.worker.skill("print", uses={"gpu": 1})(draw)
    async with app:
        for number in range(4):
            await orchestrator.give(f"paint-{number}", "paint")
            await orchestrator.give(f"print-{number}", "print")
        for number in range(4):
            await orchestrator.result(f"paint-{number}")
            await orchestrator.result(f"print-{number}")
    assert most == 1
    assert orchestrator.heard["register"][0]["resources"]["properties"] == {"gpu": 1, "ram_gb": 16}


async def test_status_tells_full_from_busy(orchestrator: FakeOrchestrator, make_app: MakeApp) -> None:
    """Busy: there is room for a task, but for none of the skills."""
    app = make_app(concurrency=2)
    go = asyncio.Event()

    @app.facade(WorkerFacade).skill("wait", concurrency=1)
    async def wait() -> None:
        await go.wait()

    async with app:
        await orchestrator.give("task-1", "wait")
        await orchestrator.beats(lambda beat: beat["status"] == "busy")
        assert "available_skills" not in orchestrator.heard["heartbeat"][-1]
        go.set()


@pytest.mark.parametrize("concurrency", [1, 2])
async def test_task_that_came_too_many_waits_for_its_turn_and_can_be_cancelled(
    make_app: MakeApp, concurrency: int
) -> None:
    """Two orchestrators are asked at the same time and both give, where there is room for fewer."""
    async with FakeOrchestrator() as one, FakeOrchestrator() as two:
        app = make_app(orchestrators=[one.url, two.url], concurrency=concurrency)
        go = asyncio.Event()
        ran: list[str] = []

        @app.facade(WorkerFacade).skill("wait")
        async def wait(context: TaskContext) -> None:
            ran.append(context.task_id)
            await go.wait()

        async with app:
            await one.until(lambda: one.open_polls == 1)
            await two.until(lambda: two.open_polls == 1)
            for number in range(concurrency - 1):
                await one.give(f"first-{number}", "wait")
                await one.count("poll", number + 2)
            await asyncio.gather(one.give("of-one", "wait"), two.give("of-two", "wait"))
            await one.beats(lambda beat: "of-one" in beat.get("current_tasks", ()))
            await two.beats(lambda beat: "of-two" in beat.get("current_tasks", ()))
            assert len(ran) == concurrency
            waiting, its_orchestrator = ("of-two", two) if "of-one" in ran else ("of-one", one)
            its_orchestrator.cancel = [waiting]
            assert (await its_orchestrator.result(waiting))["status"] == "cancelled"
            go.set()
        assert waiting not in ran


async def test_task_that_waits_at_the_end_of_a_stop_is_left_to_others(make_app: MakeApp) -> None:
    async with FakeOrchestrator() as one, FakeOrchestrator() as two:
        app = make_app(orchestrators=[one.url, two.url], concurrency=1, drain_timeout=0.05)

        @app.facade(WorkerFacade).skill("wait")
        async def wait() -> None:
            await asyncio.Event().wait()

        async with app:
            await one.until(lambda: one.open_polls == 1)
            await two.until(lambda: two.open_polls == 1)
            await asyncio.gather(one.give("of-one", "wait"), two.give("of-two", "wait"))
            await one.beats(lambda beat: "of-one" in beat.get("current_tasks", ()))
            await two.beats(lambda beat: "of-two" in beat.get("current_tasks", ()))
        for orchestrator in (one, two):
            assert orchestrator.heard["result"][0]["error"]["code"] == "TRANSIENT_ERROR"


async def test_task_that_takes_too_long_is_stopped_and_reported(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app()

    @app.facade(WorkerFacade).skill("async", timeout=0.02)
    async def on_the_loop() -> None:
        await asyncio.Event().wait()

    @app.facade(WorkerFacade).skill("thread", timeout=0.02)
    def in_a_thread(context: TaskContext) -> None:
        context.cancelled.wait(10)

    @app.facade(WorkerFacade).skill("done", timeout=0.02)
    def done_all_the_same(context: TaskContext) -> dict[str, int]:
        context.cancelled.wait(10)
        return {"n": 1}

    async with app:
        for skill in ("async", "thread", "done"):
            await orchestrator.give(f"of-{skill}", skill)
        for skill in ("async", "thread"):
            assert (await orchestrator.result(f"of-{skill}"))["error"]["code"] == "TIMEOUT_ERROR"
        assert (await orchestrator.result("of-done"))["data"] == {"n": 1}


@pytest.mark.parametrize(
    "options,words",
    [
        ({"uses": {"gpu": 2}}, r"uses 2 of 'gpu', and the worker has 1.*resources = \[\"gpu=2\"\]"),
        ({"uses": {"tpu": 1}}, r"uses 1 of 'tpu', and the worker has 0"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"timeout": -1}, "timeout is -1"),
        ({"statuses": ("success",)}, "'success' is not allowed here"),
        ({"events": {"progress": dict}}, "'progress' is not allowed here"),
    ],
)
async def test_limit_that_cannot_be_kept_is_said_at_the_start(
    make_app: MakeApp, options: dict[str, object], words: str
) -> None:
    app = make_app(resources=["gpu=1"])
    app.worker.skill("odd", **options)(lambda: None)
    with pytest.raises(StartupError, match=f"(?s)Skill 'odd'.*{words}"):
        await app.start()


@pytest.mark.parametrize("text", ["gpu", "gpu=", "gpu=-1", "=1", "gpu=one", "tasks=3", "a b=1", "gpu=1e999"])
def test_resource_that_says_no_amount_is_refused(make_app: MakeApp, text: str) -> None:
    with pytest.raises(ConfigError, match="resources must be like gpu=1"):
        make_app(resources=[text]).bootstrap()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.fixed_dictionaries({TASKS: st.just(1.0), "gpu": st.sampled_from([0.1, 0.3, 1.0])}), max_size=12),
    st.data(),
)
def test_no_limit_is_ever_exceeded_and_everybody_gets_a_turn(
    needs: list[dict[str, float]], data: st.DataObject
) -> None:
    async def story() -> None:
        limits = {TASKS: 3.0, "gpu": 1.0}
        capacity = Capacity(limits)
        turns = [(need, capacity.take(need)) for need in needs]
        granted: list[dict[str, float]] = [need for need, turn in turns if turn is None]
        waiting = [(need, turn) for need, turn in turns if turn is not None]
        while granted:
            for name, limit in limits.items():
                assert sum(need[name] for need in granted) <= limit + 1e-9
            capacity.give_back(granted.pop(data.draw(st.integers(0, len(granted) - 1))))
            granted += [need for need, turn in waiting if turn.done()]
            waiting = [(need, turn) for need, turn in waiting if not turn.done()]
        assert waiting == []
        assert capacity.take(limits) is None, "all was given back"
        await asyncio.sleep(0)
        assert capacity._waiting == {}, "who has had a turn is forgotten"

    asyncio.run(story())


async def test_thread_of_a_skill_is_used_again_and_many_run_at_once(
    orchestrator: FakeOrchestrator, make_app: MakeApp
) -> None:
    app = make_app(concurrency=3)
    together = threading.Barrier(3, timeout=10)
    names: set[str] = set()

    @app.facade(WorkerFacade).skill("meet")
    def meet() -> None:
        together.wait()
        names.add(threading.current_thread().name)

    async with app:
        for number in range(6):
            await orchestrator.give(f"task-{number}", "meet")
        for number in range(6):
            await orchestrator.result(f"task-{number}")
    assert len(names) == 3
