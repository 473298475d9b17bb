"""One scope for a request, a command, a task; who joins which; and its end."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from framework import App, Command, Component, Event, Manifest, Scope, ScopeError, hookimpl


class Session:
    def __init__(self) -> None:
        self.is_open = True


async def open_session() -> AsyncIterator[Session]:
    session = Session()
    yield session
    session.is_open = False


@dataclass(frozen=True)
class Ask(Command[Session]):
    """Answered with the session of the scope in which it is handled."""


@dataclass(frozen=True)
class AskTwice(Command[list[Session]]):
    new_scope: bool = False


@dataclass(frozen=True)
class Told(Event):
    sessions: list[Session]


def make_app(name: str = "app") -> App:
    app = App(name, plugins=[])
    app.provide(Session, open_session, lifetime="scoped")

    @app.handles(Ask)
    async def ask(command: Ask, session: Session) -> Session:
        assert session.is_open
        return session

    @app.handles(AskTwice)
    async def ask_twice(command: AskTwice, session: Session) -> list[Session]:
        return [session, await app.dispatch(Ask(), new_scope=command.new_scope)]

    @app.handles(Told)
    def hear(event: Told, session: Session) -> None:
        event.sessions.append(session)

    return app


async def test_a_command_gets_a_scope_that_ends_with_it() -> None:
    """K32"""
    async with make_app() as app:
        first, second = await app.dispatch(Ask()), await app.dispatch(Ask())
        assert first is not second
        assert not first.is_open


async def test_a_command_joins_the_open_scope_unless_it_opts_out() -> None:
    """K32"""
    async with make_app() as app:
        outer, inner = await app.dispatch(AskTwice())
        assert outer is inner
        outer, inner = await app.dispatch(AskTwice(new_scope=True))
        assert outer is not inner
        async with app.scope() as scope:
            session = await scope.resolve(Session)
            assert await app.dispatch(Ask()) is session
            assert await app.dispatch(Ask(), new_scope=True) is not session
            assert await asyncio.create_task(app.dispatch(Ask())) is session
            assert session.is_open
        assert not session.is_open


async def test_handlers_of_an_event_join_the_open_scope_or_get_one_each() -> None:
    """K32"""
    async with make_app() as app:
        told: list[Session] = []
        await app.publish(Told(told))
        async with app.scope() as scope:
            await app.publish(Told(told))
            assert told[1] is await scope.resolve(Session)
        assert told[0] is not told[1]


async def test_a_child_task_that_outlives_the_scope_opens_its_own() -> None:
    """K32"""
    async with make_app() as app:
        ended = asyncio.Event()

        async def later() -> Session:
            await ended.wait()
            return await app.dispatch(Ask())

        async with app.scope() as scope:
            session = await scope.resolve(Session)
            child = asyncio.create_task(later())
        ended.set()
        assert await child is not session


async def test_two_apps_keep_their_scopes_apart() -> None:
    """K32: a command joins the open scope of its own App, also from inside one of another's."""
    async with make_app("one") as one, make_app("two") as two, one.scope() as outer, two.scope() as inner:
        assert await one.dispatch(Ask()) is await outer.resolve(Session)
        assert await two.dispatch(Ask()) is await inner.resolve(Session)
        assert outer.get(Session) is not inner.get(Session)


async def test_use_after_the_end_raises() -> None:
    """K32"""
    async with make_app() as app:
        scope = app.scope("import")
        with pytest.raises(ScopeError, match="The scope 'import' is not open yet"):
            scope.get(Session)
        async with scope:
            await scope.resolve(Session)
        with pytest.raises(ScopeError, match=r"The scope 'import' is closed.*\n.*async with app\.scope\(\)"):
            scope.get(Session)
        with pytest.raises(ScopeError, match="is closed"):
            await scope.resolve(Session)
        with pytest.raises(ScopeError, match="was entered before"):
            async with scope:
                raise AssertionError("never entered")


async def test_what_is_still_being_built_when_the_scope_ends_is_closed_and_refused() -> None:
    """K32: nothing is left open by a child task that comes too late."""
    begun, go_on = asyncio.Event(), asyncio.Event()
    log: list[str] = []

    async def slow() -> AsyncIterator[Session]:
        begun.set()
        await go_on.wait()
        yield Session()
        log.append("closed")

    app = App(plugins=[])
    app.provide(Session, slow, lifetime="scoped")
    async with app:
        async with app.scope() as scope:
            child = asyncio.create_task(scope.resolve(Session))
            await begun.wait()
        go_on.set()
        with pytest.raises(ScopeError, match="ended while Session was being built"):
            await child
    assert log == ["closed"]


