"""`Lanes`: many copies of a model side by side, as arrays of any array-API namespace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from fw_environment import Box
from fw_gym.errors import MissingExtra
from fw_gym.model import Model
from fw_gym.seeds import MASK, Words, word_type

Compile = Callable[[Callable[..., Any]], Callable[..., Any]]


class LaneState(NamedTuple):
    """Where all lanes stand: the model's values, and of each lane the first seed, the episode, the steps in it."""

    values: tuple[Any, ...]
    seed: Any
    episode: Any
    age: Any


class Outcome(NamedTuple):
    """What one step gave, an entry for each lane. Where an episode has ended, ``final`` still shows its end."""

    observation: Any
    reward: Any
    terminated: Any
    truncated: Any
    final: Any


class Lanes:
    """``count`` copies of ``model``. ``xp`` is numpy, ``jax.numpy``, torch, or another namespace of the array API.

    Lane i behaves as a single world with its seed does, up to rounding. ``compile`` is called with the functions that
    make steps: ``jax.jit``, ``torch.compile``. ``device`` is where the arrays lie, in the library's own terms: a device
    of JAX, ``"cuda"`` for torch. The whole state is :attr:`state`; reading and setting it is snapshot and restore.
    """

    def __init__(
        self, model: Model, count: int, *, xp: Any = np, compile: Compile | None = None, device: Any = None
    ) -> None:
        self.model = model
        self.count = count
        self.xp = xp = _namespace(xp)
        self.device = device
        self.float = xp.asarray(0.0).dtype
        self.state: LaneState | None = None
        self._eager = compile is None
        rules = _Rules(model, xp, self.float)
        made = compile or _as_it_is
        self._begin, self._sense, self._renew = made(rules.begin), made(rules.sense), made(rules.renew)
        self._advance, self._step = made(rules.advance), made(rules.step)

    def reset(self, seeds: int | Sequence[int] | Any) -> Any:
        """Begin in all lanes, with one seed for each, or seed, seed + 1 and so on. The observations."""
        given = np.arange(self.count) + seeds if isinstance(seeds, int) else np.asarray(seeds)
        bits = given.astype(np.uint64) & np.uint64(MASK)
        kind = np.int64 if word_type(self.xp) == self.xp.int64 else np.uint32
        words = self._array(bits.astype(kind))
        self.state = self._begin(words, words ^ words)
        return self._sense(self.state)

    def reseed(self, mask: Any, seeds: Any) -> None:
        """Let the lanes of ``mask`` begin with new seeds."""
        old = self._at()
        self.reset(seeds)
        self.state = _chosen(self.xp, self._array(mask), self._at(), old)

    def sense(self) -> Any:
        """The observations now."""
        return self._sense(self._at())

    def advance(self, actions: Any) -> Outcome:
        """One step of all lanes; those that have ended go on where they are."""
        self.state, outcome = self._advance(self._at(), self._array(actions))
        return Outcome(*outcome)

    def renew(self, mask: Any) -> Any:
        """Let the lanes of ``mask`` begin their next episode. The observations of all."""
        self.state = self._renew(self._at(), self._array(mask))
        return self._sense(self.state)

    def step(self, actions: Any) -> Outcome:
        """One step of all lanes; those that have ended begin anew in it."""
        if self._eager:
            outcome = self.advance(actions)
            ended = outcome.terminated | outcome.truncated
            return outcome._replace(observation=self.renew(ended)) if self.xp.any(ended) else outcome
        self.state, outcome = self._step(self._at(), self._array(actions))
        return Outcome(*outcome)

    def _array(self, value: Any) -> Any:
        return self.xp.asarray(value, device=self.device)

    def _at(self) -> LaneState:
        if self.state is None:
            raise RuntimeError("The lanes stand nowhere: call reset(seeds) first.")
        return self.state


class _Rules:
    """The steps of lanes as pure functions, so that they can be compiled."""

    def __init__(self, model: Model, xp: Any, dtype: Any) -> None:
        self._model = model
        self._xp = xp
        self._dtype = dtype
        self._words = Words.of(xp)
        self._parts = model.action.shape if isinstance(model.action, Box) else None

    def begin(self, seed: Any, episode: Any) -> LaneState:
        xp, model = self._xp, self._model
        words = self._words.noise(self._words.episode_seed(seed, episode), model.draws)
        noise = tuple([xp.asarray(word, dtype=self._dtype) * 2.0**-24 for word in words])
        return LaneState(tuple(model.begin(xp, noise)), seed, episode, xp.asarray(seed ^ seed, dtype=xp.int32))

    def sense(self, state: LaneState) -> Any:
        seen = self._model.sense(self._xp, state.values)
        return seen[0] if self._model.observation.shape is None else self._xp.stack(seen, axis=-1)

    def advance(self, state: LaneState, actions: Any) -> tuple[LaneState, Outcome]:
        xp, model = self._xp, self._model
        actions = xp.asarray(actions, dtype=self._dtype)
        action = actions if self._parts is None else tuple([actions[:, part] for part in range(self._parts)])
        values = tuple(model.advance(xp, state.values, action))
        after = state._replace(values=values, age=state.age + 1)
        terminated = model.over(xp, values)
        truncated = ~terminated & (after.age >= model.limit)
        seen = self.sense(after)
        return after, Outcome(seen, model.reward(xp, values), terminated, truncated, seen)

    def renew(self, state: LaneState, mask: Any) -> LaneState:
        again = self.begin(state.seed, state.episode + self._words.word(1))
        return _chosen(self._xp, mask, again, state)

    def step(self, state: LaneState, actions: Any) -> tuple[LaneState, Outcome]:
        after, outcome = self.advance(state, actions)
        after = self.renew(after, outcome.terminated | outcome.truncated)
        return after, outcome._replace(observation=self.sense(after))


def _chosen(xp: Any, mask: Any, one: LaneState, other: LaneState) -> LaneState:
    values = tuple([xp.where(mask, new, old) for new, old in zip(one.values, other.values, strict=True)])
    rest = [xp.where(mask, new, old) for new, old in zip(one[1:], other[1:], strict=True)]
    return LaneState(values, *rest)


def _namespace(xp: Any) -> Any:
    """The library itself, or what makes it a namespace of the array API."""
    if xp.__name__ != "torch":
        return xp
    try:
        return import_module("array_api_compat.torch")
    except ImportError as error:
        raise MissingExtra("Lanes on torch", "torch") from error


def to_numpy(value: Any, dtype: Any) -> Any:
    """A new array of numpy, from any library and device."""
    return np.array(value.cpu() if hasattr(value, "cpu") else value, dtype)


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    return function
