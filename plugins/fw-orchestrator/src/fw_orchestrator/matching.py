"""Which worker suits a task: what the task requires against what the worker registered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_TO_READ = ("hint", "metadata")
REQUIREMENTS = ("skill_version", "skill_type", "max_cost", "resources", "software", "artifacts", "devices", *_TO_READ)
"""The members that the requirements of a task may have."""


def suits(requirements: Mapping[str, Any], skill: str, offer: Mapping[str, Any] | None) -> bool:
    """Whether a worker with this registration may get a task of ``skill``. Without requirements every worker may.

    ``skill_version`` and ``skill_type`` must equal those of the registered skill; ``max_cost`` bounds its cost (a
    worker that names none costs nothing); ``resources`` are least numbers, or equal values; ``software`` must be there
    in that version (``"*"``: any); ``artifacts`` and ``devices`` are names and types that must be among the worker's.
    ``hint`` and ``metadata``, which is the job's, are for the worker to read and exclude nobody.
    """
    if not requirements:
        return True
    if offer is None:
        return False
    return all(_CHECKS[name](wanted, skill, offer) for name, wanted in requirements.items())


def _skill(skill: str, offer: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((one for one in offer.get("supported_skills", ()) if one.get("name") == skill), {})


def _costs(wanted: float, skill: str, offer: Mapping[str, Any]) -> bool:
    cost = offer.get("capabilities", {}).get("cost_per_skill", {}).get(skill, 0)
    return bool(cost <= wanted)


def _resources(wanted: Mapping[str, Any], _skill: str, offer: Mapping[str, Any]) -> bool:
    there = offer.get("resources", {}).get("properties", {})
    return all(_enough(there.get(name), value) for name, value in wanted.items())


def _enough(there: Any, wanted: Any) -> bool:
    if _is_number(there) and _is_number(wanted):
        return bool(there >= wanted)
    return bool(there == wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _software(wanted: Mapping[str, str], _skill: str, offer: Mapping[str, Any]) -> bool:
    there = offer.get("installed_software", {})
    return all(name in there and version in ("*", there[name]) for name, version in wanted.items())


def _artifacts(wanted: Sequence[str], _skill: str, offer: Mapping[str, Any]) -> bool:
    return set(wanted) <= {artifact.get("name") for artifact in offer.get("installed_artifacts", ())}


def _devices(wanted: Sequence[str], _skill: str, offer: Mapping[str, Any]) -> bool:
    return set(wanted) <= {device.get("type") for device in offer.get("resources", {}).get("devices", ())}


_CHECKS: dict[str, Callable[[Any, str, Mapping[str, Any]], bool]] = {
    "skill_version": lambda wanted, skill, offer: bool(_skill(skill, offer).get("version") == wanted),
    "skill_type": lambda wanted, skill, offer: bool(_skill(skill, offer).get("type") == wanted),
    "max_cost": _costs,
    "resources": _resources,
    "software": _software,
    "artifacts": _artifacts,
    "devices": _devices,
    **dict.fromkeys(_TO_READ, lambda _wanted, _skill, _offer: True),
}
