"""Snapshots, forks, recordings and rewinding are exact; a difference is found and named."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from fw_environment import (
    Action,
    ActionStatus,
    BadFile,
    CannotRestore,
    Environment,
    History,
    NotNow,
    PlayerController,
    Recorder,
    Recording,
    State,
    System,
    UnknownName,
    column,
    find_desync,
    replay,
)
from fw_environment.fields import Declared

from .zoo import Bear, Cage, Gnats, Grazing, zoo

GOLDEN = "38e3cfe9e90e0cc845e5aa6c39c3adcf"


class Still(System):
    x: NDArray[np.float64] = column()


def test_a_restored_world_goes_on_as_it_did() -> None:
    """DESIGN 9: snapshot, restore and hash are exact."""
    env = zoo()
    env.step(5)
    state = env.snapshot()
    assert state.hash() == env.hash()
    env.step(20)
    later = env.hash()
    env.restore(state)
    assert env.hash() == state.hash()
    env.step(20)
    assert env.hash() == later


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(0, 3), st.integers(0, 1000))
def test_any_walk_through_snapshots_forks_and_bytes_ends_where_the_plain_run_ends(
    steps: list[int], bears: int, seed: int
) -> None:
    plain = zoo(seed, bears=max(bears, 1))
    plain.step(sum(steps))
    env = zoo(seed, bears=max(bears, 1))
    for number, count in enumerate(steps):
        state = env.snapshot()
        if number % 3 == 0:
            env.step(3)
            env.restore(state)
        elif number % 3 == 1:
            env = env.fork()
        else:
            fresh = zoo(seed, bears=max(bears, 1))
            fresh.know(Bear, Grazing)
            fresh.restore(fresh.load(state.to_bytes()))
            env = fresh
        assert env.hash() == state.hash()
        env.step(count)
    assert env.hash() == plain.hash()
    assert find_desync(env, plain, 2) is None


def test_objects_stay_themselves_and_come_back() -> None:
    env = zoo()
    bear, cub = env.find("cage/bear0"), None
    state = env.snapshot()
    env.step(12)
    cub = env.find("cage/cub")
    assert bear not in env.entities.values()
    env.restore(state)
    assert env.find("cage/bear0") is bear
    assert cub not in env.entities.values()
    assert not cub.alive
    assert [child.name for child in env.find("cage").children] == ["bear0", "bear1", "bear2"]
    assert bear.rng is env.stream(f"entity/{bear.id}")
    env.step(12)
    assert env.find("cage/cub").alive


def test_a_fork_goes_its_own_way() -> None:
    env = zoo()
    env.step(3)
    other = env.fork()
    before = env.hash()
    other.step(30)
    assert env.hash() == before
    assert {id(e) for e in env.entities.values()} & {id(e) for e in other.entities.values()} == set()
    env.step(30)
    assert env.hash() == other.hash()


async def test_running_actions_are_part_of_the_state() -> None:
    env = zoo()
    bear = next(env.of(Bear))
    bear.hunger = 50.0
    bear.controller.release()  # type: ignore[union-attr]  # it has one
    handle = bear.act(Action("eat", 1, duration=0.5))
    env.step(2)
    state = env.snapshot()
    ticks = handle.ticks
    env.step(1)
    env.restore(state)
    assert bear.acts["eat"].ticks == ticks
    assert bear.acts["eat"].status is ActionStatus.RUNNING
    fork = env.fork()
    assert [(h.pawn.id, h.action, h.ticks) for h in fork.actions] == [
        (h.pawn.id, h.action, h.ticks) for h in env.actions
    ]
    env.restore(zoo().snapshot())
    assert await handle is ActionStatus.CANCELLED


def test_hashes_are_equal_in_other_processes() -> None:
    program = "import zoo; env = zoo.zoo(); env.step(40); print(env.hash().hex())"
    hashes = set()
    for seed in ("0", "1", "random"):
        run = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)},
        )
        hashes.add(run.stdout.strip())
    env = zoo()
    env.step(40)
    assert hashes == {env.hash().hex()}


def test_the_hash_is_the_same_on_every_python() -> None:
    # The suite runs on 3.11, 3.12 and 3.13: each must find the number that the first of them wrote down.
    env = zoo()
    env.step(40)
    assert env.hash().hex() == GOLDEN


def test_nothing_adds_floats_with_the_builtin_sum() -> None:
    # Python 3.12 made it more exact, so worlds would differ between versions.
    sources = (Path(__file__).parents[1] / "src" / "fw_environment").rglob("*.py")
    builtin = re.compile(r"(?<![\w.])sum\(")
    assert [path.name for path in sources if builtin.search(path.read_text("utf-8"))] == []


def test_a_number_drawn_by_one_changes_nothing_for_the_others() -> None:
    plain, other = zoo(), zoo()
    first = next(other.of(Bear))
    first.rng.random()
    plain.step(5)
    other.step(5)
    hunger = [[bear.hunger for bear in env.of(Bear)] for env in (plain, other)]
    assert hunger[0][0] != hunger[1][0]
    assert hunger[0][1:] == hunger[1][1:]
    assert np.array_equal(plain.system(Gnats).y, other.system(Gnats).y)
    other.system(Gnats).rng.random()
    plain.step()
    other.step()
    assert not np.array_equal(plain.system(Gnats).y, other.system(Gnats).y)


class Season(System):
    """A rule without columns."""

    kind = "Season"
    day: int = 0

    def update(self, dt: float) -> None:
        self.day += 1


def test_a_rule_without_columns_is_saved_and_forked_as_any_system() -> None:
    env = Environment(dt=0.1)
    env.add_system(Season())
    env.step(3)
    state, fork = env.snapshot(), env.fork()
    env.step(2)
    fork.step(2)
    assert (env.hash(), env.system(Season).day) == (fork.hash(), 5)
    env.restore(state)
    assert env.system(Season).day == 3


def test_a_state_does_not_fit_another_world() -> None:
    state = zoo().snapshot()
    text: Any = state.to_bytes()
    with pytest.raises(CannotRestore, match=r"bytes is no state.*env\.load\(\)"):
        zoo().restore(text)
    with pytest.raises(CannotRestore, match=r"The state has seed=7"):
        zoo(8).restore(state)
    with pytest.raises(CannotRestore, match=r"The state has other systems: Gnats"):
        Environment(dt=0.1, seed=7).restore(state)
    env = zoo()
    with pytest.raises(UnknownName, match=r"no class called 'Bear'.*env.know"):
        Environment(dt=0.1, seed=7).load(state.to_bytes())
    with pytest.raises(BadFile, match=r"It does not begin with"):
        env.load(b"n")
    cut = state.to_bytes()[:-3]
    with pytest.raises(BadFile, match=r"The bytes end early"):
        env.load(cut)


def test_a_saved_state_of_a_class_that_has_changed_is_refused() -> None:
    data = zoo().snapshot().to_bytes()
    changed: Any = Declared("Bear", (Cage,), {"__annotations__": {"thirst": "float"}, "thirst": 0.0, "kind": "Bear"})
    with pytest.raises(BadFile, match=r"The saved state of Bear: The class has other fields: .*thirst"):
        State.from_bytes(data, {"Bear": changed, "Cage": Cage, "Grazing": Grazing, "Gnats": Gnats})


# -- recordings


def played(*, states: bool = False) -> tuple[Environment, Recording]:
    """A run with inputs of every kind."""
    env = zoo(bears=1)
    player = PlayerController().possess(env.spawn(Bear(name="player")))
    with Recorder(env, states=states) as recording:
        for tick in range(30):
            if tick % 4 == 0:
                player.send(Action("move", (tick % 3) - 1))
            if tick == 9:
                env.inputs.event("feed", 1.0)
            if tick == 15:
                env.inputs.set(player.pawn_id, "speed", 3.0)
            env.step()
    return env, recording


def fresh() -> Environment:
    """The same world, at its beginning."""
    env = zoo(bears=1)
    PlayerController().possess(env.spawn(Bear(name="player")))
    return env


def test_a_replay_is_equal_in_every_step(tmp_path: Path) -> None:
    env, recording = played()
    recording.save(tmp_path / "run.rec")
    again = fresh()
    player = next(c for c in again.controllers.values() if isinstance(c, PlayerController))
    player.send(Action("move", 1.0))  # what is sent during a replay does not count
    assert replay(again, Recording.read(tmp_path / "run.rec")) is None
    assert again.hash() == env.hash() == recording.hashes[-1]
    assert len(recording) == 30
    assert [path.name for path in tmp_path.iterdir()] == ["run.rec"]


@pytest.mark.parametrize("states", [True, False])
def test_a_replay_names_the_first_field_that_differs(states: bool) -> None:
    _, recording = played(states=states)

    class Odd(Gnats):
        def update(self, dt: float) -> None:
            super().update(dt)
            if self.env.tick == 17:
                for bear in self.env.of(Bear):
                    bear.hunger += 2**-40

    again = fresh()
    again.system("Gnats").__class__ = Odd
    again.kinds["Gnats"] = Odd
    found = replay(again, recording)
    assert found is not None
    assert found.tick == 18
    if states:
        assert found.place == "Bear 2 'bear0'.hunger" or found.place.startswith("Bear 3")
        assert abs(found.left - found.right) < 1e-9
    else:
        assert (found.place, found.left) == ("Bear.hunger", None)


CHANGES: list[tuple[str, Any]] = [
    ("Bear 3 'bear1'.hunger", lambda e: setattr(e.find("cage/bear1"), "hunger", -0.0)),
    ("Grazing 2.turns", lambda e: setattr(e.controllers[2], "turns", 99)),
    ("Gnats.x[5]", lambda e: e.system("Gnats").x.__setitem__(5, 77.0)),
    ("Gnats.wind", lambda e: setattr(e.system("Gnats"), "wind", 9.0)),
    ("streams['weather']", lambda e: e.stream("weather").bits()),
    ("generators['system/Gnats']", lambda e: e.generator("system/Gnats").random()),
    ("events[0]", lambda e: e.events.cancel(1)),
    ("Cage 5", lambda e: e.spawn(Cage())),
    ("tick", lambda e: e.step()),
    ("actions[0]", lambda e: e.find("cage/bear1").act(Action("eat", 0, 9.0))),
]


@pytest.mark.parametrize("place, change", CHANGES, ids=[place for place, _ in CHANGES])
def test_every_kind_of_difference_is_found_by_name(place: str, change: Any) -> None:
    one, two = zoo(), zoo()
    change(two)
    found = find_desync(one, two, 3)
    assert found is not None
    assert found.place == place
    assert place in str(found)


def test_equal_worlds_have_no_difference() -> None:
    assert find_desync(zoo(), zoo(), 15) is None


@pytest.mark.parametrize("data", [b"", b"n", b"l\x01\0\0\0n"])
def test_a_file_that_is_no_recording_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.rec"
    path.write_bytes(data)
    with pytest.raises(BadFile, match=r"x\.rec"):
        Recording.read(path)


# -- rewinding


@pytest.mark.parametrize("every", [1, 4])
def test_a_world_is_rewound_to_any_kept_step(every: int) -> None:
    env = fresh()
    player = next(c for c in env.controllers.values() if isinstance(c, PlayerController))
    history = History(env, every=every, keep=5)
    hashes = {0: env.hash()}
    for tick in range(1, 23):
        player.send(Action("move", 1.0 if tick % 2 else -1.0))
        env.step()
        hashes[tick] = env.hash()
    first, last = history.ticks
    assert (first, last) == ((18, 22) if every == 1 else (4, 22))
    for tick in (21, 19, first):
        history.rewind(tick)
        assert (env.tick, env.hash()) == (tick, hashes[tick])
    with pytest.raises(NotNow, match=rf"Steps {first} to {first} are"):
        history.rewind(22)
    env.step(2)
    history.rewind(first + 1)
    history.close()
    env.step()
    assert history.ticks[1] == first + 1


def test_a_state_that_does_not_fit_leaves_the_world_as_it_was() -> None:
    env, other = zoo(), Environment(dt=0.5)
    before = env.hash()
    with pytest.raises(CannotRestore, match=r"The state has dt=0\.5"):
        env.restore(other.snapshot())
    assert (env.hash(), env.failure) == (before, "")
    env.step()


def test_in_a_replay_only_the_recording_speaks() -> None:
    env = Environment(dt=0.1)
    kicks: list[float] = []
    env.events.on("kick")(lambda env: kicks.append(env.time))
    env.watchers.append(lambda env: env.inputs.event("kick"))  # somebody outside, who is still there in the replay
    with Recorder(env) as recording:
        env.step(5)
    kicks.clear()
    assert replay(env, recording) is None
    assert len(kicks) == 4
    assert replay(env, recording, until=2) is None
    assert env.tick == 2


def test_a_recording_without_states_names_the_part_that_differs_and_how_to_know_more() -> None:
    env, other = zoo(), zoo()
    with Recorder(env) as recording:
        env.step(5)
    other.events.on("extra")(lambda env: env.spawn(Bear()))
    other.events.at(0.1, "extra")
    start = Recording(other.snapshot().to_bytes(), recording.inputs, recording.digests)
    difference = replay(other, start)
    assert difference is not None
    assert (difference.tick, difference.place) == (1, "Bear.id")
    assert str(difference) == "After step 1, Bear.id differs. A Recorder with states=True tells who and the values."


def test_what_waits_to_come_in_is_forgotten_by_a_restore() -> None:
    env = zoo()
    state = env.snapshot()
    env.inputs.set(next(env.of(Bear)).id, "x", 99.0)
    env.restore(state)
    env.step()
    assert env.inputs.last == ()


def test_a_difference_in_the_sign_of_a_zero_in_a_column_is_found_and_nan_is_equal_to_nan() -> None:
    one, other = (Environment(dt=0.1) for _ in "ab")
    for env in (one, other):
        env.add_system(Still(rows=3)).x[:] = (0.0, np.nan, 1.0)
    assert find_desync(one, other, 1) is None
    other.system(Still).x[0] = -0.0
    difference = find_desync(one, other, 1)
    assert difference is not None
    assert (difference.place, str(difference.right)) == ("Still.x[0]", "-0.0")
