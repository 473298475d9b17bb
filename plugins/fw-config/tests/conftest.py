"""An application `shop` in a folder of its own, with its configuration files."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from framework import App, ConfigError


@dataclass(frozen=True)
class ShopSettings:
    currency: str = "EUR"
    limit: int = field(default=10, metadata={"reload": True})
    tags: list[str] = field(default_factory=list)
    password: str = field(default="", metadata={"secret": True})
    url: str = ""


Shop = Callable[..., App]


class Folder:
    """Where the application runs; ``fw.toml`` is its configuration, ``schema`` describes ``[shop]``."""

    schema = ShopSettings

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> Path:
        """A file, replaced as a whole, as editors do it."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_text(text, "utf-8")
        new.replace(path)
        return path

    def shop(
        self,
        schema: type[Any] = ShopSettings,
        *others: Any,
        defaults: Mapping[str, Mapping[str, Any]] | None = None,
        env: str | None = None,
        flags: tuple[str, ...] = (),
    ) -> App:
        """The application, put together from what stands in the folder."""
        app = App("shop", plugins=["config", *others], defaults=defaults)
        app.settings(schema, section="shop")
        config = self.path / "fw.toml"
        app.bootstrap(config=config if config.exists() else None, env=env, flags=flags)
        return app

    def settings(self, schema: type[Any] = ShopSettings, **options: Any) -> Any:
        """Its settings."""
        return self.shop(schema, **options).config.get(schema)

    def refusal(self, schema: type[Any] = ShopSettings, **options: Any) -> str:
        """What is said when the configuration is wrong."""
        with pytest.raises(ConfigError) as caught:
            self.shop(schema, **options)
        return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    for name in [name for name in os.environ if name.startswith("FW_") and name != "FW_REQUIRE"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)
