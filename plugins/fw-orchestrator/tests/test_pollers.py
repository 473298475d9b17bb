"""One task wakes one waiter, first come first served, and no ring is lost."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from fw_orchestrator.pollers import Pollers


def test_a_ring_wakes_the_first_waiter_of_that_skill_only() -> None:
    pollers = Pollers()
    with pollers.waiting(["b"]) as other, pollers.waiting(["a"]) as first, pollers.waiting(["a", "b"]) as second:
        pollers.ring("a")
        assert [poller.rung.is_set() for poller in (other, first, second)] == [False, True, False]
        pollers.ring("a")
        assert second.rung.is_set()
        first.rung.clear()
        second.rung.clear()


def test_as_many_are_woken_as_there_are_tasks() -> None:
    pollers = Pollers()
    with ExitStack() as stack:
        waiting = [stack.enter_context(pollers.waiting(["a"])) for _ in range(4)]
        pollers.ring("a", 3)
        assert [poller.rung.is_set() for poller in waiting] == [True, True, True, False]


def test_a_ring_for_nobody_is_no_error() -> None:
    pollers = Pollers()
    pollers.ring("a")
    pollers.ring_all()
    assert len(pollers) == 0


def test_a_ring_that_was_not_heeded_goes_to_the_next() -> None:
    pollers = Pollers()
    first, second = pollers.waiting(["a"]), pollers.waiting(["b", "a"])
    with ExitStack() as stack:
        first.__enter__()
        heir = stack.enter_context(second)
        pollers.ring("a")
        assert not heir.rung.is_set()
        first.__exit__(None, None, None)
        assert heir.rung.is_set()


async def test_a_ring_that_was_heeded_does_not() -> None:
    pollers = Pollers()
    first, second = pollers.waiting(["a"]), pollers.waiting(["a"])
    with ExitStack() as stack:
        woken = first.__enter__()
        heir = stack.enter_context(second)
        pollers.ring("a")
        assert await woken.wait(10)
        woken.heed()
        first.__exit__(None, None, None)
        assert not heir.rung.is_set()


async def test_waiting_ends_with_the_time_or_with_the_ring() -> None:
    pollers = Pollers()
    with pollers.waiting(["a"]) as poller:
        assert not await poller.wait(0.001)
        waiting = asyncio.create_task(poller.wait(10))
        await asyncio.sleep(0)
        pollers.ring("a")
        assert await waiting


def test_everybody_can_be_woken() -> None:
    pollers = Pollers()
    with pollers.waiting(["a"]) as one, pollers.waiting(["b", "c"]) as other:
        pollers.ring_all()
        assert one.rung.is_set()
        assert other.rung.is_set()
        assert len(pollers) == 2
    assert len(pollers) == 0
