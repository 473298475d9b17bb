"""Whole engines with their workers in virtual time: whatever goes wrong, each job ends and each step counts once."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from fw_orchestrator import MemoryStorage
from fw_orchestrator.testing.broken_engines import BROKEN_ENGINES, EngineFault
from fw_orchestrator.testing.simulation import first_fault, main, simulate

from .broken_stores import STORES, Unfenced

SEEDS = range(200)


@pytest.fixture(autouse=True)
def _no_safety_nets() -> None:
    """Here they are wanted: after a lost answer nobody is told of what was written."""


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_no_fault_in_two_hundred_courses() -> None:
    found = first_fault(SEEDS)
    assert found is None, "\n".join((*found.trace, *found.faults))


def test_a_seed_takes_the_same_course_again() -> None:
    first, again = simulate(0), simulate(0)
    assert len(first.trace) > 100
    assert any("dies" in line for line in first.trace)
    assert first == again


@pytest.mark.parametrize("store", STORES)
def test_a_broken_store_is_noticed(store: type[MemoryStorage]) -> None:
    assert first_fault(SEEDS, store) is not None


@pytest.mark.parametrize("fault", BROKEN_ENGINES.values(), ids=BROKEN_ENGINES)
def test_a_broken_engine_is_noticed(fault: EngineFault) -> None:
    assert first_fault(SEEDS, MemoryStorage, fault) is not None


def test_the_command_says_how_to_see_a_fault_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2"]) == 0
    assert "2 courses without a fault" in capsys.readouterr().out
    found = first_fault(SEEDS, Unfenced)
    assert found is not None
    assert main(["--seed", str(found.seed)], Unfenced) == 1
    shown = capsys.readouterr().out
    assert found.faults[0] in shown
    assert found.trace[-1] in shown
    assert f"--seed {found.seed} --trace" in shown
