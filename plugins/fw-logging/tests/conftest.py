"""Applications whose log goes to a file, and that log as data."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from framework import App
from fw_testing.harness import app_with


class Journal:
    """The log file of a test."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def text(self) -> str:
        return self.path.read_text("utf-8") if self.path.exists() else ""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line, which must be JSON and end; split as strictly as anybody might."""
        assert self.text == "" or self.text.endswith("\n")
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, logger: str) -> list[dict[str, Any]]:
        """The lines of one logger."""
        return [line for line in self.lines if line["logger"] == logger]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "log.jsonl")


@pytest.fixture
def logging_app(journal: Journal) -> Callable[..., App]:
    """Make an App that logs to the journal; settings of section `[logging]` are keywords."""

    def make(*plugins: Any, sections: dict[str, dict[str, Any]] | None = None, **settings: Any) -> App:
        own = {"output": str(journal.path), **settings}
        return app_with("logging", *plugins, defaults={**(sections or {}), "logging": own})

    return make


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """K26: after each test the standard library's logging is as it was before."""

    def state() -> list[Any]:
        return [list(logging.root.handlers), logging.root.level, warnings.showwarning]

    before = state()
    yield
    assert state() == before
