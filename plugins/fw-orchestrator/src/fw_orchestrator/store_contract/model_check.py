"""Random histories of calls: a store must answer each exactly as the memory store does, and keep the invariants."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

from fw_orchestrator.store_contract.base import OpenStore, StoreFixtures

if TYPE_CHECKING:
    from hypothesis.stateful import RuleBasedStateMachine


def check_against_model(open_store: OpenStore, *, examples: int = 30, steps: int = 50) -> None:
    """Compare fresh stores with the memory store over random calls. Raises AssertionError on a difference.

    Runs an event loop of its own, so not on a thread that has one. Needs hypothesis. To find the shortest story that
    shows a difference takes up to five minutes.
    """
    from hypothesis import HealthCheck, settings
    from hypothesis.stateful import run_state_machine_as_test

    numbers = count()

    def machine() -> RuleBasedStateMachine:
        from fw_orchestrator.store_contract.machine import StoreMachine

        return StoreMachine(open_store(f"example-{next(numbers)}"))

    run_state_machine_as_test(
        machine,  # type: ignore[arg-type]  # any function that makes one will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


class ModelContract(StoreFixtures):
    """Equal answers to equal calls."""

    async def test_random_calls_are_answered_as_the_model_answers_them(self, open_store: OpenStore) -> None:
        await asyncio.to_thread(check_against_model, open_store)
