"""Randomness that is fetched in pieces is as good as the system's own, and is not shared with forked processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fw_orchestrator.drawn import AT_ONCE, Drawn
from fw_orchestrator.surroundings import Surroundings


@pytest.mark.parametrize("bits", [1, 7, 8, 74, 8 * AT_ONCE, 8 * AT_ONCE + 3])
def test_every_bit_is_drawn(bits: int) -> None:
    drawn = Drawn()
    ones = zeros = 0
    for _ in range(200):
        number = drawn.getrandbits(bits)
        assert 0 <= number < 1 << bits
        ones |= number
        zeros |= ~number
    every = (1 << bits) - 1
    assert ones & every == zeros & every == every


def test_nothing_is_drawn_for_no_bits_and_fewer_are_refused() -> None:
    assert Drawn().getrandbits(0) == 0
    with pytest.raises(ValueError, match="non-negative"):
        Drawn().getrandbits(-1)


def test_ids_differ_across_pieces() -> None:
    surroundings = Surroundings()
    number = 3 * AT_ONCE
    assert len({surroundings.new_id() for _ in range(number)}) == number


FORKS = """
import os
from fw_orchestrator.drawn import Drawn
drawn = Drawn()
drawn.getrandbits(64)  # a piece has been fetched
child = os.fork()
if child:
    os.waitpid(child, 0)
print(drawn.getrandbits(64), flush=True)
"""


@pytest.mark.needs("posix")
def test_a_forked_process_draws_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], capture_output=True, text=True, timeout=30, check=True)
    mine, theirs = done.stdout.split()
    assert mine != theirs
