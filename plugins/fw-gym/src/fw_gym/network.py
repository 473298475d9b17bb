"""`Network`: a policy for `Discrete` actions, in numpy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fw_environment import BadFile
from fw_gym.files import read_arrays, write_arrays
from fw_gym.layers import Layers, rows_of

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass
class Network:
    """A policy for a `Discrete` space. ``explore`` False: it takes the best action instead of drawing one."""

    layers: Layers
    explore: bool = True

    @property
    def parameters(self) -> list[Array]:
        """What is learned."""
        return self.layers.weights

    def preferences(self, observations: Any) -> Array:
        """The logarithm of each action's probability."""
        return _logs(self.layers.trace(rows_of(observations))[-1])

    def act(self, observations: Any, rng: Generator) -> NDArray[np.int64]:
        """An action for each observation."""
        found = self.preferences(observations)
        if self.explore:
            found = found + rng.gumbel(size=found.shape)
        best: NDArray[np.int64] = np.argmax(found, axis=-1)
        return best

    def drawn(self, actions: NDArray[Any]) -> NDArray[Any]:
        """Actions, in rows as they come, as :meth:`logs` wants them."""
        return actions.reshape(len(actions)).astype(np.intp)

    def logs(self, out: Array, drawn: NDArray[Any]) -> Array:
        """The logarithms of the probabilities of what was drawn; ``out`` is the output of the layers."""
        found: Array = _logs(out)[np.arange(len(out)), drawn]
        return found

    def gradients(self, trace: list[Array], drawn: NDArray[Any], push: Array, entropy: float) -> list[Array]:
        """What :attr:`parameters` must change by: ``push`` is the gradient of the loss by each of :meth:`logs`, and the
        loss falls by ``entropy`` times the entropy of each row.
        """
        logs = _logs(trace[-1])
        chances = np.exp(logs)
        error = -chances * push[:, None]
        error[np.arange(len(error)), drawn] += push
        spread = -(chances * logs).sum(axis=-1, keepdims=True)
        error += entropy * chances * (logs + spread)
        return self.layers.gradients(trace, error)

    def greedy(self) -> Network:
        """The same weights, without exploring."""
        return Network(self.layers, explore=False)

    def save(self, path: str | Path) -> None:
        """Write the weights as ``.npz``; the file appears when it is complete."""
        write_arrays(path, {f"{number}": array for number, array in enumerate(self.layers.weights)})

    @classmethod
    def read(cls, path: str | Path) -> Network:
        """What :meth:`save` wrote, without exploring."""
        arrays = read_arrays(path)
        if sorted(arrays) != sorted(str(number) for number in range(len(arrays))):
            raise BadFile(str(path), f"It holds {sorted(arrays)}, no network.", "Write it with Network.save().")
        return cls(Layers([arrays[str(number)] for number in range(len(arrays))]), explore=False)


def _logs(out: Array) -> Array:
    shifted = out - out.max(axis=-1, keepdims=True)
    found: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found
