"""The kernel's own sections of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

POLICIES = ("strict", "degrade")


@dataclass(frozen=True)
class AppSettings:
    """Section ``[app]``: the kernel's own settings. Times in seconds, rates per second.

    ``target`` is what ``fw run`` runs when the command line names nothing. ``expose`` opens doors to messages, each
    as ``DOOR:MESSAGE``. ``health_timeout`` is for each component's ``health()``. ``tick_pace`` and ``tick_scale`` are
    those of :class:`framework.clock.FixedStep`; at most ``tick_catch_up`` late steps are made up for. In a
    ``deterministic`` run a plugin that keeps raising in ``tick`` or ``render`` ends the run.
    """

    target: str = "app:app"
    expose: list[str] = field(default_factory=list)
    start_timeout: float = 30.0
    stop_timeout: float = 30.0
    health_timeout: float = 5.0
    tick_rate: float = 60.0
    tick_catch_up: int = 5
    tick_pace: Literal["real", "free", "manual"] = "real"
    tick_scale: float = 1.0
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name in ("start_timeout", "stop_timeout", "health_timeout", "tick_rate", "tick_catch_up", "tick_scale"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")


@dataclass(frozen=True)
class PluginSettings:
    """Section ``[plugins]``: which plugins are on, and what happens if one fails: ``strict`` or ``degrade``."""

    enable: list[str] = field(default_factory=list)
    disable: list[str] = field(default_factory=list)
    policy: str = "strict"

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise ValueError(f"policy must be {' or '.join(POLICIES)}, not {self.policy!r}")


KERNEL_SECTIONS: Mapping[str, type[Any]] = {"app": AppSettings, "plugins": PluginSettings}
