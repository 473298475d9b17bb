"""Run by the Python that has Ray: the batch of two actors, and what is told when one of them has died, as JSON."""

import json
import sys
from dataclasses import fields
from importlib import import_module
from typing import Any

from fw_gym import Balance, Batch, RandomPolicy, RayShards, ShardFailed

ray: Any = import_module("ray")
ray.init(
    num_cpus=2,
    include_dashboard=False,
    log_to_driver=False,
    object_store_memory=100 * 2**20,
    _node_ip_address="127.0.0.1",
    _temp_dir=sys.argv[1],
)
with RayShards(Balance(), shards=2, lanes=3, seed=4) as shards:
    policy = RandomPolicy(shards.action_space)
    shards.rollout(policy, 20)
    batch = shards.rollout(policy, 20)
    ray.kill(shards._actors[0])
    try:
        shards.rollout(policy, 20)
    except ShardFailed as failed:
        told = str(failed)
    else:
        told = "nothing"
ray.shutdown()
print(json.dumps({"failed": told, "batch": {f.name: getattr(batch, f.name).tolist() for f in fields(Batch)}}))
