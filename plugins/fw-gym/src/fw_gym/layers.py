"""What small networks in numpy are made of: layers, gradients, Adam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

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


def rows_of(observations: Any) -> Array:
    """Observations as rows, whether they are numbers or rows."""
    found = np.asarray(observations, np.float64)
    return found[:, None] if found.ndim == 1 else found
