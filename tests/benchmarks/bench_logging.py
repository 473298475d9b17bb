"""What a line costs beside its peers, in one run: CPU time of the whole process, threads included, and the ratio.

The standard library writes plain text without fields; all others write JSON with a context of two fields and three
fields of the line. All write to a file. Peers are no dependencies of this project; run it in an environment that has
them, and it compares with those it finds:

    uv run --isolated --no-project --with-editable ./kernel --with-editable ./plugins/fw-logging \
        --with structlog python tests/benchmarks/bench_logging.py
"""

from __future__ import annotations

import gc
import json
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

ROUNDS = 9
LINES = 4000
"""In one turn; the queue is as large, so that no line is dropped."""
SECRETS = 20

Case = Callable[[int], None]
"""Writes a number of lines and returns when they are in the file."""


@contextmanager
def stdlib(folder: Path) -> Iterator[dict[str, Case]]:
    handler = logging.FileHandler(folder / "stdlib")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logger = logging.getLogger("bench.stdlib")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)

    def text(times: int) -> None:
        for number in range(times):
            logger.info("order %s placed by %s, total %s", number, "ann", 12.5)

    def off(times: int) -> None:
        for number in range(times):
            logger.debug("order %s placed by %s, total %s", number, "ann", 12.5)

    yield {"stdlib, plain text": text, "stdlib, level off": off}
    logger.removeHandler(handler)
    handler.close()


@contextmanager
def own(folder: Path) -> Iterator[dict[str, Case]]:
    from framework import App
    from fw_logging import log, log_context, redact
    from fw_logging.facade import Logging

    for number in range(SECRETS):
        redact(f"{number * 7919:08x}-{number:08d}")
    settings = {"output": str(folder / "fw"), "queue": LINES + 1, "format": "json"}
    app = App(plugins=["logging"], defaults={"logging": settings})
    app.bootstrap()

    def json_lines(times: int) -> None:
        with log_context(request_id="4b3c2d1e0f", tenant="north"):
            for number in range(times):
                log.info("order placed", order=number, user="ann", total=12.5)
        assert app.facade(Logging).flush()

    def off(times: int) -> None:
        for number in range(times):
            log.debug("order placed", order=number, user="ann", total=12.5)

    yield {"fw": json_lines, "fw, level off": off}
    counts = app.facade(Logging).counts
    assert counts.dropped == counts.lost == 0, counts
    written = (folder / "fw").read_text().splitlines()
    assert len(written) == counts.written
    assert json.loads(written[-1])["tenant"] == "north"


@contextmanager
def loguru(folder: Path) -> Iterator[dict[str, Case]]:
    logger: Any = import_module("loguru").logger
    logger.remove()
    number = logger.add(folder / "loguru", serialize=True, diagnose=False)

    def json_lines(times: int) -> None:
        with logger.contextualize(request_id="4b3c2d1e0f", tenant="north"):
            for number in range(times):
                logger.info("order placed", order=number, user="ann", total=12.5)

    yield {"loguru, serialize": json_lines}
    logger.remove(number)


@contextmanager
def structlog(folder: Path) -> Iterator[dict[str, Case]]:
    structlog: Any = import_module("structlog")
    orjson: Any = import_module("orjson")
    with (folder / "structlog").open("wb") as file:
        structlog.configure(
            cache_logger_on_first_use=True,
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(serializer=orjson.dumps),
            ],
            logger_factory=structlog.BytesLoggerFactory(file),
        )
        logger = structlog.get_logger()

        def json_lines(times: int) -> None:
            with structlog.contextvars.bound_contextvars(request_id="4b3c2d1e0f", tenant="north"):
                for number in range(times):
                    logger.info("order placed", order=number, user="ann", total=12.5)

        yield {"structlog, orjson": json_lines}


def microseconds(case: Case) -> float:
    gc.collect()
    started = time.process_time()
    case(LINES)
    return (time.process_time() - started) / LINES * 1e6


def report() -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cases: dict[str, Case] = {}
        for make in (stdlib, own, loguru, structlog):
            with suppress(ImportError):
                cases |= stack.enter_context(make(Path(folder)))
        for case in cases.values():
            case(200)
        turns = [{name: microseconds(case) for name, case in cases.items()} for _ in range(ROUNDS)]
    figures = {name: statistics.median(turn[name] for turn in turns) for name in cases}
    base = figures["stdlib, plain text"]
    print(f"\none JSON line with context, {SECRETS} secrets known: {figures['fw'] / base:.2f} x the standard library")
    for name, figure in sorted(figures.items(), key=lambda pair: pair[1]):
        print(f"  {name:<22} {figure:8.2f} us  {figure / base:5.2f} x")


def test_logging() -> None:
    report()


if __name__ == "__main__":
    test_logging()
