"""The configuration is read again while the application runs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from framework import App, ConfigError
from framework.config import Config
from framework.errors import FrameworkError
from fw_config import ConfigChanged
from fw_config.config import ConfigSettings
from fw_testing.harness import EventRecorder

PATIENCE = 60.0
"""Seconds after which a test that waits in vain fails."""


async def following(folder: Any, text: str) -> tuple[App, EventRecorder]:
    folder.write("fw.toml", text)
    app = folder.shop()
    return app, EventRecorder(app)


async def first_change(recorder: EventRecorder) -> None:
    if not recorder.of(ConfigChanged):
        await recorder.next(ConfigChanged, timeout=PATIENCE)


async def test_what_may_change_does_and_the_rest_waits_for_a_restart(folder: Any) -> None:
    """K42: reload; the event says which keys, from where to where, and what needs a restart."""
    app, recorder = await following(folder, '[shop]\nlimit = 1\ncurrency = "CHF"\n')
    async with app:
        before = app.config.get(folder.schema)
        file = folder.write("fw.toml", '[shop]\ncurrency = "USD"\n\nlimit = 2\n')
        event = await app.configuration.reload()
        assert recorder.of(ConfigChanged) == [event]
        [change], [pending] = event.changes, event.pending
        assert (change.section, change.key, change.old, change.new) == ("shop", "limit", 1, 2)
        assert (change.old_source, change.new_source) == (f"{file}:2", f"{file}:4")
        assert (pending.key, pending.old, pending.new, pending.needs_restart) == ("currency", "CHF", "USD", True)
        assert event.touches("shop")
        assert event.touches("shop", "limit", "currency")
        assert not event.touches("shop", "currency")
        now = app.config.get(folder.schema)
        assert (now.limit, now.currency) == (2, "CHF")
        assert app.config.source("shop", "limit") == f"{file}:4"
        assert app.config.source("shop", "currency") == f"{file}:3", "where the value that is in force stood"
        assert (before.limit, app.container.get(folder.schema)) == (1, now)
    async with app:  # put together anew
        assert app.config.get(folder.schema).currency == "USD"


async def test_what_was_injected_keeps_its_values_and_the_configuration_gives_new_ones(folder: Any) -> None:
    """An injected dataclass is frozen: nobody sees half of a change."""
    folder.write("fw.toml", "[shop]\nlimit = 1\n")
    app = App("shop", plugins=["config"])
    schema = folder.schema
    app.settings(schema, section="shop")

    class Keeper:
        def __init__(self, settings: schema, config: Config) -> None:  # type: ignore[valid-type]
            self.settings: Any = settings
            self.config = config

    Keeper.__init__.__annotations__ = {"settings": schema, "config": Config}
    app.register(Keeper)
    app.bootstrap(config=folder.path / "fw.toml")
    async with app:
        keeper = await app.container.resolve(Keeper)
        folder.write("fw.toml", "[shop]\nlimit = 2\n")
        await app.configuration.reload()
        assert (keeper.settings.limit, keeper.config.get(schema).limit) == (1, 2)


async def test_nothing_that_differs_is_no_event(folder: Any) -> None:
    app, recorder = await following(folder, "[shop]\nlimit = 1\n")
    async with app:
        folder.write("fw.toml", "# moved\n\n[shop]\nlimit = 1\n")
        assert await app.configuration.reload() is None
        assert recorder.of(ConfigChanged) == []


@pytest.mark.parametrize(
    "text,said",
    [
        ("[shop]\nlimit = 'many'\n", "[shop] limit must be a whole number"),
        ("[shop\n", "not valid TOML"),
        ("[shpo]\nlimit = 3\n", "there is no section [shpo]"),
        ("[shop]\nlimit = 2\nlimt = 3\n", "Did you mean 'limit'?"),
        ("[shop]\nlimit = 2\nurl = '@get x'\n", "begins with '@get'"),
        ("[shop]\nlimit = 2\n[config]\nfiles = ['gone.yaml']\n", "gone.yaml cannot be read"),
    ],
)
async def test_what_is_wrong_is_told_and_everything_stays(folder: Any, text: str, said: str) -> None:
    app, recorder = await following(folder, "[shop]\nlimit = 1\n")
    async with app:
        file = folder.write("fw.toml", text)
        with pytest.raises(ConfigError) as caught:
            await app.configuration.reload()
        assert said in str(caught.value)
        assert recorder.of(ConfigChanged) == []
        assert app.config.get(folder.schema).limit == 1
        assert app.config.source("shop", "limit") == f"{file}:2"


async def test_every_source_is_read_again(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = await following(folder, "[config]\nfiles = []\n")
    async with app:
        folder.write("more.yaml", "shop: {limit: 3}\n")
        folder.write("fw.toml", '[config]\nfiles = ["more.yaml"]\n')
        event = await app.configuration.reload()
        assert {(change.key, str(change.new)) for change in event.changes} == {
            ("files", "['more.yaml']"),
            ("limit", "3"),
        }
        monkeypatch.setenv("FW_SHOP__LIMIT", "4")
        event = await app.configuration.reload()
        assert event.changes[0].new_source == "environment variable FW_SHOP__LIMIT"


async def test_overrides_of_code_stay_the_highest(folder: Any) -> None:
    """K40"""

    class Code:
        def register(self, app: Any) -> None:
            app.config.override({"shop": {"limit": 5}})

    folder.write("fw.toml", "[shop]\nlimit = 1\n")
    app = folder.shop(folder.schema, Code())
    async with app:
        folder.write("fw.toml", "[shop]\nlimit = 2\n")
        assert await app.configuration.reload() is None
        assert app.config.get(folder.schema).limit == 5


async def test_secrets_are_masked_and_old_ones_stay_secret(folder: Any, caplog: pytest.LogCaptureFixture) -> None:
    """K40"""
    app, _ = await following(folder, '[shop]\npassword = "old-secret"\n')
    caplog.set_level(logging.DEBUG)
    async with app:
        folder.write("fw.toml", '[shop]\npassword = "new-secret"\n')
        event = await app.configuration.reload()
        assert "-secret" not in repr(event) + caplog.text
        assert app.config.secrets() == {"old-secret", "new-secret"}


async def test_what_may_change_must_go_with_what_stays(folder: Any) -> None:
    folder.write("fw.toml", "[shop]\nlow = 1\nhigh = 5\n")
    app = App("shop", plugins=["config"])
    app.settings(Band, section="shop")
    app.bootstrap(config=folder.path / "fw.toml")
    async with app:
        folder.write("fw.toml", "[shop]\nlow = 7\nhigh = 9\n")
        with pytest.raises(ConfigError, match=r"fw.toml:2: what may change of \[shop\] does not go with what needs"):
            await app.configuration.reload()
        assert app.config.get(Band) == Band(1, 5)


@dataclass(frozen=True)
class Band:
    low: int = field(default=0, metadata={"reload": True})
    high: int = 1

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


async def test_it_takes_a_running_application(folder: Any) -> None:
    app, _ = await following(folder, "")
    with pytest.raises(FrameworkError, match="is not ready"):
        await app.configuration.reload()


async def test_reloads_take_turns(folder: Any) -> None:
    app, recorder = await following(folder, "[shop]\nlimit = 1\n")
    async with app:
        folder.write("fw.toml", "[shop]\nlimit = 2\n")
        results = await asyncio.gather(*(app.configuration.reload() for _ in range(5)))
        assert [event for event in results if event] == recorder.of(ConfigChanged)
        assert len(recorder.of(ConfigChanged)) == 1


@pytest.mark.needs("posix")
async def test_sighup_reloads(folder: Any) -> None:
    app, recorder = await following(folder, "[config]\nhangup = true\n[shop]\nlimit = 1\n")
    async with app:
        folder.write("fw.toml", "[config]\nhangup = true\n[shop]\nlimit = 2\n")
        os.kill(os.getpid(), signal.SIGHUP)
        await first_change(recorder)
        assert app.config.get(folder.schema).limit == 2
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL


@pytest.mark.parametrize("name", ["fw.toml", "more.yaml", "s/shop__limit"])
async def test_a_file_that_changes_reloads(folder: Any, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whichever file it is; a wrong one is reported, and the next good one counts."""
    texts = {"fw.toml": "[config]\nreload = true\nfiles = ['more.yaml']\nsecrets = ['s']\n{}", "more.yaml": "{}"}
    texts["s/shop__limit"] = "{}"
    values = {"fw.toml": "[shop]\nlimit = {}\n", "more.yaml": "shop: {{limit: {}}}\n", "s/shop__limit": "{}\n"}
    (folder.path / "s").mkdir()

    def write(value: object) -> None:
        for file, text in texts.items():
            if file == name:
                folder.write(file, text.format(values[file].format(value)))
            elif file != "s/shop__limit" and not (folder.path / file).exists():
                folder.write(file, text.format(""))

    write(1)
    app = folder.shop()
    recorder = EventRecorder(app)
    told = threading.Event()

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno == logging.ERROR:
                told.set()

    handler = Told()
    logging.getLogger("fw.config").addHandler(handler)
    try:
        async with app:
            write("nonsense")
            assert await asyncio.to_thread(told.wait, PATIENCE)
            assert app.config.get(folder.schema).limit == 1
            write(2)
            await first_change(recorder)
            assert app.config.get(folder.schema).limit == 2
    finally:
        logging.getLogger("fw.config").removeHandler(handler)


