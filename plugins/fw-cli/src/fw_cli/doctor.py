"""`fw doctor`: what is wrong with an installation, each finding with its remedy."""

from __future__ import annotations

import json
import platform
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from framework.discovery import installed
from framework.errors import EXIT_FAILURE, FrameworkError
from framework.index import refresh, state
from framework.options import RunOptions
from fw_cli.application import application, options, parser
from fw_cli.finding import Finding
from fw_cli.requirements import installed_distributions, requirement_findings
from fw_cli.settings import problems

KERNEL_PARTS = ("fw-core", "pluggy", "importlib-metadata")


def doctor_parser() -> ArgumentParser:
    """The parser of ``fw doctor``."""
    made = parser("doctor", "Look for what is wrong here: packages, plugins, index, settings. Exit status 1 if any is.")
    made.add_argument("--json", action="store_true")
    return made


def doctor_command(arguments: Sequence[str]) -> int:
    """Print versions and findings; 1 if there are findings, else 0."""
    given = doctor_parser().parse_args(arguments)
    shown = versions()
    findings = list(diagnosis(options(given)))
    if given.json:
        print(json.dumps({"versions": shown, "findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        print("\n".join(_lines(shown, findings)))
    return EXIT_FAILURE if findings else 0


def versions() -> dict[str, str]:
    """Python, the kernel and what it stands on, and the distribution of each plugin, with their versions."""
    there = installed_distributions()
    found = {"python": platform.python_version()}
    found |= {name: there[name].version for name in KERNEL_PARTS if name in there}
    return found | {plugin.distribution: plugin.version for plugin in installed() if plugin.distribution}


def diagnosis(chosen: RunOptions) -> Iterator[Finding]:
    """Everything that is wrong, the installation first."""
    yield from requirement_findings(installed_distributions())
    for plugin in installed():
        if plugin.broken:
            what, _, remedy = plugin.broken.partition("\n")
            yield Finding(
                "unreadable manifest",
                f"Plugin {plugin.name!r} ({plugin.distribution} {plugin.version}) cannot be used: {what}",
                remedy.strip() or f"Repair, upgrade or uninstall {plugin.distribution}.",
            )
    yield from _index()
    yield from _settings(chosen)


def _index() -> Iterator[Finding]:
    refresh()
    file, holds = state()
    if not holds:
        yield Finding(
            "dead index",
            f"The index of plugins cannot be kept in {file}: every command looks through the whole environment.",
            "Make its folder your own and writable, or name another in XDG_CACHE_HOME (LOCALAPPDATA on Windows).",
        )


def _settings(chosen: RunOptions) -> Iterator[Finding]:
    try:
        found = problems(application(chosen), chosen)
    except FrameworkError as error:
        found = [error]
    for problem in found:
        yield Finding("configuration", problem.message, problem.remedy or "Correct it; fw config check looks again.")


def _lines(shown: Mapping[str, str], findings: Sequence[Finding]) -> Iterator[str]:
    width = max(map(len, shown))
    for name, version in shown.items():
        yield f"{name:{width}}  {version}"
    yield ""
    for finding in findings:
        yield f"{finding.kind}: {finding.what}"
        yield f"  {finding.remedy}"
    yield f"{len(findings)} problem{'s' * (len(findings) != 1)} found." if findings else "Nothing is wrong."
