"""The screen is captured in a thread; a fake shows pictures, Xvfb a real X screen."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import aclosing

import numpy as np
import pytest
from numpy.typing import NDArray

from fw_vision import FakeScreen, Frame, MssScreen, Region, ScreenCapturer
from fw_vision.errors import NoScreen, OutsideScreen
from fw_vision.virtual_display import VirtualDisplay

Pixels = NDArray[np.uint8]


def pictures(*shades: int) -> list[Pixels]:
    return [np.full((40, 60, 4), shade, np.uint8) for shade in shades]


async def test_a_region_is_grabbed_in_a_thread_with_place_and_time() -> None:
    threads = set()

    class Watched(FakeScreen):
        def grab(self, region: Region) -> Pixels:
            threads.add(threading.current_thread())
            return super().grab(region)

    async with ScreenCapturer(Watched(pictures(1, 2))) as capturer:
        first, second = await capturer.grab(), await capturer.grab(Region(5, 6, 7, 8))
        assert (first.region, second.region, second.pixels.shape) == (capturer.whole, Region(5, 6, 7, 8), (8, 7, 4))
        assert (int(first.pixels[0, 0, 0]), int(second.pixels[0, 0, 0])) == (1, 2)
        assert second.time > first.time > 0
        with pytest.raises(OutsideScreen):
            await capturer.grab(Region(50, 0, 20, 20))
    assert len(threads) == 1
    assert threading.current_thread() not in threads
    with pytest.raises(RuntimeError, match="not started"):
        await capturer.grab()


async def test_a_stream_keeps_its_rate_and_gives_fresh_frames() -> None:
    async with ScreenCapturer(FakeScreen(pictures(*range(30)))) as capturer:
        times = []
        async with aclosing(capturer.stream(100)) as frames:
            async for frame in frames:
                times.append(frame.time)
                if len(times) == 6:
                    break
        assert times[-1] - times[0] >= 5 * 0.01 * 0.9
        with pytest.raises(ValueError, match="rate"):
            await anext(capturer.stream(0))


async def test_a_stream_of_changes_leaves_out_what_looks_the_same() -> None:
    half = pictures(9)[0]
    half[:, 30:] = 200
    shown = [*pictures(9, 9, 9), half, half, *pictures(70)]
    async with ScreenCapturer(FakeScreen(shown)) as capturer, aclosing(capturer.stream(1000, changed=0.0)) as frames:
        assert [int((await anext(frames)).pixels[0, 0, 0]) for _ in range(3)] == [9, 9, 70]
    async with ScreenCapturer(FakeScreen(shown)) as capturer, aclosing(capturer.stream(1000, changed=0.6)) as frames:
        assert [int((await anext(frames)).pixels[0, 0, 0]) for _ in range(2)] == [9, 70]


async def test_one_waits_until_something_is_seen() -> None:
    def bright(frame: Frame) -> int | None:
        value = int(frame.pixels[0, 0, 0])
        return value if value > 100 else None

    async with ScreenCapturer(FakeScreen(pictures(1, 2, 3, 150))) as capturer:
        assert await capturer.until(bright, timeout=5, rate=1000) == 150
    async with ScreenCapturer(FakeScreen(pictures(1))) as capturer:
        with pytest.raises(TimeoutError):
            await capturer.until(bright, timeout=0.02, rate=1000)


async def test_cancelling_a_reader_leaves_the_capturer_usable() -> None:
    async with ScreenCapturer(FakeScreen(pictures(1))) as capturer:

        async def watch() -> None:
            async for _ in capturer.stream(1000):
                seen.set()

        seen = asyncio.Event()
        task = asyncio.create_task(watch())
        await seen.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert (await capturer.grab()).region == capturer.whole


async def test_a_display_that_is_not_there_is_named_with_a_remedy() -> None:
    before = threading.active_count()
    with pytest.raises(NoScreen, match=r"(?s)':4321'.*vision\.display"):
        await ScreenCapturer(MssScreen(":4321")).start()
    assert threading.active_count() == before


@pytest.mark.needs("xvfb")
async def test_a_real_screen_is_seen(display: VirtualDisplay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display.name)
    async with ScreenCapturer(MssScreen()) as capturer:
        assert capturer.whole == Region(0, 0, 640, 480)
        frame = await capturer.grab(Region(600, 400, 40, 80))
        assert frame.pixels.shape == (80, 40, 4)
    async with ScreenCapturer(MssScreen(display.name)) as capturer:
        assert (await capturer.grab()).pixels.shape == (480, 640, 4)


@pytest.mark.needs("xvfb")
async def test_a_virtual_display_takes_whoever_comes_while_the_last_one_goes() -> None:
    with VirtualDisplay(64, 64) as display:
        for _ in range(30):
            async with ScreenCapturer(MssScreen(display.name)) as capturer:
                assert capturer.whole == Region(0, 0, 64, 64)


@pytest.mark.needs("xvfb")
def test_a_virtual_display_ends_its_server() -> None:
    with VirtualDisplay(100, 100) as display:
        server = display._server
        assert server is not None
        assert os.path.exists(f"/tmp/.X11-unix/X{display.name[1:]}")  # noqa: PTH110, S108 - where X servers have their sockets
    assert server.poll() is not None
    assert display.name == ""


def test_a_virtual_display_without_a_server_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoScreen, match="apt-get install xvfb"):
        VirtualDisplay().start()
