"""The plain kinds of controllers: a person, a policy, a recording."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable, iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar, Self

from fw_environment.action import Action
from fw_environment.controller import Decision, EntityController
from fw_environment.errors import NotDeterministic

if TYPE_CHECKING:
    from fw_environment.pawn import Pawn


class PlayerController(EntityController):
    """Passes on what a person wants. What is sent takes effect at the beginning of the next step, and is recorded."""

    kind: ClassVar[str] = "Player"

    def send(self, action: Action) -> None:
        """Let the pawn do this; from any thread."""
        self.env.inputs.act(self.id, action)


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
        decided: Decision = _actions(answer)
        return decided

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
        self._policy = other._policy  # noqa: SLF001 - of the same class


def _actions(answer: Any) -> Any:
    if isinstance(answer, Mapping):
        return [Action(name, value) for name, value in answer.items()]
    return answer


class ReplayController(EntityController):
    """Does what was done before: ``track`` holds (step, action), as `Track` records them.

    Steps count from when it took possession.
    """

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
        self._track = other._track  # noqa: SLF001 - of the same class


def _by_step(track: Sequence[tuple[int, Action]]) -> dict[int, list[Action]]:
    steps: dict[int, list[Action]] = {}
    for step, action in track:
        steps.setdefault(step, []).append(action)
    return steps
