"""`History`: the last states of a world, to rewind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fw_environment.errors import NotNow
from fw_environment.inputs import Input
from fw_environment.state import State

if TYPE_CHECKING:
    from fw_environment.environment import Environment


class History:
    """Keeps the last ``keep`` snapshots of a world, one every ``every`` steps, and the inputs between them."""

    def __init__(self, env: Environment, *, every: int = 1, keep: int = 600) -> None:
        if every < 1 or keep < 1:
            raise ValueError(f"every={every} and keep={keep}: both are at least 1.")
        self._env = env
        self._every = every
        self._keep = keep
        self._states: dict[int, State] = {env.tick: env.snapshot()}
        self._inputs: dict[int, tuple[Input, ...]] = {}
        env.watchers.append(self._note)

    def close(self) -> None:
        """Keep no more."""
        self._env.watchers.remove(self._note)

    @property
    def ticks(self) -> tuple[int, int]:
        """The first and the last step to which the world can be rewound."""
        return min(self._states), max((*self._states, *self._inputs))

    def _note(self, env: Environment) -> None:
        self._inputs[env.tick] = env.inputs.last
        if env.tick % self._every == 0:
            self._states[env.tick] = env.snapshot()
            while len(self._states) > self._keep:
                del self._states[min(self._states)]
                oldest = min(self._states)
                self._inputs = {tick: inputs for tick, inputs in self._inputs.items() if tick > oldest}

    def rewind(self, tick: int) -> None:
        """Put the world back to where it was after step ``tick``; what came later is forgotten."""
        first, last = self.ticks
        if not first <= tick <= last:
            raise NotNow(f"Step {tick} is not kept.", f"Steps {first} to {last} are.")
        env = self._env
        nearest = max(at for at in self._states if at <= tick)
        env.restore(self._states[nearest])
        later = dict(self._inputs)
        self._states = {at: state for at, state in self._states.items() if at <= nearest}
        self._inputs = {at: inputs for at, inputs in self._inputs.items() if at <= nearest}
        live, env.inputs.live = env.inputs.live, False
        try:
            for at in range(nearest + 1, tick + 1):
                env.inputs.feed(later[at])
                env.step()
        finally:
            env.inputs.live = live
