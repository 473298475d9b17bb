"""The hooks of `config`."""

from __future__ import annotations

from framework import App, hookimpl


class ConfigPlugin:
    """Settings from more formats and sources, validated by pydantic."""

    @hookimpl
    def bootstrap(self, app: App) -> None:
        """Nothing yet."""


plugin = ConfigPlugin()
