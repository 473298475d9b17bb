"""Policies: what acts for agents. As controllers they possess pawns of any world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from gymnasium.spaces import Box, Discrete
from gymnasium.vector.utils import batch_space, iterate

from fw_environment import PolicyController
from fw_gym.errors import MissingExtra
from fw_gym.interface import Interface

if TYPE_CHECKING:
    from numpy.random import Generator

    from fw_environment import Action, Pawn
    from fw_gym.spaces import GymSpace


class Policy(Protocol):
    """Acts for many agents at once."""

    def act(self, observations: Any, rng: Generator) -> Any:
        """An action for each observation of a batch; what is random comes from ``rng``."""


class RandomPolicy:
    """Any action of a space is as likely as any other."""

    def __init__(self, space: GymSpace) -> None:
        self.space = space

    def act(self, observations: Any, rng: Generator) -> Any:
        """Samples."""
        space = batch_space(self.space, _count(observations))
        space.seed(int(rng.integers(2**31)))
        return space.sample()


class OnnxPolicy:
    """A network in an ONNX file: one input, a batch of observations; its first output is actions, or for a `Discrete`
    space a preference for each action. Numbers outside a `Box` are taken for its bounds.
    """

    def __init__(self, path: str | Path, space: GymSpace) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtra("OnnxPolicy", "onnx") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # a pool of threads costs more than it saves
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0]
        self._type = {"tensor(double)": np.float64}.get(self._input.type, np.float32)
        self._space = space

    def act(self, observations: Any, rng: Generator) -> Any:
        """One run of the network."""
        [found, *_] = self._session.run(None, {self._input.name: np.asarray(observations, self._type)})
        space = self._space
        if isinstance(space, Box):
            return np.clip(found.reshape(len(found), *space.shape).astype(space.dtype), space.low, space.high)
        return np.argmax(found, axis=-1) if isinstance(space, Discrete) and np.ndim(found) > 1 else found


def controller(
    policy: Policy | Callable[[Any], Any], kind: type[Pawn], *, seed: int = 0, period: int = 1
) -> PolicyController:
    """A controller for pawns of ``kind`` that asks a policy, or a function of an observation as Gymnasium gives it.

    It decides in every ``period``-th step. Random policies draw from a
    generator of ``seed`` that is no part of the world's state: a fork or a restored world draws on.
    """
    return PolicyController(_Asked(policy, kind, seed), decision_period=period)


class _Asked:
    """A policy as a function of what a pawn observes."""

    def __init__(self, policy: Policy | Callable[[Any], Any], kind: type[Pawn], seed: int) -> None:
        self._interface = Interface(kind)
        self._policy = policy
        self._rng = np.random.default_rng(seed)
        self._batch = batch_space(self._interface.action_space, 1)

    def __call__(self, observed: dict[str, Any]) -> list[Action]:
        seen = self._interface.observation(observed)
        if not hasattr(self._policy, "act"):
            return self._interface.actions(self._policy(seen))
        one = {name: part[None] for name, part in seen.items()} if isinstance(seen, dict) else seen[None]
        [action] = iterate(self._batch, self._policy.act(one, self._rng))
        return self._interface.actions(action)


def _count(observations: Any) -> int:
    while not isinstance(observations, np.ndarray):
        observations = next(iter(observations.values()))
    return len(observations)
