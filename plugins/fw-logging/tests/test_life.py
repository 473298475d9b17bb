"""The log is open before any other plugin acts, and outlives everything else."""

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from framework import App, Component, ShutdownError, StartupError
from fw_logging import log
from fw_logging.pipeline import _all
from fw_logging.redaction import redaction
from fw_logging.route import route

MakeApp = Callable[..., App]


class Well: ...


def well() -> Iterator[Well]:
    yield Well()
    log.info("container closes")
    raise OSError("the lid is stuck")


class Pump(Component):
    def __init__(self, well: Well) -> None:
        self._well = well

    def start(self) -> None:
        log.info("pump up")

    def stop(self) -> None:
        log.info("pump down")
        raise OSError("the pump is stuck")


class Early:
    """A plugin whose name comes before `logging`."""

    def bootstrap(self, app: App) -> None:
        log.info("bootstrap")

    def register(self, app: App) -> None:
        app.register(Pump)
        app.provide(Well, well)

    def stop(self, app: App) -> None:
        log.info("plugin stops")


async def test_the_log_outlives_everything_else(logging_app: MakeApp, journal: Any) -> None:
    app = logging_app(Early())
    await app.start()
    await app.ready()
    with pytest.raises(ShutdownError) as stopped:
        await app.stop()
    assert len(stopped.value.reports) == 2
    assert [line["message"] for line in journal.of(__name__)] == [
        *("bootstrap", "pump up"),
        *("plugin stops", "pump down", "container closes"),
    ]
    assert route.pipeline is None


async def test_what_a_failed_start_leaves_is_in_the_log_too(logging_app: MakeApp, journal: Any) -> None:
    class Broken(Component):
        def __init__(self, pump: Pump) -> None: ...

        def start(self) -> None:
            raise OSError("no water")

    app = logging_app(Early())
    app.register(Broken)
    with pytest.raises(StartupError):
        await app.start()
    assert "container closes" in [line["message"] for line in journal.of(__name__)]
    assert "the lid is stuck" in str([line["message"] for line in journal.of("framework")])
    assert route.pipeline is None


def facts() -> dict[str, Any]:
    gc.collect()
    descriptors = Path("/proc/self/fd")
    return {
        "threads": threading.active_count(),
        "descriptors": len(list(descriptors.iterdir())) if descriptors.is_dir() else 0,
        "handlers": list(logging.root.handlers),
        "level": logging.root.level,
        "pipelines": len(_all),
        "owners": len(redaction._owned),
        "words": redaction._words,
    }


async def test_three_lives_leave_nothing(logging_app: MakeApp) -> None:
    """K26: threads, descriptors, handlers, levels, secrets."""
    app = logging_app(redact=["iban"], levels=["library=debug"])
    app.logging.add_sink(lambda message: None)
    before = facts()
    for _ in range(3):
        async with app:
            log.info("m")
            assert threading.active_count() == before["threads"] + 1
        assert facts() == before


async def test_an_app_without_the_plugin_counts_nothing(logging_app: MakeApp) -> None:
    app = logging_app()
    assert app.logging.flush()
    assert (app.logging.counts.written, app.logging.counts.lost) == (0, 0)
