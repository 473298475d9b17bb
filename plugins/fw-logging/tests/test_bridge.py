"""The standard library's logging: its records are lines, its handlers see ours, and afterwards it is as it was."""

import io
import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from framework import App
from fw_logging import log, log_context
from fw_logging.bridge import Bridge
from fw_logging.pipeline import Pipeline
from fw_logging.route import route

MakeApp = Callable[..., App]


async def test_records_of_libraries_are_lines_with_their_logger_and_extra(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        library = logging.getLogger("library.part")
        with log_context(user="ann"):
            library.warning("%d items, %s", 3, "sold", extra={"item": "spoon"})
            try:
                raise OSError("disk")
            except OSError:
                library.exception("failed", stack_info=True)
            library.log(25, "between")
    first, second, third = journal.of("library.part")
    assert (first["level"], first["message"], first["item"], first["user"]) == (
        "warning",
        "3 items, sold",
        "spoon",
        "ann",
    )
    assert second["exception"]["message"] == "disk"
    assert second["stack"].startswith("Stack (most recent call last)")
    assert third["level"] == "level 25"


async def test_a_record_that_cannot_be_formatted_is_still_a_line(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        Bridge().emit(logging.makeLogRecord({"name": "library", "levelno": 20, "msg": "%d items", "args": ("three",)}))
    [line] = journal.of("library")
    assert (line["message"], line["args"]) == ("%d items", ["three"])
    assert line["formatting"]["type"] == "TypeError"


async def test_warnings_are_lines(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app():
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(False)  # what pytest put in the way of warnings ends with its block
            logging.captureWarnings(True)
            warnings.warn("old\nthing", DeprecationWarning, stacklevel=1)
    [line] = journal.of("py.warnings")
    assert line["level"] == "warning"
    assert "DeprecationWarning: old\nthing" in line["message"]


async def test_levels_hold_for_both_kinds_of_loggers(logging_app: MakeApp, journal: Any) -> None:
    quiet, loud = logging.getLogger("quiet.part"), logging.getLogger("loud")
    async with logging_app(level="warning", levels=["quiet=error", "loud=debug", f"{__name__}=debug"]):
        log.debug("shown")
        logging.getLogger("other").info("not shown")
        quiet.warning("not shown")
        quiet.error("shown")
        loud.debug("shown")
    assert [(line["logger"], line["level"]) for line in journal.lines] == [
        (__name__, "debug"),
        ("quiet.part", "error"),
        ("loud", "debug"),
    ]
    assert (quiet.parent and quiet.parent.level, loud.level) == (logging.NOTSET, logging.NOTSET)


async def test_the_level_of_the_command_line_wins(logging_app: MakeApp, journal: Any) -> None:
    app = logging_app(level="error")
    app.log_level = "debug"
    async with app:
        log.debug("shown")
    assert len(journal.of(__name__)) == 1


@contextmanager
def handler_of(kind: type[Any], stream: Any) -> Iterator[logging.Handler]:
    handler: logging.Handler = kind(stream)
    logging.root.addHandler(handler)
    yield handler
    logging.root.removeHandler(handler)


async def test_handlers_that_print_on_the_terminal_make_room_and_come_back(logging_app: MakeApp, journal: Any) -> None:
    """K26: in their old place."""
    with handler_of(logging.StreamHandler, sys.stderr), handler_of(logging.NullHandler, logging.NOTSET):
        before = list(logging.root.handlers)
        async with logging_app():
            assert not [handler for handler in logging.root.handlers if handler in before[-2:-1]]
            assert isinstance(logging.root.handlers[-1], Bridge)
        assert logging.root.handlers == before


async def test_other_handlers_stay_and_see_our_lines_too(logging_app: MakeApp, journal: Any) -> None:
    seen = io.StringIO()
    with handler_of(logging.StreamHandler, seen):
        async with logging_app():
            log.info("sold", item="big spoon", password="x")
            logging.getLogger("library").info("from a library")
    assert 'sold item="big spoon" password="[redacted]"' in seen.getvalue()
    assert seen.getvalue().count("from a library") == 1
    assert len(journal.of(__name__)) == len(journal.of("library")) == 1


async def test_a_test_finds_our_lines_in_caplog(logging_app: MakeApp, caplog: pytest.LogCaptureFixture) -> None:
    async with logging_app():
        try:
            raise OSError("disk")
        except OSError:
            log.exception("failed", order=7)
    [record] = [record for record in caplog.records if record.name == __name__]
    assert record.getMessage() == "failed order=7"
    assert record.exc_info is not None
    assert (record.pathname, record.funcName) == (__file__, "test_a_test_finds_our_lines_in_caplog")


def test_without_the_plugin_lines_go_to_the_standard_library(caplog: pytest.LogCaptureFixture) -> None:
    """K23: the logger may be used while modules are imported, and where the plugin is off."""
    caplog.set_level(logging.INFO)
    with log_context(user="ann"):
        log.bind(till=3).info("sold {x}", item="spoon\n", token="x")
        log.debug("not shown")
    [record] = caplog.records
    assert (record.name, record.levelname) == (__name__, "INFO")
    assert record.getMessage() == 'sold {x} user=ann till=3 item="spoon\\n" token="[redacted]"'


async def test_two_apps_log_each_to_its_own_place_the_newest_first(
    logging_app: MakeApp, journal: Any, tmp_path: Any
) -> None:
    """There is one process-wide logging: the newest App has it, and gives it back when it stops, in whatever order."""
    level = logging.root.level
    for first_to_stop in (0, 1):
        one = logging_app(output=str(tmp_path / f"one{first_to_stop}"), level="error")
        other = logging_app(output=str(tmp_path / f"other{first_to_stop}"), level="debug")
        apps = [one, other]
        await one.start()
        log.info("too little")
        await other.start()
        log.debug("to the newest")
        await apps[first_to_stop].stop()
        log.error("to the one that is left")
        await apps[1 - first_to_stop].stop()
        assert logging.root.level == level
        counts = [len((tmp_path / f"{name}{first_to_stop}").read_text().splitlines()) for name in ("one", "other")]
        assert counts == ([0, 2] if first_to_stop == 0 else [1, 1])


async def test_an_app_that_is_forgotten_without_having_run_gives_all_back(logging_app: MakeApp) -> None:
    """K26"""
    import gc

    app = logging_app()
    app.bootstrap()
    assert isinstance(route.pipeline, Pipeline)
    del app
    gc.collect()
    assert route.pipeline is None
