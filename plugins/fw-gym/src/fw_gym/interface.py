"""`Interface`: what a kind of pawn senses and does, in the terms of Gymnasium."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fw_environment import Action
from fw_gym.errors import BadTask
from fw_gym.spaces import decoder, encoder, gym_space

if TYPE_CHECKING:
    from fw_environment import Pawn, Space


class Interface:
    """Spaces derived from sensors and effectors: one alone gives its own space, several a ``Dict`` by their names."""

    def __init__(self, kind: type[Pawn]) -> None:
        sensors, effectors = dict(kind.observation_space.spaces), dict(kind.action_space.spaces)
        for what, parts in (("sensor", sensors), ("effector", effectors)):
            if not parts:
                raise BadTask(kind.__name__, f"It has no {what}, so there is nothing to learn.", f"Mark one: @{what}.")
        self.effectors = effectors
        self._sense = next(iter(sensors)) if len(sensors) == 1 else None
        self._do = next(iter(effectors)) if len(effectors) == 1 else None
        self._observed = kind.observation_space if self._sense is None else sensors[self._sense]
        self._done: Space = kind.action_space if self._do is None else effectors[self._do]
        self.observation_space = gym_space(self._observed)
        self.action_space = gym_space(self._done)
        self._encode: Callable[[Any], Any] = encoder(self._observed)
        self._decode: Callable[[Any], Any] = decoder(self._done)
        self._encode_action: Callable[[Any], Any] = encoder(self._done)

    def observation(self, observed: dict[str, Any]) -> Any:
        """What `Pawn.observe` gave, as a new value of the observation space."""
        return self._encode(observed if self._sense is None else observed[self._sense])

    def actions(self, value: Any, duration: float = 0.0) -> list[Action]:
        """A value of the action space, as one action for each effector."""
        if self._do is not None:
            return [Action(self._do, self._decode(value), duration)]
        return [Action(name, params, duration) for name, params in self._decode(value).items()]

    def action(self, params: dict[str, Any]) -> Any:
        """The way back: parameters by effector, as a value of the action space."""
        return self._encode_action(params if self._do is None else params[self._do])
