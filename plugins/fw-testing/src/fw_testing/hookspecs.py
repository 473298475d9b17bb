"""The hook that fw-testing adds to pytest."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from fw_testing.requirement import Requirement


@pytest.hookspec
def pytest_fw_requirements() -> Iterable[Requirement]:
    """More components for `needs(...)`, from a conftest.py or a pytest plugin; one of an equal name is replaced."""
    return ()
