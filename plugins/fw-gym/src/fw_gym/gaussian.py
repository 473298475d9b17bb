"""`GaussianNetwork`: a policy for actions that are numbers, in numpy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fw_environment import BadFile
from fw_gym.files import read_arrays, write_arrays
from fw_gym.layers import Layers, rows_of

if TYPE_CHECKING:
    from gymnasium import spaces
    from numpy.random import Generator
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

_NEARLY = 1.0 - 1e-12
"""As near to its bounds as a number is taken to have been drawn."""


@dataclass
class GaussianNetwork:
    """A policy for a `Box`: it draws around the output of its layers, ``exp(spread)`` wide, and without exploring takes
    that output. Between bounds that are finite, what it takes is bent by tanh; then the actions fill the box.

    ``low`` and ``high`` have the shape of an action, ``spread`` has one number for each number of it.
    """

    layers: Layers
    spread: Array
    low: Array
    high: Array
    explore: bool = True

    @classmethod
    def random(cls, sizes: tuple[int, ...], space: spaces.Box, rng: Generator) -> GaussianNetwork:
        """With layers of these sizes, those of the actions left out."""
        count = int(np.prod(space.shape, dtype=int))
        low, high = space.low.astype(np.float64), space.high.astype(np.float64)
        return cls(Layers.random((*sizes, count), rng, 0.01), np.full(count, -0.5), low, high)

    @property
    def parameters(self) -> list[Array]:
        """What is learned."""
        return [*self.layers.weights, self.spread]

    @property
    def bounded(self) -> bool:
        """Whether all bounds are finite."""
        return bool(np.isfinite(self.low).all() and np.isfinite(self.high).all())

    def act(self, observations: Any, rng: Generator) -> Array:
        """An action for each observation."""
        drawn = self.layers.trace(rows_of(observations))[-1]
        if self.explore:
            drawn = drawn + np.exp(self.spread) * rng.standard_normal(drawn.shape)
        found = drawn.reshape(len(drawn), *self.low.shape)
        if self.bounded:
            found = self.low + (self.high - self.low) * (0.5 + 0.5 * np.tanh(found))
        return np.clip(found, self.low, self.high)

    def drawn(self, actions: Array) -> Array:
        """What was drawn where these actions were taken: :meth:`act` the other way round."""
        if self.bounded:
            share = (actions - self.low) / (self.high - self.low) * 2.0 - 1.0
            actions = np.arctanh(np.clip(share, -_NEARLY, _NEARLY))
        return actions.reshape(len(actions), -1)

    def logs(self, out: Array, drawn: Array) -> Array:
        """The logarithms of the densities of what was drawn, less what does not depend on the parameters."""
        off = (drawn - out) * np.exp(-self.spread)
        found: Array = -0.5 * np.square(off).sum(axis=-1) - self.spread.sum()
        return found

    def gradients(self, trace: list[Array], drawn: Array, push: Array, entropy: float) -> list[Array]:
        """See `Network.gradients`; the entropy is that of what is drawn."""
        off = (drawn - trace[-1]) * np.exp(-self.spread)
        spread = (push[:, None] * (np.square(off) - 1.0)).sum(axis=0) - entropy * len(off)
        return [*self.layers.gradients(trace, push[:, None] * off * np.exp(-self.spread)), spread]

    def greedy(self) -> GaussianNetwork:
        """The same weights, without exploring."""
        return replace(self, explore=False)

    def save(self, path: str | Path) -> None:
        """Write the weights as ``.npz``; the file appears when it is complete."""
        weights = {f"{number}": array for number, array in enumerate(self.layers.weights)}
        write_arrays(path, weights | {"spread": self.spread, "low": self.low, "high": self.high})

    @classmethod
    def read(cls, path: str | Path) -> GaussianNetwork:
        """What :meth:`save` wrote, without exploring."""
        arrays = read_arrays(path)
        names = [f"{number}" for number in range(len(arrays) - 3)]
        if sorted(arrays) != sorted([*names, "spread", "low", "high"]):
            raise BadFile(str(path), f"It holds {sorted(arrays)}.", "Write it with GaussianNetwork.save().")
        layers = Layers([arrays[name] for name in names])
        return cls(layers, arrays["spread"], arrays["low"], arrays["high"], explore=False)
