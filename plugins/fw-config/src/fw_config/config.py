"""Section ``[config]``: where further settings come from."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ConfigSettings:
    """Sources beside ``fw.toml``, variables and flags; of several in one list a later one wins.

    ``files`` are TOML, YAML, JSON or INI. ``secrets`` are such files too, single files that each hold one secret, or
    folders of those. ``stores`` are loaders of dynaconf: ``vault``, ``redis`` or a module. ``dotenv`` is a file of
    variables. Paths are relative to the current folder. ``reload``: read everything again when a file changes;
    ``hangup``: when SIGHUP arrives.
    """

    files: list[str] = field(default_factory=list, metadata={"reload": True})
    secrets: list[str] = field(default_factory=list, metadata={"reload": True})
    stores: list[str] = field(default_factory=list, metadata={"reload": True})
    dotenv: str = field(default="", metadata={"reload": True})
    reload: bool = False
    hangup: bool = False
