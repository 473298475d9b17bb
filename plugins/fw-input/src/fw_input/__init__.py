"""Mouse and keyboard, watched and moved. Needs no display to be imported."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_input.config import InputSettings
    from fw_input.errors import InputKilled, InputNotAllowed, NoInput
    from fw_input.events import InputEvent, Key, MouseButton, MouseEvent, MouseMoved, MouseWheel
    from fw_input.observers import EventStream, KeyboardObserver, MouseObserver
    from fw_input.ports import FakeSink, FakeSource, InputSink, InputSource
    from fw_input.recording import Recording, replay
    from fw_input.simulator import InputSimulator

__all__ = [
    "EventStream",
    "FakeSink",
    "FakeSource",
    "InputEvent",
    "InputKilled",
    "InputNotAllowed",
    "InputSettings",
    "InputSimulator",
    "InputSink",
    "InputSource",
    "Key",
    "KeyboardObserver",
    "MouseButton",
    "MouseEvent",
    "MouseMoved",
    "MouseObserver",
    "MouseWheel",
    "NoInput",
    "Recording",
    "replay",
]

_PLACES = {
    "config": ("InputSettings",),
    "errors": ("InputKilled", "InputNotAllowed", "NoInput"),
    "events": ("InputEvent", "Key", "MouseButton", "MouseEvent", "MouseMoved", "MouseWheel"),
    "observers": ("EventStream", "KeyboardObserver", "MouseObserver"),
    "ports": ("FakeSink", "FakeSource", "InputSink", "InputSource"),
    "recording": ("Recording", "replay"),
    "simulator": ("InputSimulator",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
