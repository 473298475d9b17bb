"""Importing it registers the shipped worlds: ``gymnasium.make("fw_gym.registered:fw/Balance-v0")``."""

from __future__ import annotations

from typing import Any

from gymnasium.envs.registration import register, registry
from gymnasium.vector import AutoresetMode

from fw_gym.model import Model
from fw_gym.single import WorldEnv, as_gym
from fw_gym.vector import LanesEnv
from fw_gym.worlds import Balance, Docking

WORLDS: dict[str, type[Model]] = {"Balance": Balance, "Docking": Docking}


def single(world: str, render_mode: str | None = None, **settings: Any) -> WorldEnv:
    """The environment of a shipped world."""
    return as_gym(WORLDS[world](**settings), render_mode)


def vector(
    world: str, num_envs: int, autoreset_mode: AutoresetMode = AutoresetMode.NEXT_STEP, **settings: Any
) -> LanesEnv:
    """The lanes of a shipped world."""
    return LanesEnv(WORLDS[world](**settings), num_envs, autoreset_mode=AutoresetMode(autoreset_mode))


for _name in WORLDS:
    if f"fw/{_name}-v0" not in registry:
        register(
            f"fw/{_name}-v0",
            entry_point=f"{__name__}:single",
            vector_entry_point=f"{__name__}:vector",
            kwargs={"world": _name},
        )
