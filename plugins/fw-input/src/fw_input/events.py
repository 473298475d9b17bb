"""What mouse and keyboard do, as data: observed, recorded, simulated and replayed alike."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class MouseMoved:
    """The pointer is at x, y now. `time` is that of `time.monotonic`, 0 where it does not matter."""

    x: int
    y: int
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class MouseButton:
    """A button went down, or up: left, right, middle. It does not move the pointer; x, y say where that was."""

    button: str
    pressed: bool
    x: int = 0
    y: int = 0
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class MouseWheel:
    """The wheel was turned by steps; positive is right and up."""

    dx: int
    dy: int
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Key:
    """A key went down, or up: a character, or a name such as enter, esc, shift, ctrl_r, left, f1."""

    key: str
    pressed: bool
    time: float = 0.0


MouseEvent: TypeAlias = MouseMoved | MouseButton | MouseWheel
InputEvent: TypeAlias = MouseEvent | Key

_KINDS: dict[str, type[Any]] = {"moved": MouseMoved, "button": MouseButton, "wheel": MouseWheel, "key": Key}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def to_data(event: InputEvent) -> dict[str, Any]:
    """The event as what JSON can write."""
    return {"kind": _NAMES[type(event)], **asdict(event)}


def from_data(data: dict[str, Any]) -> InputEvent:
    """The event that `to_data` made it of. Raises `ValueError` or `TypeError`."""
    fields = dict(data)
    kind = fields.pop("kind", None)
    if kind not in _KINDS:
        raise ValueError(f"there is no kind of event {kind!r}")
    event: InputEvent = _KINDS[kind](**fields)
    for name, value in fields.items():
        wanted = {"button": str, "key": str, "pressed": bool}.get(name, (int, float))
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise TypeError(f"{name} cannot be {value!r}")
    return event
