"""Messages through the `dispatch` hook, from sync code and from other threads."""

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework import App, Command, Event, FrameworkError, Manifest, ShutdownError, UnhandledCommand, hookimpl


class Greet(Command[str]): ...


class Other(Command[str]): ...


class Rung(Event): ...


@pytest.fixture
def app() -> App:
    made = App("shop", plugins=[])

    @made.handles(Greet)
    async def greet(message: Greet) -> str:
        return "hello"

    return made


class Choosing:
    """Counts for which types a route was chosen."""

    manifest = Manifest("choosing")

    def __init__(self) -> None:
        self.asked: list[type[Any]] = []

    @hookimpl
    def dispatch(self, message_type: type[Any]) -> Any:
        self.asked.append(message_type)


async def test_a_route_is_chosen_once_until_registrations_change() -> None:
    """K7"""
    choosing = Choosing()
    app = App(plugins=[choosing])
    app.handles(Greet)(lambda message: "hello")
    async with app:
        for _ in range(3):
            await app.dispatch(Greet())
        assert choosing.asked == [Greet]
        with pytest.raises(UnhandledCommand):
            await app.dispatch(Other())
        app.handles(Other)(lambda message: "late")
        assert await app.dispatch(Other()) == "late"
        assert await app.dispatch(Greet()) == "hello"
        assert choosing.asked == [Greet, Other, Other, Greet]


async def test_events_take_the_same_way() -> None:
    """K7"""
    choosing, heard = Choosing(), list[Event]()
    app = App(plugins=[choosing])
    app.handles(Rung)(heard.append)
    async with app:
        await app.publish(Rung())
        await app.publish(Rung())
    assert len(heard) == 2
    assert choosing.asked == [Rung]


def wrapping(name: str, calls: int, log: list[str]) -> Any:
    """A plugin whose wrapper calls the handler so many times."""

    class Wrapping:
        manifest = Manifest(name)

        @hookimpl(wrapper=True)
        def dispatch(self, message_type: type[Any]) -> Any:
            handler = yield

            async def through(message: Any) -> Any:
                log.append(name)
                results = [await handler(message) for _ in range(calls)]
                return results[-1] if results else "refused"

            return through

    return Wrapping()


@given(
    wrappers=st.lists(st.integers(0, 2), max_size=4),
    handled=st.sets(st.integers(0, 4)),
    sent=st.lists(st.integers(0, 4)),
)
def test_random_handlers_and_wrappers(wrappers: list[int], handled: set[int], sent: list[int]) -> None:
    """K6, K7: each wrapper is called in order, calls through again or not at all; the right handler runs."""
    kinds: list[Any] = [type(f"Kind{number}", (Command,), {}) for number in range(5)]
    log: list[str] = []
    app = App(plugins=[wrapping(f"w{number}", calls, log) for number, calls in enumerate(wrappers)])

    def handle(number: int, message: Any) -> int:
        log.append(f"h{number}")
        return number

    for number in handled:
        app.handles(kinds[number])(partial(handle, number))

    def expected(number: int, depth: int) -> list[str]:
        if depth == len(wrappers):
            return [f"h{number}"]
        inner = expected(number, depth + 1)
        return [f"w{depth}", *(inner * wrappers[depth])]

    async def use() -> None:
        async with app:
            for number in sent:
                log.clear()
                if number in handled or 0 in wrappers:
                    result = await app.dispatch(kinds[number]())
                    assert result == ("refused" if 0 in wrappers else number)
                    assert log == expected(number, 0)
                else:
                    with pytest.raises(UnhandledCommand):
                        await app.dispatch(kinds[number]())

    asyncio.run(use())


class Base(Event): ...


class Derived(Base): ...


class Deepest(Derived): ...


HEARD: list[type[Event]] = [Base, Derived, Deepest, Rung]


@given(
    st.lists(st.tuples(st.sampled_from(HEARD), st.integers(0, 2), st.booleans()), max_size=8), st.sampled_from(HEARD)
)
def test_random_handlers_of_events(declared: list[tuple[type[Event], int, bool]], sent: type[Event]) -> None:
    """K6: by type and base types, plugins in graph order and the application last, all run, failures collected."""
    log: list[int] = []

    def declare(app: App, owner: int) -> None:
        for number, (kind, whose, fails) in enumerate(declared):
            if whose == owner:
                app.handles(kind)(partial(hear, number, fails))

    def hear(number: int, fails: bool, event: Event) -> None:
        log.append(number)
        if fails:
            raise ValueError(number)

    class Plugin:
        def __init__(self, owner: int, *after: str) -> None:
            self.owner, self.manifest = owner, Manifest(f"p{owner}", after=after)

        @hookimpl
        def register(self, app: App) -> None:
            declare(app, self.owner)

    app = App(plugins=[Plugin(1, "p0"), Plugin(0)])
    declare(app, 2)
    wanted = [
        n for whose in range(3) for n, (kind, w, _) in enumerate(declared) if w == whose and issubclass(sent, kind)
    ]
    bad = [number for number in wanted if declared[number][2]]

    async def use() -> None:
        async with app:
            try:
                await app.publish(sent())
            except ExceptionGroup as group:
                assert [error.args[0] for error in group.exceptions] == bad != []
            else:
                assert bad == []

    asyncio.run(use())
    assert log == wanted


async def test_sync_code_on_the_loop_posts(app: App) -> None:
    """K8"""
    heard: list[Event] = []
    app.handles(Rung)(heard.append)
    async with app:
        task = app.post(Greet())
        app.post(Rung())
        assert await task == "hello"
        assert len(heard) == 1


