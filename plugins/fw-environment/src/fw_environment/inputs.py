"""`Inputs`: all that comes into a world from outside. It is what a recording holds, and all it needs to hold."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from fw_environment.action import Action
from fw_environment.errors import UnknownField, UnknownName
from fw_environment.packing import pack

if TYPE_CHECKING:
    from fw_environment.environment import Environment
    from fw_environment.fields import Stated

Input = tuple[Any, ...]
"""``("act", controller, name, params, duration)``, ``("event", name, args)``, ``("set", entity, field, value)`` or
``("tune", system, field, value)``."""


class Inputs:
    """What will come in at the beginning of the next step. Any thread may send.

    While a recording is played, ``live`` is False and what is sent is dropped: the recording alone speaks.
    """

    def __init__(self) -> None:
        self.live = True
        self.last: tuple[Input, ...] = ()
        """What came in at the beginning of the last step."""
        self.dropped = 0
        """How many inputs came for a controller or an entity that was gone."""
        self._waiting: deque[Input] = deque()

    def act(self, controller: int, action: Action) -> None:
        """An action for the pawn of a controller."""
        self._send(("act", controller, action.name, action.params, action.duration))

    def event(self, name: str, *args: Any) -> None:
        """An event, by name: the way in for all that was worked out elsewhere, such as the result of a request."""
        self._send(("event", name, args))

    def set(self, entity: int, field: str, value: Any) -> None:
        """A new value of a field of an entity."""
        self._send(("set", entity, field, value))

    def tune(self, system: str, field: str, value: Any) -> None:
        """A new value of a field of a system, by its name: sliders, settings, edited texts."""
        self._send(("tune", system, field, value))

    def _send(self, item: Input) -> None:
        if self.live:
            pack(item, f"Input {item[:2]}")
            self._waiting.append(item)

    def feed(self, items: tuple[Input, ...]) -> None:
        """What a recording says came in."""
        self._waiting.extend(items)

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def take(self, env: Environment) -> None:
        """Let all that waits come in."""
        waiting = self._waiting
        if not waiting:
            self.last = ()
            return
        # What arrives from other threads meanwhile belongs to the next step.
        self.last = tuple([waiting.popleft() for _ in range(len(waiting))])
        for kind, *rest in self.last:
            if kind == "act":
                self._act(env, *rest)
            elif kind == "set":
                self._set(env, *rest)
            elif kind == "tune":
                _put(env.system(rest[0]), *rest[1:])
            else:
                env.events.fire(rest[0], *rest[1])

    def _act(self, env: Environment, controller: int, name: str, params: Any, duration: float) -> None:
        found = env.controllers.get(controller)
        if found is None:
            self.dropped += 1
        else:
            found.receive(Action(name, params, duration))

    def _set(self, env: Environment, entity: int, field: str, value: Any) -> None:
        found = env.entities.get(entity)
        if found is None:
            self.dropped += 1
        else:
            _put(found, field, value)


def _put(item: Stated, field: str, value: Any) -> None:
    if field not in type(item).fields:
        raise UnknownField(type(item).__name__, field, type(item).fields)
    setattr(item, field, value)


def check_input(item: Any, place: str) -> Input:
    """``item`` as an input; `UnknownName` where it is none."""
    shapes = {"act": 5, "event": 3, "set": 4, "tune": 4}
    if not isinstance(item, tuple) or not item or shapes.get(item[0]) != len(item):
        raise UnknownName(f"kind of input in {place}", item, shapes, "Recordings are made by Recorder.")
    return item
