"""Run by the Python that has torch: random words, and what lanes of it do, as JSON."""

import json
import sys
from importlib import import_module
from typing import Any

import numpy as np

from fw_gym import Balance, Docking, Lanes, LanesEnv
from fw_gym.seeds import Words

torch: Any = import_module("torch")
seeds, steps = json.loads(sys.argv[1]), int(sys.argv[2])
found: dict[str, Any] = {}
words = Words.of(torch)
many = words.episode_seed(torch.asarray(seeds), torch.arange(len(seeds)))
found["words"] = [many.tolist(), *[array.tolist() for array in words.noise(many, 3)]]

for model in (Balance(), Docking()):
    lanes = Lanes(model, 6, xp=torch, device="cpu")
    begun = lanes.reset(7).tolist()
    outcomes = [[array.tolist() for array in lanes.step((np.arange(6) + step) % 2)] for step in range(steps)]
    assert lanes.state is not None
    found[type(model).__name__] = [begun, outcomes, lanes.state.episode.tolist()]

env = LanesEnv(Balance(), 3, xp=torch)
first = env.reset(seed=1)[0]
after, rewards, *_ = env.step(np.array([0, 1, 1]))
found["env"] = [type(first).__name__, str(after.dtype), rewards.tolist()]
print(json.dumps(found))
