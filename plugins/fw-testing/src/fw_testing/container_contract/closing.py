"""Generators clean up when the lifetime of their object ends."""
# ruff: noqa: S101  (these are tests)

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from framework import FrameworkError
from fw_testing.container_contract.subjects import (
    ENGINE,
    Engine,
    Repo,
    Session,
    Subjects,
    failing,
    mute,
    silent,
    sync_session,
    twice,
    twice_async,
    work,
)


class ClosingContract(Subjects):
    """In which order things close, and what becomes of errors."""

    @pytest.mark.asyncio
    async def test_generators_are_closed_in_reverse_and_hear_of_the_error(self) -> None:
        """Contents of a scope close in the reverse of the order in which they were made."""
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

        made = self.checked(ENGINE, (str, hearing("first"), "scoped"), (Session, last, "scoped"))
        with pytest.raises(ValueError, match="bad luck"):
            await work(made, str, Session, error=ValueError("bad luck"))
        assert log == ["session heard bad luck", "first heard bad luck"]

    @pytest.mark.asyncio
    async def test_what_fails_while_closing_is_collected(self) -> None:
        log: list[str] = []

        def fine() -> Iterator[Engine]:
            yield Engine()
            log.append("closed")

        made = self.checked(
            (Engine, fine, "scoped"),
            (int, failing(OSError("disk")), "scoped"),
            (str, failing(KeyError("key")), "scoped"),
        )
        with pytest.raises(ExceptionGroup, match="The scope 'task' did not close cleanly") as caught:
            await work(made, Engine, int, str)
        assert [type(error) for error in caught.value.exceptions] == [KeyError, OSError]
        assert log == ["closed"]

    @pytest.mark.asyncio
    async def test_an_error_of_the_work_stays_what_it_is_when_closing_fails_too(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Nothing is hidden: the failure is noted on the error, and logged."""

        def bad() -> Iterator[Engine]:
            try:
                yield Engine()
            finally:
                raise OSError("disk")

        made = self.checked((Engine, bad, "scoped"))
        with pytest.raises(ValueError, match="work") as caught:
            await work(made, Engine, error=ValueError("work"))
        assert caught.value.__notes__ == ["While the scope 'task' was closed: OSError: disk"]
        assert "the scope 'task' did not close" in caplog.text

    @pytest.mark.asyncio
    async def test_a_cancellation_while_closing_stays_one_and_the_rest_is_closed(self) -> None:
        log: list[str] = []

        def fine() -> Iterator[Engine]:
            yield Engine()
            log.append("closed")

        made = self.checked((Engine, fine, "scoped"), (int, failing(asyncio.CancelledError()), "scoped"))
        with pytest.raises(asyncio.CancelledError):
            await work(made, Engine, int)
        assert log == ["closed"]

    @pytest.mark.asyncio
    @pytest.mark.parametrize("factory", [mute, silent])
    async def test_a_generator_that_yields_nothing_is_an_error(self, factory: Callable[..., Any]) -> None:
        made = self.checked((Engine, factory, "scoped"))
        async with made.scope("task") as scope:
            with pytest.raises(FrameworkError, match=f"{factory.__name__} yielded nothing"):
                await scope.resolve(Engine)

    @pytest.mark.asyncio
    @pytest.mark.parametrize("factory", [twice, twice_async])
    async def test_a_generator_that_yields_twice_is_an_error(self, factory: Callable[..., Any]) -> None:
        made = self.checked((Engine, factory, "scoped"))
        with pytest.raises(ExceptionGroup) as caught:
            await work(made, Engine)
        assert "yielded a second time" in str(caught.value.exceptions[0])

    @pytest.mark.asyncio
    async def test_what_a_transient_cleans_up_lives_as_long_as_what_it_was_made_for(self) -> None:
        made = self.checked(ENGINE, (Session, sync_session, "transient"), (Repo, Repo, "singleton"))
        async with made.scope("task") as scope:
            own = scope.get(Session)
            repo = scope.get(Repo)
        assert (own.log, repo.session.log) == (["closed"], [])
        await made.close()
        assert repo.session.log == ["closed"]
