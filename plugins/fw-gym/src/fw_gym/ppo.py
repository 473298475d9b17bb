"""`PPO`: proximal policy optimisation (Schulman et al. 2017) in numpy."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from threadpoolctl import threadpool_limits

from fw_gym.errors import BadTask
from fw_gym.gaussian import GaussianNetwork
from fw_gym.layers import Adam, Layers
from fw_gym.network import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fw_gym.shards import Batch, Shards
    from fw_gym.spaces import GymSpace

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Progress:
    """How far learning is: steps of all lanes, episodes that have ended, the mean return of the last 50 of them."""

    steps: int
    episodes: int
    mean_return: float


@dataclass(frozen=True)
class Settings:
    """What PPO is tuned by; the names are those of the paper and of its usual implementations."""

    horizon: int = 64
    epochs: int = 6
    minibatches: int = 4
    rate: float = 2e-3
    gamma: float = 0.99
    lam: float = 0.95
    clip: float = 0.2
    entropy: float = 0.005
    hidden: tuple[int, ...] = (32, 32)
    most: float = 0.5
    """The largest norm of a gradient."""


class PPO:
    """Learns a policy, :attr:`network`, from what shards do with it: a `Network` for `Discrete` actions, for those of a
    `Box` a `GaussianNetwork`. Equal seeds give equal networks.
    """

    def __init__(self, shards: Shards, settings: Settings | None = None, *, seed: int = 0) -> None:
        seen = shards.observation_space
        if not isinstance(seen, spaces.Box) or len(seen.shape) > 1:
            raise BadTask("The task", f"PPO cannot learn from {seen}.", "Give its pawn one sensor, a row.")
        self.settings = settings or Settings()
        self._shards = shards
        self._rng = np.random.default_rng(seed)
        sizes = int(np.prod(seen.shape, dtype=int)), *self.settings.hidden
        self.network = _policy(shards.action_space, sizes, self._rng)
        self._value = Layers.random((*sizes, 1), self._rng, 1.0)
        rate = self.settings.rate
        self._adams = Adam(self.network.parameters, rate), Adam(self._value.weights, rate)
        self._running = np.zeros(shards.lanes)
        self._returns: deque[float] = deque(maxlen=50)
        self._steps = self._episodes = 0

    @property
    def progress(self) -> Progress:
        """How far it is; the mean return is NaN before an episode has ended."""
        mean = float(np.mean(self._returns)) if self._returns else float("nan")
        return Progress(self._steps, self._episodes, mean)

    def learn(self, steps: int, *, until: float = np.inf, watch: Callable[[Progress], Any] | None = None) -> Progress:
        """Learn for about ``steps`` steps of all lanes, or until the mean return of 50 episodes is ``until``."""
        end = self._steps + steps
        # Threads for matrices as small as these gain nothing, and on a busy machine wait for each other.
        with threadpool_limits(1, "blas"):
            while self._steps < end:
                batch = self._shards.rollout(self.network, self.settings.horizon)
                self._count(batch)
                self._improve(batch)
                if watch is not None:
                    watch(self.progress)
                if len(self._returns) == self._returns.maxlen and self.progress.mean_return >= until:
                    break
        return self.progress

    def _count(self, batch: Batch) -> None:
        for rewards, ended in zip(batch.rewards, batch.terminated | batch.truncated, strict=True):
            self._running += rewards
            self._returns.extend(self._running[ended].tolist())
            self._episodes += int(ended.sum())
            self._running[ended] = 0.0
        self._steps += batch.rewards.size

    def _improve(self, batch: Batch) -> None:
        seen, following = (part.reshape(*part.shape[:2], -1) for part in (batch.observations, batch.following))
        values = self._value.trace(seen)[-1][..., 0]
        advantages = self._advantages(batch, values, self._value.trace(following)[-1][..., 0])
        count = values.size
        rows = seen.reshape(count, -1)
        drawn = self.network.drawn(batch.actions.reshape(count, *batch.actions.shape[2:]))
        wanted = (advantages + values).reshape(count)
        before = self.network.logs(self.network.layers.trace(rows)[-1], drawn)
        flat = advantages.reshape(count)
        flat = (flat - flat.mean()) / (flat.std() + 1e-8)
        for _ in range(self.settings.epochs):
            for part in np.array_split(self._rng.permutation(count), self.settings.minibatches):
                self._improve_policy(rows[part], drawn[part], before[part], flat[part])
                self._improve_value(rows[part], wanted[part])

    def _advantages(self, batch: Batch, values: Array, following: Array) -> Array:
        """Generalised advantage estimates (Schulman et al. 2016); a truncated episode would have gone on."""
        gamma, lam = self.settings.gamma, self.settings.lam
        errors = batch.rewards + gamma * following * ~batch.terminated - values
        on = gamma * lam * ~(batch.terminated | batch.truncated)
        found, last = np.zeros_like(errors), np.zeros(errors.shape[1])
        for step in reversed(range(len(errors))):
            last = found[step] = errors[step] + on[step] * last
        return found

    def _improve_policy(self, rows: Array, drawn: NDArray[Any], before: Array, advantages: Array) -> None:
        network, settings = self.network, self.settings
        trace = network.layers.trace(rows)
        ratio = np.exp(network.logs(trace[-1], drawn) - before)
        # Where the ratio has left the clipped range in the direction of the advantage, the gradient is 0.
        free = np.where(advantages > 0, ratio < 1 + settings.clip, ratio > 1 - settings.clip)
        push = -(advantages * ratio * free) / len(rows)
        self._adams[0].step(network.gradients(trace, drawn, push, settings.entropy / len(rows)), settings.most)

    def _improve_value(self, rows: Array, wanted: Array) -> None:
        trace = self._value.trace(rows)
        error = (trace[-1][:, 0] - wanted)[:, None] / len(rows)
        self._adams[1].step(self._value.gradients(trace, error), self.settings.most)


def _policy(space: GymSpace, sizes: tuple[int, ...], rng: np.random.Generator) -> Network | GaussianNetwork:
    if isinstance(space, spaces.Discrete):
        return Network(Layers.random((*sizes, int(space.n)), rng, 0.01))
    if isinstance(space, spaces.Box):
        return GaussianNetwork.random(sizes, space, rng)
    raise BadTask("The task", f"PPO cannot learn {space}.", "Give its pawn one effector.")
