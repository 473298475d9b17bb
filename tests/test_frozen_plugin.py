"""A plugin written for hook API 1 runs in the framework of today, without having been touched."""

import hashlib
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from framework import App
from framework.cli import main

API_1 = Path(__file__).parent / "frozen" / "api_1"
FINGERPRINT = "bf4d1ea0ed69590f5c0e7f3db025acd27f7002fdb027d846f10e6b6f0c8856b5"


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The plugin on sys.path, like an installed one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(API_1))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "frozen_chimes"]:
        del sys.modules[name]


async def test_all_seven_hooks_of_api_1_run_in_order() -> None:
    """K1, K7, K20, K23, K30, K38: twice, for a stopped App may start again."""
    app = App(
        plugins=["chimes"], defaults={"chimes": {"sound": "ding"}, "app": {"tick_pace": "manual", "tick_rate": 4}}
    )
    app.toll("great bell")
    for _ in range(2):
        async with app:
            belfry = import_module("frozen_chimes.belfry")
            assert await app.dispatch(belfry.Ring()) == ["great bell: ding"]
            assert await app.dispatch(belfry.Count()) == 1
            app.clock.step()
        assert app.chimes.heard == [
            "bootstrap",
            "register",
            "Belfry.start",
            "start",
            "dispatch",
            "tick 0.25",
            "render 0 0.0",
            "stop",
            "Belfry.stop",
        ]
        app.chimes.heard.clear()


def test_its_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """K20"""
    assert main(["strike", "twice"]) == 0
    assert capsys.readouterr().out == "dong twice\n"


def test_it_was_not_changed() -> None:
    """If this fails, undo the change to the plugin: those who wrote theirs like it cannot change them all."""
    files = sorted(path for path in API_1.rglob("*") if path.is_file() and path.suffix != ".pyc")
    text = "".join(f"{path.relative_to(API_1).as_posix()}\n{path.read_text('utf-8')}" for path in files)
    assert hashlib.sha256(text.encode()).hexdigest() == FINGERPRINT
