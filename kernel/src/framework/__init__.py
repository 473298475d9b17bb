"""fw: a microkernel for applications that outgrow one HTTP API.

Everything public is listed in ``__all__`` and imported when first used, so that ``import framework`` costs next to
nothing.
"""

from __future__ import annotations

# Type checkers take a variable of this name for typing's own; importing that costs as much as starting Python.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from framework.app import App
    from framework.clock import Frame
    from framework.component import Component
    from framework.config import Config
    from framework.depends import Depends
    from framework.errors import (
        BootstrapError,
        ConfigError,
        DeclarationError,
        FailureReport,
        FrameworkError,
        ScopeError,
        ShutdownError,
        StartupError,
        UnhandledCommand,
    )
    from framework.facade import Declaration, Facade
    from framework.health import Health
    from framework.hookspecs import hookimpl
    from framework.manifest import Manifest
    from framework.messages import (
        AppFailed,
        AppReady,
        AppRolledBack,
        AppStarting,
        AppStopping,
        Command,
        Event,
        PluginQuarantined,
    )
    from framework.policy import Forbidden, Policy
    from framework.scope import Scope

__all__ = [
    "App",
    "AppFailed",
    "AppReady",
    "AppRolledBack",
    "AppStarting",
    "AppStopping",
    "BootstrapError",
    "Command",
    "Component",
    "Config",
    "ConfigError",
    "Declaration",
    "DeclarationError",
    "Depends",
    "Event",
    "Facade",
    "FailureReport",
    "Forbidden",
    "Frame",
    "FrameworkError",
    "Health",
    "Manifest",
    "PluginQuarantined",
    "Policy",
    "Scope",
    "ScopeError",
    "ShutdownError",
    "StartupError",
    "UnhandledCommand",
    "hookimpl",
]

_HOMES = {
    "App": "app",
    "AppFailed": "messages",
    "AppReady": "messages",
    "AppRolledBack": "messages",
    "AppStarting": "messages",
    "AppStopping": "messages",
    "BootstrapError": "errors",
    "Command": "messages",
    "Component": "component",
    "Config": "config",
    "ConfigError": "errors",
    "Declaration": "facade",
    "DeclarationError": "errors",
    "Depends": "depends",
    "Event": "messages",
    "Facade": "facade",
    "FailureReport": "errors",
    "Forbidden": "policy",
    "Frame": "clock",
    "FrameworkError": "errors",
    "Health": "health",
    "Manifest": "manifest",
    "PluginQuarantined": "messages",
    "Policy": "policy",
    "Scope": "scope",
    "ScopeError": "errors",
    "ShutdownError": "errors",
    "StartupError": "errors",
    "UnhandledCommand": "errors",
    "hookimpl": "hookspecs",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'framework' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"framework.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
