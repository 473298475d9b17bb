"""Ways over grids and meshes: A*, jump points, flow fields, navigation meshes; following and steering."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_environment.paths.astar import AStar
    from fw_environment.paths.errors import BlockedPlace, BudgetSpent, InvalidMap, OutsideMap, PathFault, UnevenMap
    from fw_environment.paths.flow_field import FlowField, FlowFields
    from fw_environment.paths.follower import PathFollower
    from fw_environment.paths.grid import Grid
    from fw_environment.paths.jump_points import JumpPoints
    from fw_environment.paths.mesh import NavMesh
    from fw_environment.paths.path import Path, PathFinder, Point
    from fw_environment.paths.sight import cast, sees, straightened

__all__ = [
    "AStar",
    "BlockedPlace",
    "BudgetSpent",
    "FlowField",
    "FlowFields",
    "Grid",
    "InvalidMap",
    "JumpPoints",
    "NavMesh",
    "OutsideMap",
    "Path",
    "PathFault",
    "PathFinder",
    "PathFollower",
    "Point",
    "UnevenMap",
    "cast",
    "sees",
    "straightened",
]

_PLACES: dict[str, tuple[str, ...]] = {
    "astar": ("AStar",),
    "errors": ("BlockedPlace", "BudgetSpent", "InvalidMap", "OutsideMap", "PathFault", "UnevenMap"),
    "flow_field": ("FlowField", "FlowFields"),
    "follower": ("PathFollower",),
    "grid": ("Grid",),
    "jump_points": ("JumpPoints",),
    "mesh": ("NavMesh",),
    "path": ("Path", "PathFinder", "Point"),
    "sight": ("cast", "sees", "straightened"),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
