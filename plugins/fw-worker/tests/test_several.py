"""One worker, several orchestrators; orders that come at once."""

import asyncio
from collections.abc import Callable

import pytest

from framework import App
from fw_worker import TaskContext
from fw_worker.config import WorkerSettings
from fw_worker.precedence import Precedence

from .fake_orchestrator import PATIENCE, TOKEN, FakeOrchestrator, error

MakeApp = Callable[..., App]


def echoing(make_app: MakeApp, *orchestrators: FakeOrchestrator, **settings: object) -> App:
    app = make_app(orchestrators=[one.url for one in orchestrators], **settings)
    app.worker.skill("echo")(lambda: None)
    return app


async def test_a_result_goes_to_where_its_task_came_from(make_app: MakeApp) -> None:
    async with FakeOrchestrator() as one, FakeOrchestrator() as two, echoing(make_app, one, two):
        await one.give("of-one", "echo")
        await two.give("of-two", "echo")
        await one.result("of-one")
        await two.result("of-two")
    for orchestrator, task in ((one, "of-one"), (two, "of-two")):
        assert [found["task_id"] for found in orchestrator.heard["result"]] == [task]
        assert orchestrator.heard["heartbeat"][-1]["status"] == "offline"


async def test_the_limit_of_tasks_counts_over_all(make_app: MakeApp) -> None:
    go, running, most = asyncio.Event(), 0, 0

    async def wait() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await go.wait()
        running -= 1

    async with FakeOrchestrator() as one, FakeOrchestrator() as two:
        app = make_app(orchestrators=[one.url, two.url], concurrency=2)
        app.worker.skill("wait")(wait)
        async with app:
            for number in range(3):
                await one.give(f"one-{number}", "wait")
                await two.give(f"two-{number}", "wait")
            await one.until(lambda: running >= 2)
            go.set()
            for number in range(3):
                await one.result(f"one-{number}")
                await two.result(f"two-{number}")
    assert most == 2, "a task that arrives while the last slot is taken waits"


async def test_one_that_is_away_does_not_hold_up_the_others(make_app: MakeApp) -> None:
    async with FakeOrchestrator() as away, FakeOrchestrator() as two:
        await away.close()
        async with echoing(make_app, away, two):
            await two.give("task-1", "echo")
            await two.result("task-1")


async def test_the_second_gets_no_request_while_the_first_answers(make_app: MakeApp) -> None:
    async with (
        FakeOrchestrator() as first,
        FakeOrchestrator() as second,
        echoing(make_app, first, second, share="failover", poll_timeout=0.1),
    ):
        await second.count("heartbeat", 2)
        await first.give("task-1", "echo")
        await first.result("task-1")
        assert second.heard["poll"] == []
        await first.close()
        await second.give("task-2", "echo")
        await second.result("task-2")
        await first.open()
        await first.give("task-3", "echo")
        await first.result("task-3")


async def test_the_second_is_asked_if_the_first_was_never_there(make_app: MakeApp) -> None:
    async with FakeOrchestrator() as first, FakeOrchestrator() as second:
        await first.close()
        async with echoing(make_app, first, second, share="failover"):
            await second.give("task-1", "echo")
            await second.result("task-1")
            await first.open()
            await first.give("task-2", "echo")
            await first.result("task-2")


async def test_the_second_is_asked_while_the_first_is_out_of_order(make_app: MakeApp) -> None:
    async with FakeOrchestrator() as first, FakeOrchestrator() as second:
        first.refuse("poll", *(error(503) for _ in range(10_000)))
        async with echoing(make_app, first, second, share="failover"):
            await second.give("task-1", "echo")
            await second.result("task-1")


def test_whose_turn_it_is() -> None:
    precedence = Precedence(3, failover=True)

    def turns() -> list[bool]:
        return [turn.is_set() for turn in precedence.turns]

    assert turns() == [True, False, False]
    precedence.note(0, answers=False)
    assert turns() == [True, True, False]
    precedence.note(1, answers=False)
    assert turns() == [True, True, True]
    precedence.note(0, answers=True)
    assert turns() == [True, False, False]
    assert all(turn.is_set() for turn in Precedence(3, failover=False).turns)


