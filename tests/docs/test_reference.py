"""The reference is complete: hooks, settings with their defaults, options, endpoints, decisions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

import pytest

from framework import App
from framework.cli import USAGE
from framework.config import KERNEL_SECTIONS
from framework.discovery import installed, resolve
from framework.hookspecs import HOOKS
from fw_orchestrator import StateMachineBlueprint

from .pages import ROOT

REFERENCE = ROOT / "docs/reference"


def section(page: str, heading: str) -> str:
    """The text under a heading of a reference page."""
    text = (REFERENCE / page).read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/reference/{page} has no heading {heading!r}"
    return found[1]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_described(hook: str) -> None:
    text = (REFERENCE / "hooks.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{hook}\(app[^)]*\)` \|", text, re.MULTILINE), "not in the table"
    assert section("hooks.md", hook).strip()


def schemas() -> Iterator[tuple[str, type[Any]]]:
    """Every section of the kernel and of this project's plugins, with its dataclass."""
    yield from KERNEL_SECTIONS.items()
    for plugin in installed():
        if plugin.manifest.config and plugin.distribution.startswith("fw-"):
            yield plugin.name, resolve(plugin.manifest.config)


@pytest.mark.parametrize("name, schema", list(schemas()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_setting_is_described_with_its_default(name: str, schema: type[Any]) -> None:
    """And nothing else is."""
    text = section("configuration.md", f"[{name}]")
    described = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| `([^`]*)` \|", text, re.MULTILINE))
    assert described == {field.name: json.dumps(default(field)) for field in fields(schema)}


def default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def test_every_command_and_option_is_described() -> None:
    page = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "framework", "run", "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    commands = re.findall(r"^  (\w+(?: [a-z]+)?)", USAGE.partition("options:")[0], re.MULTILINE)
    options = re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", done.stdout) + re.findall(r"--[a-z-]+", USAGE)
    assert {"run", "plugins list"} <= set(commands)
    assert {"--mode", "--set", "-p"} <= set(options)
    words = {*(f"fw {command}" for command in commands), *options}
    described = set(re.findall(r"`([^`\n]+)`", page))
    assert [word for word in words if not any(re.search(rf"(?<!\S){word}\b", text) for text in described)] == []


def commands() -> Iterator[str]:
    """The commands that this project's plugins add, with their first words where they have several."""
    for plugin in installed():
        for command in plugin.manifest.commands if plugin.distribution.startswith("fw-") else ():
            yield from ("config show", "config check") if command == "config" else (command,)


@pytest.mark.parametrize("command", list(commands()))
def test_every_command_of_a_plugin_and_its_options_are_described(command: str) -> None:
    page = (REFERENCE / "command-line.md").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "framework", *command.split(), "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    row = re.search(rf"^\| `fw {command}\b[^`]*` \|.*$", page, re.MULTILINE)
    assert row, f"no row for fw {command}"
    described = " ".join(re.findall(r"`([^`\n]+)`", row[0] + section("command-line.md", "fw run")))
    options = set(re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", done.stdout)) - {"-h"}
    assert {"--help"} <= options
    assert [option for option in options if not re.search(rf"{option}\b", described)] == []


def test_every_exit_status_is_described() -> None:
    statuses = re.findall(r"(\d+) [a-z]", USAGE.partition("exit status:")[2])
    assert statuses == re.findall(r"^\| (\d+) \|", section("command-line.md", "Exit status"), re.MULTILINE)


async def test_every_endpoint_is_described() -> None:
    """And nothing is described that is not served."""
    blueprint = StateMachineBlueprint("reference", api_version="v1", api_endpoint="/reference")
    blueprint.handler_for("start", is_start=True, is_end=True)(lambda: None)
    tokens = {"client_token": "client", "worker_token": "worker"}
    app = App("reference", plugins=["orchestrator"], defaults={"orchestrator": tokens, "http": {"port": 0}})
    app.orchestrator.register_blueprint(blueprint)
    async with app:
        routes = [declaration.item for declaration in app.http.declared("route")]
    served = {f"{method} {route.path}" for route in routes for method in route.methods}
    page = (REFERENCE / "http-api.md").read_text(encoding="utf-8")
    described = re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", page, re.MULTILINE)
    named = {line.replace("{version}", "v1").replace("{api_endpoint}", "/reference") for line in described}
    assert named == served


def test_every_decision_is_listed_and_has_its_parts() -> None:
    folder = ROOT / "docs/adr"
    pages = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    listed = re.findall(r"^\| \[(\d{4})\]\(([^)]+)\) \|", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    assert listed == [(path.name[:4], path.name) for path in pages]
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], path.name
        assert text.startswith(f"# {path.name[:4]}: "), path.name
