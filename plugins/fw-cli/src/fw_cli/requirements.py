"""What the installed distributions require of each other and do not get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from fw_cli.finding import Finding


def installed_distributions() -> dict[str, Distribution]:
    """Every distribution by its canonical name; the first one on the path hides others, as it does for imports."""
    found: dict[str, Distribution] = {}
    for distribution in distributions():
        name = distribution.metadata["Name"] if distribution.metadata else None
        if name:
            found.setdefault(canonicalize_name(name), distribution)
    return found


def requirement_findings(installed: dict[str, Distribution]) -> Iterator[Finding]:
    """A finding for each requirement that is missing, or that is there in a version which does not serve."""
    for name, distribution in sorted(installed.items()):
        for line in distribution.requires or ():
            yield from _wrong(name, line, installed, ("",))


def _wrong(name: str, line: str, installed: dict[str, Distribution], extras: Iterable[str]) -> Iterator[Finding]:
    try:
        requirement = Requirement(line)
    except InvalidRequirement as error:
        yield Finding(
            "unreadable requirement",
            f"{name} requires {line!r}, which cannot be read: {str(error).splitlines()[0]}",
            f"Install {name} again, or another version of it: pip install --force-reinstall {name}.",
        )
        return
    if requirement.marker and not any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
        return
    there = installed.get(canonicalize_name(requirement.name))
    wanted = f"{requirement.name}{requirement.specifier}"
    if there is None:
        yield Finding(
            "missing requirement", f"{name} requires {wanted}, which is not installed.", f"pip install {wanted!r}"
        )
    elif not _serves(requirement, there):
        yield Finding(
            "conflict",
            f"{name} requires {wanted}, but {requirement.name} {there.version} is installed.",
            f"pip install {wanted!r}, or another version of {name}.",
        )


def _serves(requirement: Requirement, there: Distribution) -> bool:
    try:
        return requirement.specifier.contains(there.version, prereleases=True)
    except InvalidVersion:
        return False
