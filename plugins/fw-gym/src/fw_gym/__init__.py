"""Worlds of fw-environment as environments of Gymnasium and PettingZoo; policies, a trainer, shards."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_gym.demonstration import Demonstration, Example, read_demonstration
    from fw_gym.errors import BadTask, GymFault, MissingExtra, ShardFailed, StrayAgents
    from fw_gym.gaussian import GaussianNetwork
    from fw_gym.interface import Interface
    from fw_gym.lanes import Lanes, LaneState, Outcome
    from fw_gym.model import Model
    from fw_gym.network import Network
    from fw_gym.on_ray import RayShards
    from fw_gym.onnx_file import write_onnx
    from fw_gym.parallel import WorldParallelEnv, as_parallel_env
    from fw_gym.policies import OnnxPolicy, Policy, RandomPolicy, controller
    from fw_gym.ppo import PPO, Progress, Settings
    from fw_gym.processes import ProcessShards
    from fw_gym.shards import Batch, LocalShards, Shards
    from fw_gym.single import WorldEnv, as_gym
    from fw_gym.task import Task
    from fw_gym.vector import LanesEnv, as_vector_env
    from fw_gym.worlds import Balance, Docking

__all__ = [
    "PPO",
    "BadTask",
    "Balance",
    "Batch",
    "Demonstration",
    "Docking",
    "Example",
    "GaussianNetwork",
    "GymFault",
    "Interface",
    "LaneState",
    "Lanes",
    "LanesEnv",
    "LocalShards",
    "MissingExtra",
    "Model",
    "Network",
    "OnnxPolicy",
    "Outcome",
    "Policy",
    "ProcessShards",
    "Progress",
    "RandomPolicy",
    "RayShards",
    "Settings",
    "ShardFailed",
    "Shards",
    "StrayAgents",
    "Task",
    "WorldEnv",
    "WorldParallelEnv",
    "as_gym",
    "as_parallel_env",
    "as_vector_env",
    "controller",
    "read_demonstration",
    "write_onnx",
]

_PLACES: dict[str, tuple[str, ...]] = {
    "demonstration": (
        "Demonstration",
        "Example",
        "read_demonstration",
    ),
    "errors": (
        "BadTask",
        "GymFault",
        "MissingExtra",
        "ShardFailed",
        "StrayAgents",
    ),
    "gaussian": ("GaussianNetwork",),
    "interface": ("Interface",),
    "lanes": (
        "LaneState",
        "Lanes",
        "Outcome",
    ),
    "model": ("Model",),
    "network": ("Network",),
    "on_ray": ("RayShards",),
    "onnx_file": ("write_onnx",),
    "parallel": (
        "WorldParallelEnv",
        "as_parallel_env",
    ),
    "policies": (
        "OnnxPolicy",
        "Policy",
        "RandomPolicy",
        "controller",
    ),
    "ppo": (
        "PPO",
        "Progress",
        "Settings",
    ),
    "processes": ("ProcessShards",),
    "shards": (
        "Batch",
        "LocalShards",
        "Shards",
    ),
    "single": (
        "WorldEnv",
        "as_gym",
    ),
    "task": ("Task",),
    "vector": (
        "LanesEnv",
        "as_vector_env",
    ),
    "worlds": (
        "Balance",
        "Docking",
    ),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
