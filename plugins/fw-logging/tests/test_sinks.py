"""Files that rotate, and further sinks: loguru's own, with a core that nobody else uses."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import loguru
import pytest

from framework import App, BootstrapError
from fw_logging import log
from fw_logging.sinks import LoguruSink

MakeApp = Callable[..., App]


async def test_a_file_rotates_keeps_and_compresses_as_loguru_does(logging_app: MakeApp, journal: Any) -> None:
    async with logging_app(rotation="20000", retention="3", compression="gz") as app:
        for number in range(20):
            for _ in range(50):
                log.info("x" * 200, number=number)
            assert app.logging.flush()
    assert 1 <= sum(path.suffix == ".gz" for path in journal.path.parent.iterdir()) <= 3
    assert journal.lines


async def test_a_further_sink_gets_records_with_loguru_s_options(logging_app: MakeApp, journal: Any) -> None:
    app, seen = logging_app(), io.StringIO()
    app.logging.add_sink(
        seen,
        level="WARNING",
        format="{level}|{name}|{message}|{extra[item]}|{time:YYYY}",
        filter=lambda record: record["name"] == __name__,
    )
    async with app:
        log.info("too little", item=1)
        log.warning("low {x}", item="spoon")
    year = journal.lines[0]["time"][:4]
    assert seen.getvalue() == f"WARNING|{__name__}|low {{x}}|spoon|{year}\n"
    assert len(journal.of(__name__)) == 2


async def test_a_plugin_may_add_one(logging_app: MakeApp) -> None:
    seen: list[str] = []

    def register(app: App) -> None:
        app.logging.add_sink(seen.append, format="{message}")

    app = logging_app(register)
    for _ in range(2):
        async with app:
            log.info("m")
    assert [str(message) for message in seen if message.startswith("m")] == ["m\n", "m\n"]


async def test_one_that_raises_does_not_keep_others_from_getting_it(
    logging_app: MakeApp, journal: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    app, seen = logging_app(), io.StringIO()

    def broken(message: object) -> None:
        raise OSError("no")

    app.logging.add_sink(broken)
    app.logging.add_sink(seen, format="{message}")
    async with app:
        for _ in range(3):
            log.info("m")
        assert app.logging.flush()
        assert app.logging.counts.lost == 3
    assert seen.getvalue().count("m\n") == 3
    assert len(journal.of(__name__)) == 3


async def test_one_that_logs_itself_does_not_go_round_for_ever(logging_app: MakeApp, journal: Any) -> None:
    app = logging_app()
    app.logging.add_sink(lambda message: log.info("sent"))
    async with app:
        log.info("m")
        assert app.logging.flush()
    assert [line["message"] for line in journal.of(__name__)] == ["m", "sent"]


async def test_one_that_cannot_be_opened_is_told_with_the_place_of_its_declaration(logging_app: MakeApp) -> None:
    app = logging_app()
    app.logging.add_sink("/", level="NONSENSE")
    with pytest.raises(BootstrapError, match=rf"{__file__}:\d+: the sink '/' cannot be opened"):
        app.bootstrap()


def test_the_program_s_own_loguru_is_left_alone() -> None:
    """Fails where a version of loguru has no more place for a second logger; see ADR 0070."""
    own, ours = io.StringIO(), io.StringIO()
    number = loguru.logger.add(own, format="{message}")
    sink = LoguruSink(ours, {"format": "{message}"})
    try:
        sink.write(b'{"a": 1}\n')
        loguru.logger.info("theirs")
    finally:
        sink.close()
        loguru.logger.remove(number)
    assert (own.getvalue(), ours.getvalue()) == ("theirs\n", '{"a": 1}\n')


def test_lines_pass_a_file_of_loguru_byte_by_byte(tmp_path: Path) -> None:
    lines = (json.dumps({"m": "{} <red>% ü \\"}, ensure_ascii=False) + "\n").encode() * 3
    sink = LoguruSink(str(tmp_path / "log"), {})
    sink.write(lines)
    sink.close()
    assert (tmp_path / "log").read_bytes() == lines
