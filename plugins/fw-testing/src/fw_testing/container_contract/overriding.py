"""Stand-ins for tests, seen by call sites that were compiled long before."""
# ruff: noqa: S101  (these are tests)

from collections.abc import Callable
from typing import Any

import pytest

from framework import BootstrapError, Depends
from framework.provider import Lifetime
from fw_testing.container_contract.subjects import ENGINE, Engine, Repo, Session, Subjects, connect


class Turbo(Engine):
    pass


def make_turbo() -> Engine:
    return Turbo()


def zone() -> str:
    return "local"


class OverridingContract(Subjects):
    """What an override changes, for how long, and when it is refused."""

    @pytest.mark.parametrize("stand_in", [Turbo(), Turbo, make_turbo])
    @pytest.mark.parametrize("lifetime", ["singleton", "transient"])
    def test_an_override_is_seen_by_all_until_it_is_undone(self, stand_in: Any, lifetime: Lifetime) -> None:
        made = self.checked((Engine, Engine, lifetime), (Session, Session, "transient"))
        use: Callable[[], Session] = made.compile(_session)
        before = made.get(Engine)
        made.override(Engine, stand_in)
        assert type(made.get(Engine)) is type(use().engine) is type(made.get(Session).engine) is Turbo
        made.override(Engine, Engine)
        assert type(made.get(Engine)) is type(use().engine) is type(made.get(Session).engine) is Engine
        made.restore(Engine)
        assert type(made.get(Engine)) is type(use().engine) is type(made.get(Session).engine) is Turbo
        made.restore(Engine)
        assert type(made.get(Engine)) is type(use().engine) is type(made.get(Session).engine) is Engine
        assert (made.get(Engine) is before) is (lifetime == "singleton")

    def test_an_override_before_the_check_holds_for_what_is_compiled_then_and_can_be_undone(self) -> None:
        made = self.container(ENGINE, (Session, Session, "transient"))
        made.override(Engine, Turbo)
        made.check()
        use = made.compile(_session)
        assert type(use().engine) is type(made.get(Engine)) is Turbo
        made.restore(Engine)
        assert type(use().engine) is type(made.get(Session).engine) is type(made.get(Engine)) is Engine
        assert made.get(Session).engine is made.get(Engine)

    def test_the_factory_named_by_depends_can_be_overridden(self) -> None:
        made = self.checked()
        call = made.compile(_where)
        assert call() == "local"
        made.override(zone, lambda: "UTC")
        assert call() == "UTC"
        made.restore(zone)
        assert call() == "local"

    def test_what_something_built_already_holds_cannot_be_overridden(self) -> None:
        made = self.checked(ENGINE, (Session, Session))
        assert type(made.get(Session).engine) is Engine
        with pytest.raises(BootstrapError, match="Engine cannot be overridden now: Session, which is built already"):
            made.override(Engine, Turbo)
        assert type(made.get(Engine)) is Engine

    def test_what_nothing_provides_cannot_be_overridden_and_undoing_nothing_does_nothing(self) -> None:
        made = self.checked(ENGINE)
        with pytest.raises(BootstrapError, match="Nothing provides Session, so it cannot be overridden"):
            made.override(Session, connect)
        made.restore(Session)
        made.restore(Engine)
        assert type(made.get(Engine)) is Engine

    @pytest.mark.asyncio
    async def test_a_stand_in_that_waits_must_come_before_the_check(self) -> None:
        async def waiting() -> Engine:
            return Turbo()

        made = self.checked(ENGINE, (Session, Session, "transient"))
        with pytest.raises(BootstrapError, match="is waited for, unlike what was compiled for Engine"):
            made.override(Engine, waiting)
        assert type(made.get(Session).engine) is type(made.get(Engine)) is Engine
        early = self.container(ENGINE, (Session, Session, "transient"))
        early.override(Engine, waiting)
        early.check()
        assert type((await early.resolve(Session)).engine) is Turbo

    @pytest.mark.asyncio
    async def test_what_is_scoped_stays_scoped_while_it_is_overridden(self) -> None:
        made = self.checked(ENGINE, (Session, Session, "scoped"), (Repo, Repo, "scoped"))
        made.override(Session, lambda: Session(Turbo()))
        sessions = []
        for _ in range(2):
            async with made.scope("task") as scope:
                assert type(scope.get(Repo).session.engine) is Turbo
                assert scope.get(Repo).session is scope.get(Session)
                sessions.append(scope.get(Session))
        assert sessions[0] is not sessions[1]


def _session(session: Session) -> Session:
    return session


def _where(zone: str = Depends(zone)) -> str:
    return zone