def test_each_orchestrator_has_its_token() -> None:
    settings = WorkerSettings(orchestrators=("http://a", "http://b"), tokens=("x", "y"))
    assert [(one.url, one.token) for one in settings.each] == [("http://a", "x"), ("http://b", "y")]
    assert [one.token for one in WorkerSettings(orchestrators=("http://a", "http://b"), token="z").each] == ["z", "z"]


@pytest.mark.parametrize(
    "urls, tokens, words",
    [
        (("http://a", "b"), (), "orchestrators must be like http://host:port, not 'b'"),
        (("http://a", "http://a"), (), "must differ"),
        (("http://a", "http://b"), ("x",), "tokens must be as many as orchestrators"),
    ],
)
def test_orchestrators_that_cannot_work_are_refused(urls: tuple[str, ...], tokens: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WorkerSettings(orchestrators=urls, tokens=tokens)


async def test_an_order_comes_at_once(make_app: MakeApp, orchestrator: FakeOrchestrator) -> None:
    begun = asyncio.Event()

    async def wait(context: TaskContext) -> None:
        begun.set()
        await asyncio.Event().wait()

    app = make_app(websocket=True, heartbeat_interval=3600.0)
    app.worker.skill("wait")(wait)
    async with app:
        await orchestrator.give("task-1", "wait")
        await orchestrator.until(lambda: len(orchestrator.sockets) == 1)
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
        for text in ("{", '{"command": "dance"}', '{"command": "cancel_task"}'):
            await orchestrator.sockets[0].send_str(text)
        await orchestrator.sockets[0].send_json({"command": "cancel_task", "task_id": "task-1"})
        assert (await orchestrator.result("task-1"))["status"] == "cancelled"
    [registration] = orchestrator.heard["register"]
    assert registration["capabilities"]["extra"] == {"websockets": True}
    assert orchestrator.shown["socket"] == [TOKEN]


async def test_a_connection_for_orders_is_made_only_where_it_is_wanted(
    make_app: MakeApp, orchestrator: FakeOrchestrator
) -> None:
    async with echoing(make_app, orchestrator):
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert "socket" not in orchestrator.shown


async def test_a_connection_for_orders_that_ends_is_made_again(
    make_app: MakeApp, orchestrator: FakeOrchestrator
) -> None:
    app = make_app(websocket=True)
    app.worker.skill("echo")(lambda: None)
    async with app:
        await orchestrator.until(lambda: len(orchestrator.sockets) == 1)
        await orchestrator.sockets[0].close()
        await orchestrator.until(lambda: len(orchestrator.sockets) == 2)


async def test_a_connection_for_orders_that_is_refused_is_tried_again_and_work_goes_on(
    make_app: MakeApp, orchestrator: FakeOrchestrator, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(websocket=True)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("socket", error(404), error(403), error(500))
    async with app:
        await orchestrator.until(lambda: len(orchestrator.sockets) == 1)
        await orchestrator.give("task-1", "echo")
        await orchestrator.result("task-1")
    assert len(orchestrator.shown["socket"]) == 4
    for status in (404, 403, 500):
        assert f"for orders failed: {orchestrator.url} answered {status}" in caplog.text


async def test_connections_for_orders_are_not_asked_for_without_pause(
    make_app: MakeApp, orchestrator: FakeOrchestrator
) -> None:
    app = make_app(websocket=True, retry_first=1.0, retry_most=1.0)
    app.worker.skill("echo")(lambda: None)
    orchestrator.refuse("socket", *(error(404) for _ in range(10_000)))
    async with app:
        await orchestrator.until(lambda: "socket" in orchestrator.shown)
        await orchestrator.count("heartbeat", 5)
    assert len(orchestrator.shown["socket"]) < 10
