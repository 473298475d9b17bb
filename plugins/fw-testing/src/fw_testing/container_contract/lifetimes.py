"""Singleton, scoped, transient; sync, async and generator factories."""
# ruff: noqa: S101  (these are tests)

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from framework import BootstrapError, Depends, FrameworkError, ScopeError
from framework.provider import Lifetime
from fw_testing.container_contract.subjects import (
    ENGINE,
    Engine,
    Repo,
    Service,
    Session,
    Subjects,
    async_session,
    connect,
    sync_session,
)


class LifetimeContract(Subjects):
    """How long objects live, and who shares them."""

    @pytest.mark.asyncio
    @pytest.mark.parametrize("factory", [Session, connect, sync_session, async_session])
    async def test_a_scoped_object_is_one_in_a_scope_and_another_in_the_next(self, factory: Callable[..., Any]) -> None:
        made = self.checked(ENGINE, (Session, factory, "scoped"), (Repo, Repo, "scoped"), (Service, Service, "scoped"))
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

    @pytest.mark.asyncio
    @pytest.mark.parametrize("factory", [Session, connect, sync_session, async_session])
    async def test_a_transient_is_made_for_each_that_needs_it(self, factory: Callable[..., Any]) -> None:
        made = self.checked(
            ENGINE, (Session, factory, "transient"), (Repo, Repo, "scoped"), (Service, Service, "scoped")
        )
        async with made.scope("task") as scope:
            service = await scope.resolve(Service)
            assert service.session is not service.repo.session
            assert service.repo is await scope.resolve(Repo)

    @pytest.mark.asyncio
    @pytest.mark.parametrize("factory", [connect, sync_session, async_session])
    async def test_a_singleton_is_built_once_by_any_factory_and_closed_with_the_container(
        self,
        factory: Callable[..., Any],
    ) -> None:
        made = self.checked(ENGINE, (Session, factory, "singleton"), (Repo, Repo, "singleton"))
        first, second = await asyncio.gather(made.resolve(Repo), made.resolve(Repo))
        assert first is second
        assert made.get(Session) is first.session
        await made.close()
        assert first.session.log == ([] if factory is connect else ["closed"])

    @pytest.mark.asyncio
    async def test_what_only_waiting_can_build_says_so_where_nobody_waits(self) -> None:
        made = self.checked(ENGINE, (Session, connect, "singleton"), (Repo, Repo, "singleton"))
        with pytest.raises(
            FrameworkError, match=r"Repo is built by waiting.*\n.*await app\.container\.resolve\(Repo\)"
        ):
            made.get(Repo)
        assert await made.resolve(Repo) is made.get(Repo)

    @pytest.mark.asyncio
    async def test_what_belongs_to_a_scope_needs_one(self) -> None:
        made = self.checked(ENGINE, (Session, Session, "scoped"))

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
    def test_a_singleton_that_would_keep_something_scoped_is_refused_with_the_path(self, lifetime: Lifetime) -> None:
        """Captive dependency; through transients too."""
        with pytest.raises(BootstrapError) as caught:
            self.checked(ENGINE, (Service, Service, "singleton"), (Repo, Repo, lifetime), (Session, Session, "scoped"))
        path = "Service -> Repo" if lifetime == "scoped" else "Service -> Repo -> Session"
        assert f"A singleton would keep something scoped for ever: {path}." in str(caught.value)
        assert "Make Service scoped too" in str(caught.value)

    @pytest.mark.asyncio
    async def test_depends_names_the_provider_of_a_factory_and_makes_a_new_one_where_there_is_none(self) -> None:

        def fresh(session: Session) -> Repo:
            return Repo(session)

        def use(named: Session = Depends(connect), own: Repo = Depends(fresh), other: Repo = Depends(fresh)) -> Any:
            return named, own, other

        made = self.checked(ENGINE, (Session, connect, "scoped"))
        call = made.compile(use, marked_only=True)
        async with made.scope("task") as scope:
            named, own, other = await call()
            assert named is own.session is other.session is scope.get(Session)
            assert own is not other

    @pytest.mark.asyncio
    async def test_a_sync_function_with_something_to_wait_for_becomes_a_coroutine_function(self) -> None:
        """Async injection at call sites compiled once."""
        made = self.checked(ENGINE, (Session, async_session, "scoped"), (Repo, Repo, "scoped"))

        def use(request: str, /, more: int, *, repo: Repo = Depends()) -> tuple[str, int, Repo]:
            return request, more, repo

        async def use_async(repo: Repo) -> Repo:
            return repo

        async with made.scope("task") as scope:
            assert await made.compile(use, given=["request", "more"])("r", more=3) == (
                "r",
                3,
                await scope.resolve(Repo),
            )
            assert await made.compile(use_async)() is scope.get(Repo)

    def test_a_singleton_may_be_none_or_something_that_could_be_awaited(self) -> None:
        """A value is a value: None is built once, and a coroutine or future is given as it is."""
        built: list[str] = []

        class Awaitable:
            def __await__(self) -> Any:
                raise AssertionError("nobody waits for it")

        def nothing() -> Any:
            built.append("nothing")

        class Both:
            def __init__(self, nothing: Engine, waiting: Awaitable) -> None:
                self.held: list[Any] = [nothing, waiting]

        made = self.checked((Engine, nothing), (Awaitable, Awaitable), (Both, Both))
        assert made.get(Both).held == [None, made.get(Awaitable)]
        assert made.get(Both).held[0] is made.get(Engine)
        assert built == ["nothing"]
