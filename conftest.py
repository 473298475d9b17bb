"""What holds for the tests of every package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture(scope="session", autouse=True)
def shared_bytecode() -> Iterator[None]:
    """Programs that tests start compile a module once, not each anew, where the user wants no bytecode beside sources.

    Tests start some hundred programs; where none may keep what it compiles, they take twice as long to import.
    """
    if not os.environ.get("PYTHONDONTWRITEBYTECODE"):
        yield
        return
    with TemporaryDirectory(prefix="bytecode-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE")
        patch.setenv("PYTHONPYCACHEPREFIX", folder)
        yield
