"""What the plugin provides, opened when somebody first asks for it and closed with the application."""

from __future__ import annotations

from collections.abc import AsyncIterator

from framework import App
from fw_input.config import InputSettings
from fw_input.observers import KeyboardObserver, MouseObserver
from fw_input.simulator import InputSimulator


async def open_mouse() -> AsyncIterator[MouseObserver]:
    """An observer of the mouse."""
    async with MouseObserver() as observer:
        yield observer


async def open_keyboard() -> AsyncIterator[KeyboardObserver]:
    """An observer of the keyboard."""
    async with KeyboardObserver() as observer:
        yield observer


async def open_simulator(app: App) -> AsyncIterator[InputSimulator]:
    """A simulator with the permission that is configured."""
    async with InputSimulator(app.config.load(InputSettings, "input")) as simulator:
        yield simulator
