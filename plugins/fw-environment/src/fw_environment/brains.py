"""The kinds of controllers: a person, a tree, a policy, a recording, somebody far away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from inspect import isawaitable, iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, cast

from fw_environment.action import Action
from fw_environment.controller import Decision, EntityController
from fw_environment.errors import BadFile, NotDeterministic, NotNow

if TYPE_CHECKING:
    from fw_environment.pawn import Pawn


class PlayerController(EntityController):
    """Passes on what a person wants. What is sent takes effect at the beginning of the next step, and is recorded."""

    kind: ClassVar[str] = "Player"

    def send(self, action: Action) -> None:
        """Let the pawn do this; from any thread."""
        self.env.inputs.act(self.pawn and self.id, action)


class Ticks(Protocol):
    """A behaviour tree, as far as a controller needs to know it."""

    def tick(self) -> Any:
        """One tick."""


class TreeController(EntityController):
    """Ticks a behaviour tree whenever it decides.

    ``tree`` is anything with ``tick()``, or a function that makes one for a pawn: only then can the world be forked, and
    each pawn has a tree of its own. A ``tick`` with a parameter is given the time of the world. The leaves act on the pawn,
    for example by `Pawn.pursue`. Where the tree has ``snapshot`` and ``restore``, they are part of the state.
    """

    kind: ClassVar[str] = "Tree"

    _make: Any = None
    _tree: Any = None
    _timed: bool = False

    def __init__(self, tree: Ticks | Callable[[Pawn], Ticks], **values: Any) -> None:
        super().__init__(**values)
        if hasattr(tree, "tick"):
            self._tree = tree
        else:
            self._make = tree

    @property
    def tree(self) -> Any:
        """The tree; `NotNow` before the controller possesses a pawn for which it makes one."""
        if self._tree is None:
            raise NotNow(f"{self.label} has no tree yet.", "Possess a pawn first.")
        return self._tree

    def check(self, pawn: Pawn) -> None:
        """Make the tree, and refuse async leaves in a deterministic world."""
        tree = self._make(pawn) if self._make is not None else self._tree
        if pawn.env.deterministic and (leaves := async_leaves(tree)):
            raise NotDeterministic(
                f"{self.label}, leaf {leaves[0]}",
                "An async action",
                "Do the work outside and send the result by env.inputs.event(), which is recorded.",
            )
        self._take(tree)

    def _take(self, tree: Any) -> None:
        self._tree = tree
        self._timed = bool(signature(tree.tick).parameters)

    def decide(self, observation: Any) -> Decision:
        """One tick."""
        if self._timed:
            self._tree.tick(self.env.time)
        else:
            self._tree.tick()
        return None

    def perceive(self) -> Any:
        """Nothing: leaves ask the pawn for what they need."""
        return None

    def save(self) -> Any:
        """What the tree's ``snapshot()`` gives, as plain data."""
        if not hasattr(self._tree, "snapshot"):
            return None
        taken = self._tree.snapshot()
        return {f.name: getattr(taken, f.name) for f in fields(taken)} if is_dataclass(taken) else {"": taken}

    def load(self, saved: Any) -> None:
        """Let the tree stand where it stood."""
        if self._tree is None:
            self._take(self._make(self.pawn))
        if "" in saved:
            self._tree.restore(saved[""])
        else:
            self._tree.restore(type(self._tree.snapshot())(**saved))

    def adopt(self, other: Self | None) -> None:
        """The function that makes the tree; the tree itself belongs to one world."""
        if other is None or other._make is None:
            raise self.missing("a tree that was not made by a function of the pawn")
        self._make = other._make

    def on_restore(self) -> None:
        """A tree without a state of its own is made anew."""
        if self._tree is None:
            self._take(self._make(self.pawn))


def async_leaves(tree: Any) -> list[str]:
    """The paths of async leaves, where the tree tells its nodes as those of fw-behavior do."""
    plan = getattr(tree, "plan", None)
    nodes, paths = getattr(plan, "nodes", ()), getattr(plan, "paths", ())
    return [path for path, node in zip(paths, nodes, strict=False) if getattr(node, "is_async", False)]


Policy = Callable[[Any], Any]


class PolicyController(EntityController):
    """Asks a function of the observation: it gives actions, or a mapping of effectors to values, or None.

    An async policy is asked again when its last answer has come; the answer takes effect in the next step and is
    recorded as an input, so a replay needs no policy. A deterministic world refuses it.
    """

    kind: ClassVar[str] = "Policy"

    _policy: Any = None
    _asking: Any = None

    def __init__(self, policy: Policy, **values: Any) -> None:
        super().__init__(**values)
        self._policy = policy

    def check(self, pawn: Pawn) -> None:
        """Refuse an async policy in a deterministic world."""
        call = self._policy
        if pawn.env.deterministic and (iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__)):
            raise NotDeterministic(self.label, "An async policy", "Record a run, and replay that.")

    def decide(self, observation: Any) -> Decision:
        """Ask."""
        if self._asking is not None or (not self.env.inputs.live and iscoroutinefunction(self._policy)):
            return None
        answer = self._policy(observation)
        if isawaitable(answer):
            self._asking = asyncio.ensure_future(self._ask(answer))
            return None
        return _actions(answer)

    async def _ask(self, answer: Any) -> None:
        try:
            decided = _actions(await answer)
            for action in [decided] if isinstance(decided, Action) else decided or ():
                self.env.inputs.act(self.id, action)
        finally:
            self._asking = None

    def on_release(self) -> None:
        """A question that is still open is cancelled."""
        if self._asking is not None:
            self._asking.cancel()

    def adopt(self, other: Self | None) -> None:
        """The same policy."""
        if other is None:
            raise self.missing("a policy")
        self._policy = other._policy


def _actions(answer: Any) -> Any:
    if isinstance(answer, Mapping):
        return [Action(name, value) for name, value in answer.items()]
    return answer


class ReplayController(EntityController):
    """Does what was done before: ``track`` holds (step, action), as `Track` records them. Steps count from possession."""

    kind: ClassVar[str] = "Replay"

    begun: int = -1
    _track: Any = None

    def __init__(self, track: Sequence[tuple[int, Action]], **values: Any) -> None:
        super().__init__(**values)
        self._track = _by_step(track)

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self.possessing and self.env.tick - self.begun > max(self._track, default=-1)

    def on_possess(self) -> None:
        """Steps count from here."""
        self.begun = self.env.tick

    def decide(self, observation: Any) -> Decision:
        """What was done in this step."""
        found: list[Action] = self._track.get(self.env.tick - self.begun, [])
        return found

    def perceive(self) -> Any:
        """Nothing."""
        return None

    def adopt(self, other: Self | None) -> None:
        """The same track."""
        if other is None:
            raise self.missing("a track")
        self._track = other._track


def _by_step(track: Sequence[tuple[int, Action]]) -> dict[int, list[Action]]:
    steps: dict[int, list[Action]] = {}
    for step, action in track:
        steps.setdefault(step, []).append(action)
    return steps


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
        self._link, self._lost = cast("Any", None), True
