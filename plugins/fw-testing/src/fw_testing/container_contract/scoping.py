"""The scope around the running code: who finds it, and its end."""
# ruff: noqa: S101  (these are tests)

import asyncio

import pytest

from framework import Scope, ScopeError
from fw_testing.container_contract.subjects import ENGINE, Engine, Session, Subjects, async_session, connect


class ScopingContract(Subjects):
    """Which scope counts, and for how long."""

    @pytest.mark.asyncio
    async def test_the_innermost_open_scope_counts_and_the_outer_one_again_after_it(self) -> None:
        made = self.checked(ENGINE, (Session, Session, "scoped"))
        assert made.open_scope() is None
        async with made.scope("outer") as outer:
            async with made.scope("inner") as inner:
                assert made.open_scope() is inner
                assert made.get(Session) is inner.get(Session) is not outer.get(Session)
            assert made.open_scope() is outer
            assert made.get(Session) is outer.get(Session)
        assert made.open_scope() is None

    @pytest.mark.asyncio
    async def test_two_containers_keep_their_scopes_apart(self) -> None:
        one, other = (self.checked(ENGINE, (Session, Session, "scoped")) for _ in range(2))
        async with one.scope("one") as outer, other.scope("other") as inner:
            assert one.get(Session) is outer.get(Session)
            assert other.get(Session) is inner.get(Session)
            assert one.get(Engine) is not other.get(Engine)

    @pytest.mark.asyncio
    async def test_a_child_task_that_outlives_the_scope_gets_nothing_of_it(self) -> None:
        made = self.checked(ENGINE, (Session, async_session, "scoped"))
        ended = asyncio.Event()

        async def later() -> None:
            await ended.wait()
            assert made.open_scope() is None
            with pytest.raises(ScopeError, match="needs a scope, and none is open"):
                made.get(Session)

        async with made.scope("request") as scope:
            session = await scope.resolve(Session)
            child = asyncio.create_task(later())
        ended.set()
        await child
        assert session.log == ["closed"]
        with pytest.raises(ScopeError, match="The scope 'request' is closed"):
            scope.get(Session)

    @pytest.mark.asyncio
    async def test_a_scope_may_begin_with_values_and_can_be_injected(self) -> None:
        made = self.checked(ENGINE, (Session, connect, "scoped"))
        given = Session(Engine())

        def use(scope: Scope, session: Session) -> tuple[Scope, Session]:
            return scope, session

        call = made.compile(use)
        async with made.scope("request", {Session: given}) as scope:
            assert await call() == (scope, given)

    def test_whether_scopes_are_used_is_known_after_the_check(self) -> None:
        assert not self.checked(ENGINE).uses_scopes
        assert self.checked(ENGINE, (Session, Session, "scoped")).uses_scopes
