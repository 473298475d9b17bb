"""What could stand at the end of an unfinished line that begins with `fw`."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping

from framework.cli import USAGE
from framework.discovery import installed, resolve
from framework.options import LEVELS

SHELLS = ("bash", "zsh", "fish")
MODES = ("cli", "desktop", "sim", "web", "worker")
PARSERS: Mapping[str, str] = {
    "completion": "fw_cli.completion:completion_parser",
    "config": "fw_cli.configuration:config_parser",
    "config check": "fw_cli.configuration:check_parser",
    "config show": "fw_cli.configuration:show_parser",
    "doctor": "fw_cli.doctor:doctor_parser",
    "graph": "fw_cli.graph:graph_parser",
    "init": "fw_cli.init:init_parser",
    "run": "framework.options:complete_run_parser",
    "run --explain": "fw_cli.explain:explain_parser",
}


def candidates(line: str, shell: str) -> list[str]:
    """The words, sorted. In bash only what follows the last ``:`` of the current word, as it splits words there."""
    words = _words(line)
    current = words.pop()
    found = sorted({word for word in _possible(words[1:], current) if word.startswith(current)})
    known = current.rpartition(":")[0] + ":" if ":" in current and shell == "bash" else ""
    return [word.removeprefix(known) for word in found]


def _words(line: str) -> list[str]:
    """The words up to the current one, which may be ''; quotes need not be closed."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    return [*words, ""] if not words or line[-1:].isspace() else words


def _possible(before: list[str], current: str) -> Iterable[str]:
    """Everything that could follow, whatever the current word begins with; options only if it begins like one."""
    if before[-1:] and (values := _values(before[-1])):
        return values
    while before[:1] == ["-p"]:
        before = before[2:]
    if not before:
        return ["-p", "--help", "--version"] if current.startswith("-") else _commands()
    commands = [f"{before[0]} {word}" for word in before[1:]]
    command = next((found for found in commands if found in PARSERS), before[0])
    if current.startswith("-"):
        return _options(command, before)
    return _arguments(before)


def _values(option: str) -> Iterable[str]:
    """What may follow an option."""
    match option:
        case "-p":
            names = [plugin.name for plugin in installed()]
            return [*names, *(f"no:{name}" for name in names)]
        case "--mode":
            return {*MODES, *(mode for plugin in installed() for mode in plugin.manifest.modes)}
        case "--log-level":
            return LEVELS
        case "--format":
            from fw_cli.graph import FORMATS

            return FORMATS
    return ()


def _commands() -> set[str]:
    return {*(command for command, _ in _own_commands()), *(words[0] for words in _of_plugins())}


def _of_plugins() -> list[list[str]]:
    """The commands that manifests name, each as its one or two words."""
    return [command.split() for plugin in installed() for command in plugin.manifest.commands]


def _own_commands() -> list[tuple[str, str]]:
    """The kernel's commands, such as ``("run", "")`` and ``("plugins", "list")``."""
    return re.findall(r"^  (\w+)(?: ([a-z]+))?", USAGE, re.MULTILINE)


def _options(command: str, before: list[str]) -> list[str]:
    if command in PARSERS:
        parser: ArgumentParser = resolve(PARSERS[command])()
        return [*re.findall(r"(?<![\w-])--?[a-z][a-z-]*", parser.format_usage()), "--help"]
    if before[0] == "plugins" and before[1:2] in (["list"], ["why"]):
        return ["--json"]
    return []


def _arguments(before: list[str]) -> Iterable[str]:
    match before:
        case ["plugins"]:
            return [word for command, word in _own_commands() if command == "plugins"]
        case ["plugins", "why"]:
            return [plugin.name for plugin in installed()]
        case ["completion"]:
            return SHELLS
        case ["init"]:
            from fw_cli.init import templates

            return templates()
        case [command]:
            return _second_words(command)
    return ()


def _second_words(command: str) -> list[str]:
    return [words[1] for words in (*map(str.split, PARSERS), *_of_plugins()) if words[0] == command and words[1:]]
