"""`Watcher`: reloads the configuration when a file of it changes, or on SIGHUP."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path

from framework.config import Config
from framework.errors import ConfigError
from framework.messages import AppReady, AppStopping
from fw_config.config import ConfigSettings
from fw_config.reloading import Reloading

log = logging.getLogger("fw.config")

LOOK_ANYWAY = 1000
"""Milliseconds after which the files are compared though no change was told: some file systems tell
nothing, and none tells what happened before it was asked."""


class Watcher:
    """Watches the files of a configuration, from :class:`AppReady` to :class:`AppStopping`."""

    def __init__(self, config: Config, reloading: Reloading) -> None:
        self._config = config
        self._settings = config.get(ConfigSettings)
        self._reloading = reloading
        self._tasks: list[asyncio.Task[None]] = []
        self._ending = asyncio.Event()
        self._seen = fingerprints(config)
        self._fault = ""

    def start(self) -> None:
        """Raises :class:`ConfigError` where SIGHUP is wanted and cannot be had."""
        if self._settings.hangup and (
            sys.platform == "win32" or threading.current_thread() is not threading.main_thread()
        ):
            raise ConfigError(
                f"{self._config.source('config', 'hangup')}: SIGHUP cannot be received here.",
                remedy="Leave [config] hangup out: it needs a Unix system, and the App in the main thread.",
            )

    def begin(self) -> None:
        """Watch from now on."""
        loop = asyncio.get_running_loop()
        if self._settings.hangup:
            hangups: asyncio.Queue[None] = asyncio.Queue()
            loop.add_signal_handler(signal.SIGHUP, hangups.put_nowait, None)
            self._tasks.append(loop.create_task(self._on_hangup(hangups), name="fw config SIGHUP"))
        if self._settings.reload:
            self._tasks.append(loop.create_task(self._watch(), name="fw config files"))

    async def stop(self) -> None:
        """Watch no more; a reload that is going on ends first."""
        self._ending.set()
        if self._settings.hangup and self._tasks:
            asyncio.get_running_loop().remove_signal_handler(signal.SIGHUP)
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _on_hangup(self, hangups: asyncio.Queue[None]) -> None:
        while True:
            await hangups.get()
            await self._reload("SIGHUP")

    async def _watch(self) -> None:
        from watchfiles import awatch

        # It tells of every change in the folder: noise, and without end where the log is a file in it.
        teller = logging.getLogger("watchfiles.main")
        teller.addFilter(self._is_warning)
        try:
            await self._look(awatch)
        finally:
            teller.removeFilter(self._is_warning)

    def _is_warning(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING

    async def _look(self, awatch: Callable[..., AsyncIterator[object]]) -> None:
        while not self._ending.is_set():
            folders = _folders(self._seen)
            watching = awatch(
                *folders,
                watch_filter=None,
                stop_event=self._ending,
                recursive=False,
                rust_timeout=LOOK_ANYWAY,
                yield_on_timeout=True,
            )
            async for _ in watching:
                now = fingerprints(self._config)
                if now == self._seen and not self._fault:  # what was refused may lie in a file that is not watched
                    continue
                await self._reload("a file changed")
                self._seen = {path: now.get(path, mark) for path, mark in fingerprints(self._config).items()}
                if _folders(self._seen) != folders:
                    break  # and watch the folders of the files that are named now

    async def _reload(self, reason: str) -> None:
        try:
            if await self._reloading.reload() is None:
                log.info("configuration read again (%s): nothing differs", reason)
            self._fault = ""
        except ConfigError as error:
            if str(error) != self._fault:
                log.error("configuration not changed (%s), what is there now is wrong:\n%s", reason, error)
            self._fault = str(error)
        except Exception:
            self._fault = ""
            log.exception("configuration changed (%s), but not everybody could follow", reason)


async def begin_watching(_: AppReady, watcher: Watcher) -> None:
    """When the application is ready."""
    watcher.begin()


async def end_watching(_: AppStopping, watcher: Watcher) -> None:
    """Before anything stops that might follow a change."""
    await watcher.stop()


def fingerprints(config: Config) -> dict[Path, object]:
    """What tells one state of the files and folders of a configuration from another, by path."""
    return {layer.path: _mark(layer.path) for layer in config.layers if layer.path is not None}


def _mark(path: Path) -> object:
    """Resolved, since a mounted secret changes by a link that leads elsewhere; of a folder, with all its files."""
    try:
        found = path.stat()
        inside = sorted(path.iterdir()) if path.is_dir() else []
        return os.path.realpath(path), found.st_mtime_ns, found.st_size, [(file, _mark(file)) for file in inside]
    except OSError as error:
        return error.errno


def _folders(paths: Iterable[Path] | Mapping[Path, object]) -> set[Path]:
    """Watched instead of the files, since an editor replaces a file by another of its name."""
    return {path if path.is_dir() else path.absolute().parent for path in paths}
