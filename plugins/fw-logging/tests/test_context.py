"""Context and correlation: on every line of a piece of work, in its tasks, commands and events, and nowhere else."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from framework import App, Command, Event
from fw_http.facade import Http
from fw_logging import correlated, correlation_id, log, log_context

MakeApp = Callable[..., App]


@dataclass(frozen=True)
class Sell(Command[str]):
    item: str


@dataclass(frozen=True)
class Sold(Event):
    item: str


def context_of(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in ("time", "level", "logger")}


async def test_lines_of_a_block_carry_its_fields(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        with log_context(user="ann"), log_context(step=1, user="bob"):
            log.info("inner", step=2)
            logging.getLogger(__name__).info("library")
        log.info("outside")
    inner, library, outside = map(context_of, journal.of(__name__))
    assert inner == {"message": "inner", "user": "bob", "step": 2}
    assert library == {"message": "library", "user": "bob", "step": 1}
    assert outside == {"message": "outside"}


async def test_context_is_restored_when_a_block_raises() -> None:
    with pytest.raises(OSError, match="no"), correlated("abc"):
        raise OSError("no")
    assert correlation_id() == ""


async def test_tasks_inherit_it_and_do_not_mix(logging_app: MakeApp, journal: Any) -> None:
    async def work(name: str) -> None:
        with correlated(name):
            await asyncio.sleep(0)
            async with asyncio.TaskGroup() as group:
                for _ in range(2):
                    group.create_task(child(name))

    async def child(name: str) -> None:
        await asyncio.sleep(0)
        assert correlation_id() == name
        log.info("m", expected=name)

    async with logging_app():
        await asyncio.gather(*(work(f"r{number}") for number in range(10)))
    lines = journal.of(__name__)
    assert len(lines) == 20
    assert all(line["request_id"] == line["expected"] for line in lines)


async def test_commands_events_posts_and_threads_carry_it(logging_app: MakeApp, journal: Any) -> None:
    app = logging_app()

    @app.handles(Sell)
    async def sell(command: Sell) -> str:
        log.info("command", item=command.item)
        return correlation_id()

    @app.handles(Sold)
    def note(event: Sold) -> None:
        log.info("event", item=event.item)

    def from_thread() -> str:
        return app.dispatch_from_thread(Sell("thread"), timeout=20)

    async with app:
        with correlated("abc"):
            assert await app.dispatch(Sell("dispatched")) == "abc"
            await app.publish(Sold("published"))
            posted = [app.post(Sell("posted")), app.post(Sold("posted"))]
            assert await asyncio.to_thread(from_thread) == "abc"
        await asyncio.gather(*posted)
        assert await app.dispatch(Sell("outside")) == ""
    found = {line["item"]: line.get("request_id") for line in journal.of(__name__)}
    assert found == {**dict.fromkeys(("dispatched", "published", "posted", "thread"), "abc"), "outside": None}


async def test_the_id_of_a_request_goes_all_the_way(logging_app: MakeApp, journal: Any) -> None:
    """From HTTP through a thread, a command, an event, a task and what is posted; and back to the client."""
    app = logging_app("http", sections={"http": {"port": 0}})
    tasks = []

    async def later() -> None:
        log.info("task")

    @app.handles(Sell)
    async def sell(command: Sell) -> str:
        log.info("command")
        await app.publish(Sold(command.item))
        return correlation_id()

    @app.handles(Sold)
    async def note(event: Sold) -> None:
        log.info("event")
        tasks.append(asyncio.create_task(later()))

    @app.facade(Http).route("/sell")
    def ask() -> str:
        log.info("thread")
        return app.dispatch_from_thread(Sell("spoon"), timeout=20)

    async with app.facade(Http).test_client() as client:
        for name in ("one", "two"):
            answer = await client.get("/sell", headers={"X-Request-ID": name})
            assert (answer.json(), answer.headers["X-Request-ID"]) == (name, name)
        await asyncio.gather(*tasks)
    found = [(line["message"], line["request_id"]) for line in journal.lines if "request_id" in line]
    steps = ("thread", "command", "event", "task", "request")
    assert sorted(found) == sorted((step, name) for step in steps for name in ("one", "two"))


TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "candidate,traceparent,expected",
    [
        ("order-7.a:b/c@d+e=", None, "order-7.a:b/c@d+e="),
        ("x" * 128, None, "x" * 128),
        (None, f"00-{TRACE}-b7ad6b7169203331-01", TRACE),
        ("mine", f"00-{TRACE}-b7ad6b7169203331-01", "mine"),
        ("not an id", f"00-{TRACE}-b7ad6b7169203331-01", TRACE),
        ("x" * 129, None, None),
        ("", None, None),
        ("a\nb", None, None),
        ('a"b', None, None),
        ("ü", None, None),
        ("abc\n", None, None),
        (None, f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (None, f"00-{TRACE}-{'0' * 16}-01", None),
        (None, f"ff-{TRACE}-b7ad6b7169203331-01", None),
        (None, f"00-{TRACE.upper()}-b7ad6b7169203331-01", None),
        (None, None, None),
    ],
)
def test_only_what_may_be_an_id_is_taken_from_outside(
    candidate: str | None, traceparent: str | None, expected: str | None
) -> None:
    with correlated(candidate, traceparent=traceparent) as chosen:
        assert correlation_id() == chosen
    if expected is None:
        assert len(bytes.fromhex(chosen)) == 16
    else:
        assert chosen == expected


def test_new_ids_differ() -> None:
    with correlated() as one, correlated() as other:
        assert one != other


async def test_a_bound_logger_adds_its_fields_and_leaves_the_other_alone(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        bound = log.bind(component="till").bind(till=3)
        bound.info("m")
        log.info("m")
    first, second = map(context_of, journal.of(__name__))
    assert first == {"message": "m", "component": "till", "till": 3}
    assert second == {"message": "m"}