async def test_the_failure_of_a_posted_message_is_logged(app: App, caplog: pytest.LogCaptureFixture) -> None:
    """K8"""
    async with app:
        app.post(Other())
    assert "Other was posted and failed: UnhandledCommand" in caplog.text


async def test_another_thread_waits_for_the_result(app: App) -> None:
    """K8"""
    async with app:
        assert await asyncio.to_thread(app.dispatch_from_thread, Greet()) == "hello"
        with pytest.raises(UnhandledCommand):
            await asyncio.to_thread(app.dispatch_from_thread, Other())


async def test_another_thread_can_give_up(app: App) -> None:
    """K8: the handler is cancelled."""
    cancelled = asyncio.Event()

    @app.handles(Other)
    async def hang(message: Other) -> str:
        try:
            return str(await asyncio.Event().wait())
        finally:
            cancelled.set()

    async with app:
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(app.dispatch_from_thread, Other(), timeout=0.01)
        await asyncio.wait_for(cancelled.wait(), 10)


async def test_the_loop_itself_may_not_wait_for_the_loop(app: App) -> None:
    """K8"""
    async with app:
        with pytest.raises(FrameworkError, match=r"'shop' would wait for itself.\n.*await app.dispatch"):
            app.dispatch_from_thread(Greet())


@pytest.mark.parametrize(
    "use",
    [
        lambda app: app.post(Greet()),
        lambda app: app.dispatch(Greet()),  # at once, not when somebody awaits it
        lambda app: asyncio.run(app.dispatch(Greet())),
    ],
)
async def test_an_app_belongs_to_one_loop_and_thread(app: App, use: Callable[[App], Any]) -> None:
    """K8"""
    async with app:
        with pytest.raises(FrameworkError, match=r"'shop' was used from thread 'odd', .*\n.*dispatch_from_thread"):
            await in_thread("odd", use, app)


async def in_thread(name: str, use: Callable[[App], Any], app: App) -> Any:
    """The result of a call in a thread of that name."""
    loop, future = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

    def call() -> None:
        try:
            loop.call_soon_threadsafe(future.set_result, use(app))
        except FrameworkError as error:
            loop.call_soon_threadsafe(future.set_exception, error)

    thread = threading.Thread(target=call, name=name)
    thread.start()
    try:
        return await future
    finally:
        thread.join()


async def test_what_was_posted_is_done_before_units_stop(app: App) -> None:
    """K34"""
    log: list[str] = []

    @app.handles(Other)
    async def slow(message: Other) -> str:
        await asyncio.sleep(0)
        log.append("done")
        return ""

    class Service:
        def stop(self) -> None:
            log.append("stopped")

    app.register(Service)
    async with app:
        app.post(Other())
    assert log == ["done", "stopped"]


async def test_what_is_left_when_it_stops_is_cancelled_and_reported() -> None:
    """K34: a posted message that hangs, one that another thread waits for, and a handler of AppStopping."""
    app = App(plugins=[], defaults={"app": {"stop_timeout": 0.01}})
    began, threads = asyncio.Semaphore(0), list[asyncio.Task[str]]()

    @app.handles(Greet)
    async def hang(message: Greet) -> str:
        began.release()
        return str(await asyncio.Event().wait())

    @app.on_stop
    async def drain(event: Event) -> None:
        await asyncio.Event().wait()

    await app.start()
    await app.ready()
    app.post(Greet())
    threads.append(asyncio.create_task(asyncio.to_thread(app.dispatch_from_thread, Greet())))
    await began.acquire()
    await began.acquire()
    with pytest.raises(ShutdownError) as caught:
        await app.stop()
    assert [report.unit.rpartition(".")[2] for report in caught.value.reports] == [
        "drain",
        "the posted Greet",
        "the posted Greet",
    ]
    assert "[app] stop_timeout" in str(caught.value)
    with pytest.raises(FrameworkError, match="Greet was not taken"):
        await threads[0]


async def test_no_thread_is_left_waiting_by_an_application_that_stops(app: App) -> None:
    """K8, K34: threads ask without a pause; each gets an answer or an error, and none hangs."""
    asking = threading.Semaphore(0)

    def ask() -> str:
        while True:
            try:
                assert app.dispatch_from_thread(Greet()) == "hello"
                asking.release()
            except FrameworkError as error:
                return error.message

    async with app:
        threads = [asyncio.create_task(asyncio.to_thread(ask)) for _ in range(4)]
        for _ in range(20):
            await asyncio.to_thread(asking.acquire)
    ends = await asyncio.wait_for(asyncio.gather(*threads), 30)
    assert all("has stopped taking messages" in end or "is not running" in end for end in ends)


async def test_nothing_can_be_posted_when_the_units_are_stopping(app: App) -> None:
    """K34"""
    refused: list[FrameworkError] = []

    class Service:
        def stop(self) -> None:
            try:
                app.post(Greet())
            except FrameworkError as error:
                refused.append(error)

    app.register(Service)
    async with app:
        pass
    assert "has stopped taking messages" in str(refused[0])


async def test_a_posted_message_may_stop_the_application(app: App) -> None:
    """K34: it does not wait for itself."""

    @app.handles(Other)
    async def leave(message: Other) -> str:
        await app.stop()
        return "gone"

    await app.start()
    await app.ready()
    assert await app.post(Other()) == "gone"
    assert not app.is_ready
