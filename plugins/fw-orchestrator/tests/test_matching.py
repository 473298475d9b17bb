"""Which worker suits a task: one that has what the task requires."""

from __future__ import annotations

from typing import Any

import pytest

from fw_orchestrator.matching import REQUIREMENTS, suits

OFFER: dict[str, Any] = {
    "supported_skills": [{"name": "echo", "type": "audio", "version": "2"}, {"name": "other", "version": "1"}],
    "capabilities": {"cost_per_skill": {"echo": 1.5}},
    "resources": {
        "properties": {"ram_gb": 16, "zone": "eu", "ssd": True},
        "devices": [{"type": "gpu", "model": "x"}, {"type": "tpu"}],
    },
    "installed_software": {"ffmpeg": "7"},
    "installed_artifacts": [{"name": "model-a"}, {"name": "model-b"}],
}

CASES: list[tuple[str, Any, bool]] = [
    ("skill_version", "2", True),
    ("skill_version", "1", False),
    ("skill_type", "audio", True),
    ("skill_type", "video", False),
    ("max_cost", 1.5, True),
    ("max_cost", 1.4, False),
    ("resources", {"ram_gb": 16}, True),
    ("resources", {"ram_gb": 16.5}, False),
    ("resources", {"ram_gb": 8, "zone": "eu"}, True),
    ("resources", {"zone": "us"}, False),
    ("resources", {"ssd": True}, True),
    ("resources", {"ssd": 0}, False),
    ("resources", {"ram_gb": "16"}, False),
    ("resources", {"cpu_cores": 1}, False),
    ("software", {"ffmpeg": "*"}, True),
    ("software", {"ffmpeg": "7"}, True),
    ("software", {"ffmpeg": "6"}, False),
    ("software", {"blender": "*"}, False),
    ("artifacts", ["model-b"], True),
    ("artifacts", ["model-a", "model-c"], False),
    ("devices", ["gpu", "tpu"], True),
    ("devices", ["npu"], False),
    ("devices", ["gpu", "npu"], False),
    ("hint", {"anything": 1}, True),
    ("metadata", {"customer": "b"}, True),
]


@pytest.mark.parametrize("name, wanted, fits", CASES)
def test_each_requirement_is_compared_with_what_was_registered(name: str, wanted: Any, fits: bool) -> None:
    assert suits({name: wanted}, "echo", OFFER) is fits


def test_there_is_a_case_for_every_requirement() -> None:
    assert {name for name, _, _ in CASES} == set(REQUIREMENTS)


def test_what_is_required_of_a_skill_is_required_of_that_very_skill() -> None:
    assert suits({"skill_version": "1"}, "other", OFFER)
    assert not suits({"skill_version": "2"}, "other", OFFER)
    assert not suits({"skill_version": "2"}, "unknown", OFFER)
    assert not suits({"skill_type": "audio"}, "other", OFFER)


def test_all_must_be_met_at_once() -> None:
    assert suits({"skill_version": "2", "software": {"ffmpeg": "*"}}, "echo", OFFER)
    assert not suits({"skill_version": "2", "software": {"blender": "*"}}, "echo", OFFER)


def test_who_names_no_cost_costs_nothing() -> None:
    assert suits({"max_cost": 0}, "other", OFFER)


def test_a_worker_that_has_not_registered_suits_what_requires_nothing() -> None:
    assert suits({}, "echo", None)
    assert not suits({"hint": "gpu"}, "echo", None)
    assert not suits({"software": {"ffmpeg": "*"}}, "echo", {})