async def test_watching_says_nothing_of_its_own(folder: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A log that lies in the folder would else change it with every line, and each change be a line."""
    teller = logging.getLogger("watchfiles.main")
    caplog.set_level(logging.DEBUG)
    app, recorder = await following(folder, "[config]\nreload = true\n[shop]\nlimit = 1\n")
    async with app:
        folder.write("shop.log", "a line\n")
        folder.write("fw.toml", "[config]\nreload = true\n[shop]\nlimit = 2\n")
        await first_change(recorder)
        teller.warning("this is to be heard")
        folder.write("shop.log", "a line\nand one more\n")
        folder.write("fw.toml", "[config]\nreload = true\n[shop]\nlimit = 3\n")
        await recorder.next(ConfigChanged, timeout=PATIENCE)
    assert [record.getMessage() for record in caplog.records if record.name == teller.name] == ["this is to be heard"]
    assert teller.filters == []


async def test_a_file_that_is_named_before_it_is_there_is_read_when_it_is(folder: Any) -> None:
    """Nobody watches a file of a configuration that was refused, so that is looked at again."""
    app, recorder = await following(folder, "[config]\nreload = true\n")
    told = threading.Event()

    class Told(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "more.yaml cannot be read" in record.getMessage():
                told.set()

    handler = Told()
    logging.getLogger("fw.config").addHandler(handler)
    try:
        async with app:
            folder.write("fw.toml", "[config]\nreload = true\nfiles = ['sub/more.yaml']\n")
            assert await asyncio.to_thread(told.wait, PATIENCE)
            folder.write("sub/more.yaml", "shop: {limit: 2}\n")
            await first_change(recorder)
            assert app.config.get(folder.schema).limit == 2
            assert len(recorder.of(ConfigChanged)) == 1
    finally:
        logging.getLogger("fw.config").removeHandler(handler)


@pytest.mark.needs("posix")
async def test_a_mounted_secret_that_is_exchanged_reloads(folder: Any) -> None:
    """As Kubernetes does it: the link `..data` is replaced, no file in the folder is touched."""
    for version, value in (("..1", "1"), ("..2", "2")):
        folder.write(f"s/{version}/shop__limit", value)
    (folder.path / "s/..data").symlink_to("..1")
    (folder.path / "s/shop__limit").symlink_to("..data/shop__limit")
    app, recorder = await following(folder, "[config]\nreload = true\nsecrets = ['s']\n")
    async with app:
        (folder.path / "s/..new").symlink_to("..2")
        (folder.path / "s/..new").replace(folder.path / "s/..data")
        await first_change(recorder)
        assert app.config.get(folder.schema).limit == 2


async def test_without_being_asked_nothing_is_watched(folder: Any) -> None:
    app, _ = await following(folder, "")
    async with app:
        names = {task.get_name() for task in asyncio.all_tasks()}
        assert not [name for name in names if name.startswith("fw config")]
        with suppress(AttributeError):
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    assert ConfigSettings().reload is ConfigSettings().hangup is False


async def test_nothing_is_left_behind(folder: Any) -> None:
    """K26"""
    app, _ = await following(folder, "[config]\nreload = true\n")
    threads = threading.active_count()
    for _ in range(3):
        async with app:
            pass
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("fw config")]
    assert threading.active_count() <= threads + 2, "threads of the loop's pool aside"
