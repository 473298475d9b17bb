"""Small networks in numpy: layers, gradients, Adam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fw_environment import BadFile
from fw_gym.files import read_arrays, write_arrays

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass
class Layers:
    """Fully connected layers with tanh between them. ``weights`` holds a matrix and a row of biases for each."""

    weights: list[Array]

    @classmethod
    def random(cls, sizes: Sequence[int], rng: Generator, gain: float) -> Self:
        """Orthogonal matrices (Saxe, McClelland and Ganguli 2014); the last one is scaled by ``gain``."""
        made: list[Array] = []
        for number, (inputs, outputs) in enumerate(pairwise(sizes), 1):
            square, _ = np.linalg.qr(rng.standard_normal((max(inputs, outputs), min(inputs, outputs))))
            matrix = square if inputs >= outputs else square.T
            made += [matrix * (gain if number == len(sizes) - 1 else np.sqrt(2.0)), np.zeros(outputs)]
        return cls(made)

    def trace(self, inputs: Array) -> list[Array]:
        """The inputs and what each layer makes of them; the last entry is the output."""
        found = [inputs]
        for at in range(0, len(self.weights), 2):
            out = found[-1] @ self.weights[at] + self.weights[at + 1]
            found.append(np.tanh(out) if at + 2 < len(self.weights) else out)
        return found

    def gradients(self, trace: list[Array], error: Array) -> list[Array]:
        """What :attr:`weights` must change by, for the gradient ``error`` of the output."""
        found: list[Array] = []
        for layer in reversed(range(len(trace) - 1)):
            found = [trace[layer].T @ error, error.sum(axis=0), *found]
            if layer:
                error = (error @ self.weights[2 * layer].T) * (1.0 - trace[layer] ** 2)
        return found


@dataclass
class Adam:
    """Kingma and Ba 2015. Changes the given arrays in place."""

    parameters: list[Array]
    rate: float
    _first: list[Array] = field(init=False)
    _second: list[Array] = field(init=False)
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._first = [np.zeros_like(one) for one in self.parameters]
        self._second = [np.zeros_like(one) for one in self.parameters]

    def step(self, gradients: list[Array], most: float) -> None:
        """One step against the gradients, which are scaled down where their norm is over ``most``."""
        norm = float(np.sqrt(np.sum([np.square(one).sum() for one in gradients])))
        scale = min(1.0, most / (norm + 1e-8))
        self._count += 1
        rate = self.rate * np.sqrt(1.0 - 0.999**self._count) / (1.0 - 0.9**self._count)
        for value, first, second, gradient in zip(self.parameters, self._first, self._second, gradients, strict=True):
            first[:] = 0.9 * first + 0.1 * scale * gradient
            second[:] = 0.999 * second + 0.001 * np.square(scale * gradient)
            value[:] = value - rate * first / (np.sqrt(second) + 1e-5)


@dataclass
class Network:
    """A policy for a `Discrete` space. ``explore`` False: it takes the best action instead of drawing one."""

    layers: Layers
    explore: bool = True

    def preferences(self, observations: Any) -> Array:
        """The logarithm of each action's probability."""
        logits = self.layers.trace(_rows(observations))[-1]
        shifted = logits - logits.max(axis=-1, keepdims=True)
        found: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return found

    def act(self, observations: Any, rng: Generator) -> NDArray[np.int64]:
        """An action for each observation."""
        found = self.preferences(observations)
        if self.explore:
            found = found + rng.gumbel(size=found.shape)
        best: NDArray[np.int64] = np.argmax(found, axis=-1)
        return best

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


def _rows(observations: Any) -> Array:
    """Observations as rows, whether they are numbers or rows."""
    found = np.asarray(observations, np.float64)
    return found[:, None] if found.ndim == 1 else found
