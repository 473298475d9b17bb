"""Templates of entities: read, spawned, and edited while a world runs."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from fw_environment import (
    BadFile,
    Environment,
    History,
    NotDeterministic,
    Recorder,
    StepFailed,
    Templates,
    UnknownName,
    replay,
)

from .zoo import Bear, Cage, Grazing

TOML = """
[animal]
kind = "Bear"
hunger = 3.0
tags = ["animal"]

[bear]
extends = "animal"
speed = 2.0
controller = "grazing"

[pit]
kind = "Cage"
children = ["bear", "animal"]
"""


def templates(path: Path, text: str = TOML) -> Templates:
    path.write_text(text)
    return Templates(path, [Bear, Cage], {"grazing": Grazing})


YAML = """
animal: {kind: Bear, hunger: 3.0, tags: [animal]}
bear: {extends: animal, speed: 2.0, controller: grazing}
pit: {kind: Cage, children: [bear, animal]}
"""


@pytest.mark.parametrize("name, text", [("zoo.toml", TOML), ("zoo.yaml", YAML)])
def test_a_template_spawns_an_entity_with_its_parts_and_controllers(name: str, text: str, tmp_path: Path) -> None:
    env = Environment()
    pit = templates(tmp_path / name, text).spawn(env, "pit", name="deep")
    bear, other = pit.children
    assert isinstance(bear, Bear)
    assert isinstance(other, Bear)
    assert (bear.hunger, bear.speed, bear.tags, bear.template) == (3.0, 2.0, ("animal",), "bear")
    assert (other.speed, pit.name) == (1.0, "deep")
    assert isinstance(bear.controller, Grazing)
    env.step()


def test_a_changed_file_reaches_those_that_still_have_the_old_value(tmp_path: Path) -> None:
    path = tmp_path / "zoo.toml"
    found = templates(path)
    env = Environment()
    env.know(Grazing)
    fast, own = (found.spawn(env, "bear") for _ in range(2))
    own.speed = 7.0  # type: ignore[attr-defined]  # a Bear
    assert found.reload(env) == []
    with Recorder(env) as recording:
        path.write_text(TOML.replace("speed = 2.0", "speed = 4.25"))
        assert found.reload(env) == ["bear"]
        env.step(2)
    assert [bear.speed for bear in env.of(Bear)] == [4.25, 7.0]
    assert found.spawn(env, "bear").speed == 4.25  # type: ignore[attr-defined]
    again = Environment()
    again.know(Bear, Grazing)
    assert replay(again, recording) is None
    assert fast.alive


BROKEN = [
    ("speed = 2.0", "sped = 2.0", r"zoo.toml:9, template 'bear': Bear has no field 'sped'\. Did you mean 'speed'"),
    (
        "speed = 2.0",
        'speed = "fast"',
        r"zoo.toml:9, template 'bear': speed is 'fast', Bear.speed a float",
    ),
    ('"Cage"', '"Cag"', r"zoo.toml:13, template 'pit': Its kind is 'Cag'\. Did you mean 'Cage'"),
    ('extends = "animal"', 'extends = "bear"', r"zoo.toml:8, template 'bear': It extends itself: bear -> bear"),
    (
        'extends = "animal"',
        'extends = "animl"',
        r"zoo.toml:8, .* extends 'animl', .* not there\. Did you mean 'animal'",
    ),
    ('"grazing"', '"gracing"', r"zoo.toml:10, .* There is no controller 'gracing'"),
    ('["bear", "animal"]', '["beer"]', r"zoo.toml:14, .* Its part 'beer' is no template.* Did you mean 'bear'"),
    ("hunger = 3.0", "hunger = true", r"zoo.toml:4, template 'animal': hunger is True"),
    ("[pit]", "[pit", r"zoo.toml:12: It cannot be read: .* \(at line 12, column 5\)"),
]


@pytest.mark.parametrize("old, new, message", BROKEN)
def test_a_broken_file_is_refused_and_changes_nothing(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "zoo.toml"
    found = templates(path)
    before = found.all
    path.write_text(TOML.replace(old, new))
    with pytest.raises(BadFile, match=message):
        found.reload()
    assert found.all is before
    with pytest.raises(UnknownName, match=r"no template 'bare'. Did you mean 'bear'"):
        found.spawn(Environment(), "bare")


@pytest.mark.parametrize(
    "old, new, line", [("speed: 2.0", "sped: 2.0", 3), ("kind: Bear", "kind: Bare", 2), ("grazing}", "gracing}", 3)]
)
def test_in_yaml_too_the_line_is_told(old: str, new: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=rf"zoo.yaml:{line}, template"):
        templates(tmp_path / "zoo.yaml", YAML.replace(old, new))


def test_yaml_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"zoo.yaml:3: It cannot be read: .* found ',' \(at line 3, column 33\)"):
        templates(tmp_path / "zoo.yaml", YAML.replace("speed: 2.0", "speed: }"))


def world(found: Templates) -> Environment:
    """Spawns a bear in every third step: so it shows which templates there were then."""
    env = Environment(dt=0.1, deterministic=True)
    env.know(Bear, Grazing, Cage)
    found.attach(env)

    @env.events.on("born")
    def born(env: Environment) -> None:
        found.spawn(env, "bear")
        env.events.after(0.3, "born")

    env.events.at(0.3, "born")
    return env


def speeds(env: Environment) -> list[float]:
    return [bear.speed for bear in env.of(Bear)]


def test_a_saved_file_reaches_an_attached_world_between_two_steps_and_a_replay_has_both(tmp_path: Path) -> None:
    path = tmp_path / "zoo.toml"
    found = templates(path)
    env = world(found)
    with Recorder(env) as recording:
        env.step(5)
        path.write_text(TOML.replace("speed = 2.0", "speed = 4.25"))
        env.step()  # it is noticed at the end of this step
        assert speeds(env) == [2.0, 2.0]
        env.step()  # and comes in at the beginning of this one
        assert speeds(env) == [4.25, 4.25]
        env.step(3)
    assert speeds(env) == [4.25] * 3
    path.write_text(TOML.replace("speed = 2.0", "speed = 9.0"))
    assert replay(world(templates(path, path.read_text())), recording) is None
    assert replay(world(templates(path, TOML)), recording) is None


def test_a_rewound_world_has_the_templates_that_it_had(tmp_path: Path) -> None:
    path = tmp_path / "zoo.toml"
    found = templates(path)
    env = world(found)
    history, before = History(env), env.fork()
    env.step(4)
    path.write_text(TOML.replace("speed = 2.0", "speed = 4.25"))
    env.step(4)
    assert found.of(env)["bear"].values["speed"] == 4.25
    assert found.of(before)["bear"].values["speed"] == 2.0
    history.rewind(2)
    assert found.of(env)["bear"].values["speed"] == 2.0
    env.step()
    assert speeds(env) == [2.0]


def test_a_file_that_is_wrong_is_told_once_and_the_next_one_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "zoo.toml"
    env = world(templates(path))
    path.write_text(TOML.replace("speed = 2.0", "sped = 2.0"))
    env.step(3)
    path.unlink()
    env.step(3)
    [told] = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert "zoo.toml:9, template 'bear': Bear has no field 'sped'" in told.getMessage()
    assert speeds(env) == [2.0, 2.0]
    path.write_text(TOML.replace("speed = 2.0", "speed = 4.25"))
    env.step(2)
    assert speeds(env) == [4.25, 4.25]


def test_a_deterministic_world_takes_changes_only_where_the_templates_are_attached(tmp_path: Path) -> None:
    path = tmp_path / "zoo.toml"
    found = templates(path)
    path.write_text(TOML.replace("speed = 2.0", "speed = 4.25"))
    with pytest.raises(NotDeterministic, match="Attach the templates to it"):
        found.reload(Environment(deterministic=True))


def test_a_field_of_a_system_that_is_not_there_fails_the_step(tmp_path: Path) -> None:
    env = world(templates(tmp_path / "zoo.toml"))
    env.inputs.tune("templates zoo.toml", "txt", "")
    with pytest.raises(StepFailed, match=r"phase input: an input raised UnknownField"):
        env.step()
