"""Singleton, scoped, transient; sync, async and generator factories; each closed when its lifetime ends."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from framework import BootstrapError, Depends, FrameworkError, ScopeError
from framework.container import BuiltinContainer
from framework.provider import Lifetime, Provider


class Engine:
    pass


class Session:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.log: list[str] = []


class Repo:
    def __init__(self, session: Session) -> None:
        self.session = session


class Service:
    def __init__(self, repo: Repo, session: Session) -> None:
        self.repo = repo
        self.session = session


Entry = tuple[Any, Callable[..., Any], Lifetime]


def container(*entries: Entry) -> BuiltinContainer:
    made = BuiltinContainer()
    for kind, factory, lifetime in entries:
        made.provide(Provider(kind, factory, lifetime, "a test"))
    made.check()
    return made


async def work(made: BuiltinContainer, *kinds: Any, error: Exception | None = None) -> None:
    """Ask for these in a scope, which ends with ``error`` if there is one."""
    async with made.scope("task") as scope:
        for kind in kinds:
            await scope.resolve(kind)
        if error is not None:
            raise error


ENGINE: Entry = (Engine, Engine, "singleton")


async def connect(engine: Engine) -> Session:
    await asyncio.sleep(0)
    return Session(engine)


def sync_session(engine: Engine) -> Iterator[Session]:
    session = Session(engine)
    yield session
    session.log.append("closed")


async def async_session(engine: Engine) -> AsyncIterator[Session]:
    session = Session(engine)
    await asyncio.sleep(0)
    yield session
    await asyncio.sleep(0)
    session.log.append("closed")


@pytest.mark.parametrize("factory", [Session, connect, sync_session, async_session])
async def test_a_scoped_object_is_one_in_a_scope_and_another_in_the_next(factory: Callable[..., Any]) -> None:
    """K31"""
    made = container(ENGINE, (Session, factory, "scoped"), (Repo, Repo, "scoped"), (Service, Service, "scoped"))
    sessions = []
    for _ in range(2):
        async with made.scope("task") as scope:
            service = await scope.resolve(Service)
            assert service.session is service.repo.session is await scope.resolve(Session) is scope.get(Session)
            assert service.session.engine is made.get(Engine)
            assert service.session.log == []
            sessions.append(service.session)
    assert sessions[0] is not sessions[1]
    if factory in (sync_session, async_session):
        assert [session.log for session in sessions] == [["closed"], ["closed"]]


@pytest.mark.parametrize("factory", [Session, connect, sync_session, async_session])
async def test_a_transient_is_made_for_each_that_needs_it(factory: Callable[..., Any]) -> None:
    """K31"""
    made = container(ENGINE, (Session, factory, "transient"), (Repo, Repo, "scoped"), (Service, Service, "scoped"))
    async with made.scope("task") as scope:
        service = await scope.resolve(Service)
        assert service.session is not service.repo.session
        assert service.repo is await scope.resolve(Repo)


@pytest.mark.parametrize("factory", [connect, sync_session, async_session])
async def test_a_singleton_is_built_once_by_any_factory_and_closed_with_the_container(
    factory: Callable[..., Any],
) -> None:
    """K31"""
    made = container(ENGINE, (Session, factory, "singleton"), (Repo, Repo, "singleton"))
    first, second = await asyncio.gather(made.resolve(Repo), made.resolve(Repo))
    assert first is second
    assert made.get(Session) is first.session
    await made.close()
    assert first.session.log == ([] if factory is connect else ["closed"])


async def test_tasks_that_ask_at_once_get_one_object_and_the_next_tries_where_one_failed() -> None:
    """K31: built once, whatever the tasks."""
    begun, failures = 0, [OSError("no route"), asyncio.CancelledError()]

    async def connect_twice_in_vain(engine: Engine) -> Session:
        nonlocal begun
        begun += 1
        await asyncio.sleep(0)
        if failures:
            raise failures.pop(0)
        return Session(engine)

    made = container(ENGINE, (Session, connect_twice_in_vain, "singleton"))
    results = await asyncio.gather(*(made.resolve(Session) for _ in range(6)), return_exceptions=True)
    assert [type(result) for result in results[:2]] == [OSError, asyncio.CancelledError]
    assert len(set(results[2:])) == 1
    assert begun == 3


def test_threads_that_ask_at_once_get_one_object() -> None:
    """K31: built once, whatever the threads; a second one in the factory would meet the first there."""
    asking, building, built = threading.Barrier(2), threading.Barrier(2), []

    def slow() -> Engine:
        built.append(threading.get_ident())
        with suppress(threading.BrokenBarrierError):
            building.wait(0.2)
        return Engine()

    made = container((Engine, slow, "singleton"), (Session, Session, "singleton"))

    def ask() -> Session:
        asking.wait(10)
        return made.get(Session)

    with ThreadPoolExecutor(2) as pool:
        first, second = [future.result() for future in [pool.submit(ask) for _ in range(2)]]
    assert first is second
    assert len(built) == 1


def test_loops_of_several_threads_get_one_object() -> None:
    """K31: an async factory too."""
    meeting, built = threading.Barrier(4), []

    async def slow() -> Engine:
        built.append(threading.get_ident())
        for _ in range(5):
            await asyncio.sleep(0)
        return Engine()

    for _ in range(20):
        made = container((Engine, slow, "singleton"))

        async def ask(made: BuiltinContainer = made) -> Engine:
            meeting.wait(10)
            return await made.resolve(Engine)

        built.clear()
        with ThreadPoolExecutor(4) as pool:
            found = [future.result() for future in [pool.submit(asyncio.run, ask()) for _ in range(4)]]
        assert len(set(found)) == 1
        assert len(built) == 1


async def test_generators_are_closed_in_reverse_and_hear_of_the_error() -> None:
    """K31: contents of a scope close in the reverse of the order in which they were made."""
    log: list[str] = []

    def hearing(name: str) -> Callable[..., Any]:
        def make(**_: Any) -> Iterator[str]:
            try:
                yield name
                log.append(f"{name} ended")
            except ValueError as error:
                log.append(f"{name} heard {error}")
                raise

        return make

    async def last(engine: Engine) -> AsyncIterator[Session]:
        try:
            yield Session(engine)
        except ValueError as error:
            log.append(f"session heard {error}")  # swallowed, and yet the error goes on

    made = container(ENGINE, (str, hearing("first"), "scoped"), (Session, last, "scoped"))
    with pytest.raises(ValueError, match="bad luck"):
        await work(made, str, Session, error=ValueError("bad luck"))
    assert log == ["session heard bad luck", "first heard bad luck"]


def failing(error: BaseException) -> Callable[[], Iterator[Any]]:
    def make() -> Iterator[Any]:
        yield object()
        raise error

    return make


async def test_what_fails_while_closing_is_collected() -> None:
    """K31"""
    log: list[str] = []

    def fine() -> Iterator[Engine]:
        yield Engine()
        log.append("closed")

    made = container(
        (Engine, fine, "scoped"), (int, failing(OSError("disk")), "scoped"), (str, failing(KeyError("key")), "scoped")
    )
    with pytest.raises(ExceptionGroup, match="The scope 'task' did not close cleanly") as caught:
        await work(made, Engine, int, str)
    assert [type(error) for error in caught.value.exceptions] == [KeyError, OSError]
    assert log == ["closed"]


async def test_an_error_of_the_work_stays_what_it_is_when_closing_fails_too(caplog: pytest.LogCaptureFixture) -> None:
    """K31: nothing is hidden: the failure is noted on the error, and logged."""

    def bad() -> Iterator[Engine]:
        try:
            yield Engine()
        finally:
            raise OSError("disk")

    made = container((Engine, bad, "scoped"))
    with pytest.raises(ValueError, match="work") as caught:
        await work(made, Engine, error=ValueError("work"))
    assert caught.value.__notes__ == ["While the scope 'task' was closed: OSError: disk"]
    assert "the scope 'task' did not close" in caplog.text


async def test_a_cancellation_while_closing_stays_one_and_the_rest_is_closed() -> None:
    log: list[str] = []

    def fine() -> Iterator[Engine]:
        yield Engine()
        log.append("closed")

    made = container((Engine, fine, "scoped"), (int, failing(asyncio.CancelledError()), "scoped"))
    with pytest.raises(asyncio.CancelledError):
        await work(made, Engine, int)
    assert log == ["closed"]


async def silent() -> AsyncIterator[Engine]:
    if not __debug__:
        yield Engine()


def mute() -> Iterator[Engine]:
    yield from ()


@pytest.mark.parametrize("factory", [mute, silent])
async def test_a_generator_that_yields_nothing_is_an_error(factory: Callable[..., Any]) -> None:
    made = container((Engine, factory, "scoped"))
    async with made.scope("task") as scope:
        with pytest.raises(FrameworkError, match=f"{factory.__name__} yielded nothing"):
            await scope.resolve(Engine)


async def twice_async() -> AsyncIterator[Engine]:
    yield Engine()
    yield Engine()


def twice() -> Iterator[Engine]:
    yield Engine()
    yield Engine()


@pytest.mark.parametrize("factory", [twice, twice_async])
async def test_a_generator_that_yields_twice_is_an_error(factory: Callable[..., Any]) -> None:
    made = container((Engine, factory, "scoped"))
    with pytest.raises(ExceptionGroup) as caught:
        await work(made, Engine)
    assert "yielded a second time" in str(caught.value.exceptions[0])


async def test_what_only_waiting_can_build_says_so_where_nobody_waits() -> None:
    """K31"""
    made = container(ENGINE, (Session, connect, "singleton"), (Repo, Repo, "singleton"))
    with pytest.raises(FrameworkError, match=r"Repo is built by waiting.*\n.*await app\.container\.resolve\(Repo\)"):
        made.get(Repo)
    assert await made.resolve(Repo) is made.get(Repo)


async def test_what_belongs_to_a_scope_needs_one() -> None:
    """K31, K32"""
    made = container(ENGINE, (Session, Session, "scoped"))

    def use(session: Session = Depends()) -> Session:
        return session

    call = made.compile(use)
    with pytest.raises(ScopeError, match=r"Session needs a scope, and none is open"):
        made.get(Session)
    with pytest.raises(ScopeError, match=r"use needs a scope"):
        call()
    async with made.scope("task") as scope:
        assert call() is made.get(Session) is scope.get(Session)


@pytest.mark.parametrize("lifetime", ["scoped", "transient"])
def test_a_singleton_that_would_keep_something_scoped_is_refused_with_the_path(lifetime: Lifetime) -> None:
    """K31: captive dependency; through transients too."""
    with pytest.raises(BootstrapError) as caught:
        container(ENGINE, (Service, Service, "singleton"), (Repo, Repo, lifetime), (Session, Session, "scoped"))
    path = "Service -> Repo" if lifetime == "scoped" else "Service -> Repo -> Session"
    assert f"A singleton would keep something scoped for ever: {path}." in str(caught.value)
    assert "Make Service scoped too" in str(caught.value)


async def test_depends_names_the_provider_of_a_factory_and_makes_a_new_one_where_there_is_none() -> None:
    """K31"""

    def fresh(session: Session) -> Repo:
        return Repo(session)

    def use(named: Session = Depends(connect), own: Repo = Depends(fresh), other: Repo = Depends(fresh)) -> Any:
        return named, own, other

    made = container(ENGINE, (Session, connect, "scoped"))
    call = made.compile(use, marked_only=True)
    async with made.scope("task") as scope:
        named, own, other = await call()
        assert named is own.session is other.session is scope.get(Session)
        assert own is not other


async def test_a_sync_function_with_something_to_wait_for_becomes_a_coroutine_function() -> None:
    """K31: async injection at call sites compiled once."""
    made = container(ENGINE, (Session, async_session, "scoped"), (Repo, Repo, "scoped"))

    def use(request: str, /, more: int, *, repo: Repo = Depends()) -> tuple[str, int, Repo]:
        return request, more, repo

    async def use_async(repo: Repo) -> Repo:
        return repo

    async with made.scope("task") as scope:
        assert await made.compile(use, given=["request", "more"])("r", more=3) == ("r", 3, await scope.resolve(Repo))
        assert await made.compile(use_async)() is scope.get(Repo)
