"""Worlds of entities: controllers, fixed steps, snapshots, replay, array systems, headless runs."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fw_environment.action import Action, ActionHandle, ActionStatus
    from fw_environment.agent import BotAgent
    from fw_environment.brains import PlayerController, PolicyController, ReplayController
    from fw_environment.collecting import Collector
    from fw_environment.controller import EntityController
    from fw_environment.desync import Difference, find_desync
    from fw_environment.drawing.camera import Camera
    from fw_environment.drawing.draw_list import DrawList
    from fw_environment.drawing.renderer import Renderer
    from fw_environment.entity import EnvironmentEntity
    from fw_environment.environment import Environment
    from fw_environment.errors import (
        BadDeclaration,
        BadFile,
        CannotRestore,
        EnvironmentFault,
        NoAction,
        NotDeterministic,
        NotNow,
        NotPlain,
        OutOfSpace,
        StepFailed,
        UnknownField,
        UnknownName,
    )
    from fw_environment.extras import MissingExtra
    from fw_environment.history import History
    from fw_environment.paths.path import Path
    from fw_environment.pawn import Pawn, effector, sensor
    from fw_environment.recording import Recorder, Recording, replay
    from fw_environment.remote import RemoteController
    from fw_environment.running import ProgressBar
    from fw_environment.spaces import Box, Dict, Discrete, Space
    from fw_environment.state import State
    from fw_environment.stream import Stream
    from fw_environment.sweeping import Results, RunFailed, sweep
    from fw_environment.system import System, column
    from fw_environment.templates import Templates
    from fw_environment.track import Track
    from fw_environment.trees import TreeController

__all__ = [
    "Action",
    "ActionHandle",
    "ActionStatus",
    "BadDeclaration",
    "BadFile",
    "BotAgent",
    "Box",
    "Camera",
    "CannotRestore",
    "Collector",
    "Dict",
    "Difference",
    "Discrete",
    "DrawList",
    "EntityController",
    "Environment",
    "EnvironmentEntity",
    "EnvironmentFault",
    "History",
    "MissingExtra",
    "NoAction",
    "NotDeterministic",
    "NotNow",
    "NotPlain",
    "OutOfSpace",
    "Path",
    "Pawn",
    "PlayerController",
    "PolicyController",
    "ProgressBar",
    "Recorder",
    "Recording",
    "RemoteController",
    "Renderer",
    "ReplayController",
    "Results",
    "RunFailed",
    "Space",
    "State",
    "StepFailed",
    "Stream",
    "System",
    "Templates",
    "Track",
    "TreeController",
    "UnknownField",
    "UnknownName",
    "column",
    "effector",
    "find_desync",
    "replay",
    "sensor",
    "sweep",
]

_PLACES: dict[str, tuple[str, ...]] = {
    "action": (
        "Action",
        "ActionHandle",
        "ActionStatus",
    ),
    "agent": ("BotAgent",),
    "brains": (
        "PlayerController",
        "PolicyController",
        "ReplayController",
    ),
    "collecting": ("Collector",),
    "controller": ("EntityController",),
    "desync": (
        "Difference",
        "find_desync",
    ),
    "drawing.camera": ("Camera",),
    "drawing.draw_list": ("DrawList",),
    "drawing.renderer": ("Renderer",),
    "entity": ("EnvironmentEntity",),
    "environment": ("Environment",),
    "errors": (
        "BadDeclaration",
        "BadFile",
        "CannotRestore",
        "EnvironmentFault",
        "NoAction",
        "NotDeterministic",
        "NotNow",
        "NotPlain",
        "OutOfSpace",
        "StepFailed",
        "UnknownField",
        "UnknownName",
    ),
    "extras": ("MissingExtra",),
    "history": ("History",),
    "paths.path": ("Path",),
    "pawn": (
        "Pawn",
        "effector",
        "sensor",
    ),
    "recording": (
        "Recorder",
        "Recording",
        "replay",
    ),
    "remote": ("RemoteController",),
    "running": ("ProgressBar",),
    "spaces": (
        "Box",
        "Dict",
        "Discrete",
        "Space",
    ),
    "state": ("State",),
    "stream": ("Stream",),
    "sweeping": (
        "Results",
        "RunFailed",
        "sweep",
    ),
    "system": (
        "System",
        "column",
    ),
    "templates": ("Templates",),
    "track": ("Track",),
    "trees": ("TreeController",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
