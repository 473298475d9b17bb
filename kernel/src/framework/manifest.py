"""`Manifest`: what a plugin says of itself in `plugin.toml`, readable without importing it.

A plain class, since every command of `fw` reads it: `dataclasses` and `typing` cost more than the command itself.
"""

from __future__ import annotations

from framework.errors import BootstrapError, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

API_VERSIONS = (1,)
RESERVED_NAMES = frozenset({"app", "application", "env", "kernel", "plugins"})
"""Owners and sections of the configuration that are the kernel's own."""
RESERVED_COMMANDS = frozenset({"help", "plugins", "run"})


class Manifest:
    """The contents of ``plugin.toml``.

    ``requires`` and ``after`` name plugins or capabilities: those of ``requires`` must be on, those of ``after`` come
    first if they are. ``modes`` empty means every mode. A ``guard`` is never left out to keep an application going.
    ``facades`` maps an attribute of the App to ``module:class``, ``members`` one to a facade's member
    (``http.test_client``). ``config`` is ``module:dataclass``, the schema of the section named like the plugin.
    ``commands`` maps a command of ``fw`` to its ``help`` and ``run`` (``module:function``). One called ``run --OPTION``
    takes the place of ``fw run`` where that option is given, with the rest of the line.
    """

    __slots__ = (
        "after",
        "api_version",
        "commands",
        "config",
        "facades",
        "guard",
        "members",
        "modes",
        "name",
        "provides",
        "requires",
        "summary",
    )

    def __init__(
        self,
        name: str,
        summary: str = "",
        api_version: int = 1,
        requires: tuple[str, ...] = (),
        after: tuple[str, ...] = (),
        provides: tuple[str, ...] = (),
        modes: tuple[str, ...] = (),
        guard: bool = False,
        facades: Mapping[str, str] | None = None,
        config: str = "",
        members: Mapping[str, str] | None = None,
        commands: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.name = name
        self.summary = summary
        self.api_version = api_version
        self.requires = tuple(requires)
        self.after = tuple(after)
        self.provides = tuple(provides)
        self.modes = tuple(modes)
        self.guard = guard
        self.facades: Mapping[str, str] = facades or {}
        self.config = config
        self.members: Mapping[str, str] = members or {}
        self.commands: Mapping[str, Mapping[str, str]] = commands or {}

    def table(self) -> dict[str, Any]:
        """The keys that differ from their default, as ``plugin.toml`` would have them."""
        found = {key: getattr(self, key) for key in self.__slots__}
        plain = Manifest(self.name)
        return {key: value for key, value in found.items() if key == "name" or value != getattr(plain, key)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Manifest) and self.table() == other.table()

    __hash__ = None  # type: ignore[assignment] # it holds mappings

    def __repr__(self) -> str:
        return f"Manifest({', '.join(f'{key}={value!r}' for key, value in self.table().items())})"

    @classmethod
    def parse(cls, text: str, place: str) -> Manifest:
        """Read the text of a ``plugin.toml``; ``place`` names it in errors. Raises :class:`BootstrapError`."""
        from framework.toml import parsed

        return cls.checked(parsed(text, place, BootstrapError), place)

    @classmethod
    def checked(cls, table: Mapping[str, Any], place: str) -> Manifest:
        """Make one of a parsed table. Raises :class:`BootstrapError`."""
        values = {key: _checked(key, value, place) for key, value in table.items()}
        if not values.get("name"):
            raise BootstrapError(f"{place} does not say the plugin's name.", remedy='Add a line: name = "my-plugin".')
        check_name(values["name"], place)
        manifest = cls(**values)
        if manifest.api_version not in API_VERSIONS:
            raise BootstrapError(
                f"{place}: plugin {manifest.name!r} is written for hook API {manifest.api_version}; this kernel speaks "
                f"{', '.join(map(str, API_VERSIONS))}.",
                remedy="Upgrade fw-core, or install a version of the plugin made for it.",
            )
        for name, target in manifest.members.items():
            if target.partition(".")[0] not in manifest.facades:
                raise BootstrapError(
                    f"{place}: members.{name} = {target!r} does not begin with a facade of this plugin.",
                    remedy=f"It has the facades: {', '.join(sorted(manifest.facades)) or 'none'}.",
                )
        return manifest


def is_run_option(command: str) -> bool:
    """Whether a command of a manifest is a way to run an application: ``run --OPTION``."""
    words = command.split(" ")
    return len(words) == 2 and words[0] == "run" and words[1].startswith("--") and words[1][2:].isidentifier()


def check_name(name: str, place: str) -> None:
    """Raise :class:`BootstrapError` for a name that would be taken for the kernel's or the application's own."""
    if name in RESERVED_NAMES:
        raise BootstrapError(
            f"{place}: {name!r} is a name the kernel keeps for itself.", remedy="Give the plugin another name."
        )


_LISTS = ("requires", "after", "provides", "modes")
_TYPES: Mapping[str, type] = {"name": str, "summary": str, "config": str, "api_version": int, "guard": bool}


def _checked(key: str, value: Any, place: str) -> Any:
    if key in _LISTS:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise BootstrapError(f"{place}: {key} must be a list of strings, not {value!r}.")
        return tuple(value)
    if key == "facades":
        if not _texts(value) or not all(":" in target for target in value.values()):
            raise BootstrapError(f"{place}: facades must map names to 'module:class', not {value!r}.")
        return value
    if key == "members":
        if not _texts(value) or not all("." in target.strip(".") for target in value.values()):
            raise BootstrapError(f"{place}: members must map names to 'facade.member', not {value!r}.")
        return value
    if key == "commands":
        return _commands(value, place)
    if key not in _TYPES:
        raise BootstrapError(
            f"{place}: unknown key {key!r}.", remedy=did_you_mean(key, Manifest.__slots__) or "Remove it."
        )
    if type(value) is not _TYPES[key]:
        raise BootstrapError(f"{place}: {key} must be of type {_TYPES[key].__name__}, not {value!r}.")
    return value


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _is_word(text: str) -> bool:
    return text.split() == [text] and not text.startswith("-")


def _commands(value: Any, place: str) -> Any:
    commands: dict[str, Any] = value if isinstance(value, dict) else {"": value}
    for name, command in commands.items():
        if not _texts(command) or set(command) != {"help", "run"} or ":" not in command["run"]:
            raise BootstrapError(
                f"{place}: a command must be a table of a help text and a 'module:function', not {command!r}.",
                remedy='Write [commands.NAME] with help = "…" and run = "my_plugin.commands:name".',
            )
        words = name.split(" ")
        free = words[0] not in RESERVED_COMMANDS and len(words) <= 2
        if not (free and all(_is_word(word) for word in words)) and not is_run_option(name):
            raise BootstrapError(
                f"{place}: {name!r} cannot be a command of fw.",
                remedy="Give it a name of one or two free words, or 'run --OPTION'.",
            )
    return value
