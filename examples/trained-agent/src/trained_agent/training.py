"""How ships learn to dock."""

from __future__ import annotations

from pathlib import Path

from fw_gym import PPO, Docking, LocalShards, Network, Progress, RandomPolicy
from fw_gym.policies import Policy

LEARNED = Path(__file__).with_name("docking.npz")
"""What `trained-agent train` has written once."""
STEPS = 150_000
ENOUGH = 9.0
"""The mean return at which it stops: a ship that docks earns 10, less what the way costs."""


def train(path: Path, seed: int) -> Progress:
    """Learn, and write the network; how far it came. A few seconds."""
    with LocalShards(Docking(), lanes=32, seed=seed) as shards:
        trainer = PPO(shards, seed=seed)
        progress = trainer.learn(STEPS, until=ENOUGH)
    trainer.network.save(path)
    return progress


def policy(path: Path | None, seed: int) -> Policy:
    """What a file holds, or chance."""
    if path is None:
        with LocalShards(Docking(), lanes=1, seed=seed) as shards:
            return RandomPolicy(shards.action_space)
    return Network.read(path)
