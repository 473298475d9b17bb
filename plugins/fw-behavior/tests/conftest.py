"""Tests that take `engine` run once with each."""

import pytest

from fw_behavior.tree import Engine


@pytest.fixture
def engine(behavior_engine: Engine) -> Engine:
    return behavior_engine
