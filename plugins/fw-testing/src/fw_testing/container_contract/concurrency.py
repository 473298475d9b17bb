"""Threads and tasks that ask at once."""
# ruff: noqa: S101  (these are tests)

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from framework.container import Container
from fw_testing.container_contract.subjects import ENGINE, Engine, Repo, Session, Subjects


class ConcurrencyContract(Subjects):
    """A singleton is built once, whoever asks."""

    @pytest.mark.asyncio
    async def test_tasks_that_ask_at_once_get_one_object_and_the_next_tries_where_one_failed(self) -> None:
        """Built once, whatever the tasks."""
        begun, failures = 0, [OSError("no route"), asyncio.CancelledError()]

        async def connect_twice_in_vain(engine: Engine) -> Session:
            nonlocal begun
            begun += 1
            await asyncio.sleep(0)
            if failures:
                raise failures.pop(0)
            return Session(engine)

        made = self.checked(ENGINE, (Session, connect_twice_in_vain, "singleton"))
        results = await asyncio.gather(*(made.resolve(Session) for _ in range(6)), return_exceptions=True)
        assert [type(result) for result in results[:2]] == [OSError, asyncio.CancelledError]
        assert len(set(results[2:])) == 1
        assert begun == 3

    def test_threads_that_ask_at_once_get_one_object(self) -> None:
        """Built once, whatever the threads; a second one in the factory would meet the first there."""
        asking, building, built = threading.Barrier(2), threading.Barrier(2), []

        def slow() -> Engine:
            built.append(threading.get_ident())
            with suppress(threading.BrokenBarrierError):
                building.wait(0.2)
            return Engine()

        made = self.checked((Engine, slow, "singleton"), (Session, Session, "singleton"))

        def ask() -> Session:
            asking.wait(10)
            return made.get(Session)

        with ThreadPoolExecutor(2) as pool:
            first, second = [future.result() for future in [pool.submit(ask) for _ in range(2)]]
        assert first is second
        assert len(built) == 1

    def test_loops_of_several_threads_get_one_object(self) -> None:
        """An async factory too."""
        meeting, built = threading.Barrier(4), []

        async def slow() -> Engine:
            built.append(threading.get_ident())
            for _ in range(5):
                await asyncio.sleep(0)
            return Engine()

        for _ in range(20):
            made = self.checked((Engine, slow, "singleton"))

            async def ask(made: Container = made) -> Engine:
                meeting.wait(10)
                return await made.resolve(Engine)

            built.clear()
            with ThreadPoolExecutor(4) as pool:
                found = [future.result() for future in [pool.submit(asyncio.run, ask()) for _ in range(4)]]
            assert len(set(found)) == 1
            assert len(built) == 1

    def test_a_factory_may_wait_for_a_thread_that_builds_another_singleton(self) -> None:
        """Each has a lock of its own."""
        with ThreadPoolExecutor(1) as pool:

            def across() -> Session:
                return Session(pool.submit(made.get, Engine).result(timeout=10))

            made = self.checked(ENGINE, (Session, across))
            assert made.get(Session).engine is made.get(Engine)

    def test_a_singleton_that_could_not_be_built_is_tried_again(self) -> None:
        failures = [OSError("no route")]

        def connect() -> Engine:
            if failures:
                raise failures.pop()
            return Engine()

        made = self.checked((Engine, connect), (Session, Session), (Repo, Repo))
        with pytest.raises(OSError, match="no route"):
            made.get(Repo)
        assert made.get(Repo).session.engine is made.get(Engine)

    @pytest.mark.asyncio
    async def test_tasks_of_one_scope_get_one_object_and_those_of_others_get_others(self) -> None:
        async def connect(engine: Engine) -> Session:
            await asyncio.sleep(0)
            return Session(engine)

        made = self.checked(ENGINE, (Session, connect, "scoped"))

        async def ask() -> set[Session]:
            async with made.scope("task") as scope:
                return set(await asyncio.gather(*(scope.resolve(Session) for _ in range(4))))

        found = await asyncio.gather(*(ask() for _ in range(3)))
        assert [len(sessions) for sessions in found] == [1, 1, 1]
        assert len(set.union(*found)) == 3
