"""`RemoteController`: somebody in another process decides."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, ClassVar, Protocol, Self

from fw_environment.action import Action
from fw_environment.controller import Decision, EntityController
from fw_environment.errors import BadFile


class Link(Protocol):
    """A connection to another process: that of `multiprocessing.connection` is one."""

    def poll(self) -> bool:
        """Whether something has arrived."""

    def recv_bytes(self) -> bytes:
        """What has arrived."""

    def send_bytes(self, data: bytes) -> None:
        """Send."""


class RemoteController(EntityController):
    """Asks somebody at the other end of a link. Messages are JSON, one for each decision:
    ``{"tick": 7, "observation": {...}}`` out, ``{"action": {"name": "move", "params": 0.5, "duration": 0}}`` in.

    It does not wait: what has arrived takes effect in the next step, and is recorded. ``lost`` is True when the other
    side is gone; the pawn then gets no more actions.
    """

    kind: ClassVar[str] = "Remote"

    _link: Any = None
    _lost: bool = False

    def __init__(self, link: Link, **values: Any) -> None:
        super().__init__(**values)
        self._link = link

    @property
    def lost(self) -> bool:
        """Whether the other side is gone."""
        return self._lost

    def decide(self, observation: Any) -> Decision:
        """Tell, and take in what was said."""
        if self._lost or not self.env.inputs.live:
            return None
        try:
            self._link.send_bytes(json.dumps({"tick": self.env.tick, "observation": observation}).encode())
            while self._link.poll():
                self.env.inputs.act(self.id, self._action(self._link.recv_bytes()))
        except (EOFError, OSError):
            self._lost = True
        return None

    def _action(self, data: bytes) -> Action:
        with suppress(ValueError, TypeError, KeyError):
            said = json.loads(data)["action"]
            action = Action(str(said["name"]), said.get("params"), float(said.get("duration", 0.0)))
            part = self.pawn.effectors.get(action.name)
            if part is not None and part.space.contains(action.params):
                return Action(action.name, part.space.checked(action.params), action.duration)
        raise BadFile(
            self.label, f"{data[:200]!r} is no action of {self.pawn.label}.", "Send an effector's name and value."
        )

    def adopt(self, other: Self | None) -> None:
        """A fork is not connected: the other side speaks to one world."""
        self._link, self._lost = None, True