async def test_a_scope_can_be_entered_without_waiting_if_nothing_in_it_waits() -> None:
    log: list[str] = []

    def plain() -> Iterator[Session]:
        yield Session()
        log.append("closed")

    app = App(plugins=[])
    app.provide(Session, plain, lifetime="scoped")
    app.bootstrap()
    with app.scope() as scope:
        assert app.container.get(Session) is scope.get(Session)
        assert log == []
    assert log == ["closed"]


async def test_a_scope_entered_without_waiting_that_holds_what_waits_says_so() -> None:
    async with make_app() as app:
        scope = app.scope()
        with pytest.raises(ScopeError, match=r"entered with `with`.*\n.*async with"), scope:
            await scope.resolve(Session)
        await scope.close()


async def test_a_scope_can_be_injected_and_begin_with_values() -> None:
    """K32"""

    def none() -> Session:
        raise AssertionError("the scope has one")

    app = App(plugins=[])
    app.provide(Session, none, lifetime="scoped")
    app.bootstrap()
    given = Session()

    def use(scope: Scope, session: Session) -> tuple[Scope, Session]:
        return scope, session

    call = app.compile(use)
    async with app.scope("request", {Session: given}) as scope:
        assert call() == (scope, given)


async def test_components_may_need_what_is_waited_for_and_it_is_closed_after_they_stopped() -> None:
    """K30, K31, K33"""
    log: list[str] = []

    async def connect() -> AsyncIterator[Session]:
        log.append("connect")
        yield Session()
        log.append("disconnect")

    class Store(Component):
        def __init__(self, session: Session) -> None:
            self.session = session

        def start(self) -> None:
            log.append("start")

        def stop(self) -> None:
            log.append("stop")

    app = App(plugins=[])
    app.provide(Session, connect)
    app.register(Store)
    for _ in range(2):
        async with app:
            assert app.container.get(Store).session is app.container.get(Session)
    assert log == ["connect", "start", "stop", "disconnect"] * 2


async def test_what_was_opened_is_closed_when_the_application_does_not_start() -> None:
    """K31, K33"""
    log: list[str] = []

    def connect() -> Iterator[Session]:
        yield Session()
        log.append("disconnect")

    class Store(Component):
        def __init__(self, session: Session) -> None: ...

        def start(self) -> None:
            raise OSError("no disk")

    app = App(plugins=[])
    app.provide(Session, connect)
    app.register(Store)
    with pytest.raises(Exception, match="no disk"):
        await app.start()
    assert log == ["disconnect"]


async def test_a_singleton_that_does_not_close_is_told_in_the_error_of_the_stop() -> None:
    """K31"""

    def connect() -> Iterator[Session]:
        yield Session()
        raise OSError("still busy")

    app = App(plugins=[])
    app.provide(Session, connect)
    await app.start()
    app.container.get(Session)
    with pytest.raises(Exception, match="container of kernel failed in close: OSError: still busy"):
        await app.stop()


def test_a_component_is_well_unless_it_says_otherwise() -> None:
    """K30"""
    assert Component().health() is None


class Note:
    """Scoped, and made without waiting, so that a step can ask for it."""


class Stepping:
    """Posts two commands in each step; in the second and later ones inside a scope of its own."""

    manifest = Manifest("stepping")

    def __init__(self) -> None:
        self.open: list[Scope | None] = []
        self.notes: list[Note] = []
        self.posted: list[asyncio.Task[Session]] = []

    @hookimpl
    def tick(self, app: App) -> None:
        self.open.append(app.container.open_scope())
        if app.clock.steps == 0:
            self.posted += [app.post(Ask()) for _ in range(2)]
            return
        with app.scope("step") as scope:
            self.notes += [scope.get(Note), scope.get(Note)]
            self.posted += [app.post(Ask()) for _ in range(2)]


async def test_a_step_opens_no_scope_and_what_it_posts_gets_one_each() -> None:
    """K32: a step that wants one opens it, with `with`; that has ended when what it posted is handled."""
    stepping = Stepping()
    app = App(plugins=[stepping], defaults={"app": {"tick_pace": "manual"}})
    app.provide(Session, open_session, lifetime="scoped")
    app.provide(Note, Note, lifetime="scoped")

    @app.handles(Ask)
    async def ask(command: Ask, session: Session) -> Session:
        assert session.is_open
        return session

    async with app:
        app.clock.step(3)
        assert stepping.open == [None] * 3
        first, again, later, _ = stepping.notes
        assert first is again is not later
        sessions = await asyncio.gather(*stepping.posted)
        assert len({id(session) for session in sessions}) == 6
        assert not any(session.is_open for session in sessions)
    assert app.calls["tick"].errors == {}
