"""`python -m fw_testing services`: which components this machine has; `--apt` installs what is missing."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from fw_testing.components import Inventory, UnknownComponent

OK, FAILED, LACKING = 0, 1, 3


class InstallFailed(Exception):
    """Components could not be installed; the message says why and what to do instead."""


def obstacle() -> str:
    """Why apt-get cannot be used here, or '' if it can."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get on this machine; install the components as their lines say"
    if os.geteuid() != 0:
        return "apt-get needs root; run as root, or leave --apt out"
    return ""


def install(packages: Sequence[str]) -> None:
    """Installs Debian packages with one apt-get call after one update of its lists."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]):
        print("+ " + " ".join(command), file=sys.stderr, flush=True)
        done = subprocess.run(command, env=env, stdout=sys.stderr, check=False)  # stdout is for the report alone
        if done.returncode:
            why = f"`{' '.join(command)}` ended with exit code {done.returncode}, for the reason it gives above"
            raise InstallFailed(f"{why}; repair apt, or leave --apt out")


def provide(inventory: Inventory) -> None:
    """Installs what `inventory` lacks and needs no apt."""
    for name in inventory.absent(inventory.requirements):
        requirement = inventory.requirements[name]
        if requirement.install is None:
            continue
        try:
            requirement.install()
        except (OSError, subprocess.CalledProcessError) as error:
            if not requirement.optional:
                raise InstallFailed(f"{name}: {error}; look above for the reason") from error
            print(f"{name} could not be installed, and is left out: {error}", file=sys.stderr)
    inventory.forget()


def complete(inventory: Inventory, asked: bool) -> None:
    """Installs what `inventory` lacks; an obstacle is an error only if the user `asked` for it with --apt."""
    absent = inventory.absent(inventory.requirements)
    packages = [package for name in absent for package in inventory.requirements[name].apt.split()]
    if not packages:
        return
    reason = obstacle()
    if reason:
        if asked:
            raise InstallFailed(reason)
        return
    install(packages)
    inventory.forget()


def report(inventory: Inventory, as_json: bool) -> str:
    """The list of components: a line each, or a JSON list of objects with name, where, version and remedy."""
    names = sorted(inventory.requirements)
    if not as_json:
        width = max(len(name) for name in names)
        return "\n".join(f"{name:<{width}}  {inventory.state(name)}" for name in names)
    rows = []
    for name in names:
        found = inventory.find(name)
        where, version = (found.where, found.version) if found else (None, None)
        rows.append({"name": name, "where": where, "version": version, "remedy": inventory.requirements[name].remedy})
    return json.dumps(rows, indent=2)


def main(arguments: Sequence[str]) -> int:
    """Exit codes: 0, 1 if an installation failed, 2 for wrong arguments, 3 if FW_REQUIRE demands what is absent."""
    parser = argparse.ArgumentParser(prog="python -m fw_testing")
    commands = parser.add_subparsers(dest="command", required=True)
    services = commands.add_parser("services", help="list the components that tests may need")
    services.add_argument(
        "--apt", action="store_true", help="install what is missing (root, Debian); CI=true implies it"
    )
    services.add_argument("--json", action="store_true", help="print a JSON list")
    options = parser.parse_args(arguments)
    inventory = Inventory()
    try:
        required = inventory.demanded(os.environ.get("FW_REQUIRE", ""))
        if options.apt or os.environ.get("CI") == "true":
            complete(inventory, options.apt)
            provide(inventory)
    except UnknownComponent as error:
        print(error, file=sys.stderr)
        return LACKING
    except InstallFailed as error:
        print(f"Components were not installed: {error}.", file=sys.stderr)
        return FAILED
    print(report(inventory, options.json), flush=True)
    refusal = inventory.refusal(required)
    if refusal:
        print(refusal, file=sys.stderr)
        return LACKING
    return OK
