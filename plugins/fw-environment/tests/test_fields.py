"""What belongs to the state is declared; nothing else can be set."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fw_environment import (
    BadDeclaration,
    BadFile,
    Box,
    Dict,
    Discrete,
    Environment,
    EnvironmentEntity,
    NotNow,
    NotPlain,
    Pawn,
    Stream,
    System,
    UnknownField,
    UnknownName,
    column,
    effector,
)
from fw_environment.fields import Declared
from fw_environment.packing import pack, pack_column, unpack

from .zoo import Bear, Cage


def test_an_undeclared_attribute_cannot_be_set() -> None:
    with pytest.raises(AttributeError, match=r"'Bear' object has no attribute 'hungr'"):
        Bear().hungr = 1.0  # type: ignore[attr-defined]
    with pytest.raises(UnknownField, match=r"Bear declares no field 'hungr'. Did you mean 'hunger'"):
        Bear(hungr=1.0)  # type: ignore[call-arg]


def test_a_subclass_adds_fields_and_changes_defaults() -> None:
    class Cub(Bear):
        kind = "Cub"
        speed = 0.5
        mother: int = 0

    cub = Cub(hunger=2.0)
    assert (cub.speed, cub.hunger, cub.mother, Bear().speed) == (0.5, 2.0, 0, 1.0)
    assert set(Cub.fields) == {*Bear.fields, "mother"}
    assert "_log" not in Cub.fields


def test_a_default_that_could_be_shared_is_refused() -> None:
    with pytest.raises(BadDeclaration, match=r"Bag.items: The default \[\] could be shared"):

        class Bag(EnvironmentEntity):
            kind = "Bag"
            items: list[str] = []  # noqa: RUF012 - what is refused


def test_a_base_class_that_lets_anything_be_set_is_refused() -> None:
    class Loose:
        pass

    with pytest.raises(BadDeclaration, match=r"Loose lets any attribute be set. Put `__slots__ = \(\)` into Loose"):

        class Mixed(Loose, EnvironmentEntity):
            kind = "Mixed"


def test_a_field_without_default_must_be_given() -> None:
    class Named(EnvironmentEntity):
        kind = "Named"
        owner: str

    assert Named(owner="me").owner == "me"
    with pytest.raises(BadDeclaration, match=r"'owner' has no default"):
        Named()  # type: ignore[call-arg]


@pytest.mark.parametrize("value", [[1], {"a": 1}, object(), np.float32(1), (1, [2])])
def test_a_value_that_is_not_plain_is_refused(value: Any) -> None:
    env = Environment()
    with pytest.raises(NotPlain, match=r"Bear.hunger holds"):
        env.spawn(Bear(hunger=value))
    assert env.entities == {}
    env.spawn(Bear()).hunger = value
    with pytest.raises(NotPlain, match=r"refer to an entity by its id"):
        env.snapshot().hash()


TEXTS = st.sampled_from(["", "a", "ъ\0", "\U00010000", "a longer one"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(PLAIN)
def test_plain_data_come_back_bit_by_bit(value: Any) -> None:
    assert pack(unpack(pack(value))) == pack(value)
    if "nan" not in repr(value):
        assert unpack(pack(value)) == value


@settings(deadline=None)
@given(PLAIN, st.data())
def test_bytes_that_are_cut_or_go_on_are_refused(value: Any, data: st.DataObject) -> None:
    whole = pack(value)
    with pytest.raises(BadFile, match=r"bytes too many"):
        unpack(whole + b"n")
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(BadFile):
        unpack(whole[:cut])


@settings(deadline=None)
@given(st.lists(st.floats() | st.integers(), max_size=5), st.lists(st.floats() | st.integers(), max_size=5))
def test_columns_have_equal_bytes_exactly_where_their_values_have(left: list[Any], right: list[Any]) -> None:
    equal = [pack(v) for v in left] == [pack(v) for v in right]
    assert (pack_column(left, "left") == pack_column(right, "right")) == equal


def test_zero_and_minus_zero_one_and_true_differ() -> None:
    packed = [pack(value) for value in (0.0, -0.0, 0, False, 1, 1.0, True, "1", b"1", None, ())]
    assert len(set(packed)) == len(packed)
    assert pack({"b", "a", "c"}) == pack({"c", "b", "a"})


def test_the_tree_of_entities_has_places_names_and_tags() -> None:
    env = Environment()
    cage = env.spawn(Cage(name="cage"), at=(10.0, 5.0))
    cage.angle = math.pi / 2
    bear = cage.add(Bear(name="teddy", tags=("animal",), x=2.0, y=0.0))
    ear = bear.add(EnvironmentEntity(name="ear", x=1.0))
    assert env.find("cage/teddy/ear") is ear
    assert ear.world_place == pytest.approx((10.0, 8.0, math.pi / 2))
    assert [entity.name for entity in cage.family()] == ["cage", "teddy", "ear"]
    assert (env.tagged("animal"), ear.parent, cage.parent) == ([bear], bear, None)
    with pytest.raises(UnknownName, match=r"no entity 'tedy'. Did you mean 'teddy'"):
        env.find("cage/tedy")
    with pytest.raises(NotNow, match=r"is in a world already"):
        env.spawn(bear)
    with pytest.raises(NotNow, match=r"is in no world"):
        _ = Bear().env


def test_two_classes_of_one_name_cannot_share_a_world() -> None:
    env = Environment()
    env.spawn(Bear())
    other: Any = Declared("Bear", (EnvironmentEntity,), {"__module__": "elsewhere"})
    with pytest.raises(BadDeclaration, match=r"zoo.Bear is 'Bear' already"):
        env.spawn(other())


# -- chance


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 1000))
def test_a_stream_goes_on_from_its_count(key: int, count: int) -> None:
    stream = Stream(key)
    drawn = [stream.bits() for _ in range(3)]
    assert [Stream(key, at).bits() for at in range(3)] == drawn
    assert all(0 <= Stream(key, count).random() < 1 for _ in range(3))


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(1, 50))
def test_draws_lie_where_they_should(key: int, count: int) -> None:
    stream = Stream(key)
    items = list(range(count))
    assert 0 <= stream.below(count) < count
    assert stream.choice(items) in items
    assert -2 <= stream.uniform(-2, 3) < 3
    assert 2 <= stream.integer(2, 2 + count) <= 2 + count
    assert len(set(stream.sample(items, count // 2))) == count // 2
    stream.shuffle(items)
    assert sorted(items) == list(range(count))
    assert math.isfinite(stream.normal())


def test_a_stream_is_even_and_its_first_numbers_never_change() -> None:
    stream = Stream(1234567)
    # The reference implementation of SplitMix64 gives these for this seed.
    assert [stream.bits() for _ in range(3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    draws = [stream.below(10) for _ in range(20_000)]
    assert all(1850 < draws.count(digit) < 2150 for digit in range(10))
    normal = np.array([stream.normal(5, 2) for _ in range(20_000)])
    assert normal.mean() == pytest.approx(5, abs=0.06)
    assert normal.std() == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize("ask", [lambda s: s.below(0), lambda s: s.sample([1], 2), lambda s: s.choice([])])
def test_an_impossible_draw_is_an_error(ask: Any) -> None:
    with pytest.raises(ValueError, match=r"asked for"):
        ask(Stream(1))


# -- spaces

SPACES = [
    Box(-1, 1),
    Box(),
    Box(0),
    Box(high=3),
    Box(0, 1, shape=3),
    Discrete(5),
    Dict({"a": Box(0, 1), "b": Dict({"c": Discrete(2)})}),
]


@pytest.mark.parametrize("space", SPACES)
def test_a_sample_lies_in_its_space_and_is_plain(space: Any) -> None:
    stream = Stream(3)
    for _ in range(50):
        value = space.sample(stream)
        assert space.contains(value)
        assert unpack(pack(value)) == space.checked(value)


@pytest.mark.parametrize(
    "space, value",
    [(Box(0, 1), 1.5), (Box(0, 1, shape=2), (0.5,)), (Discrete(3), 3), (Discrete(3), 0.5), (Dict({"a": Box()}), {})],
)
def test_what_does_not_lie_in_a_space_is_told(space: Any, value: Any) -> None:
    assert not space.contains(value)
    assert Box(0, 1, shape=2).checked(np.array([0, 1])) == (0.0, 1.0)


# -- array systems


class Cloud(System):
    kind = "Cloud"
    x: Any = column()
    kind_of_dust: Any = column("i4")


def test_rows_are_added_and_removed_in_order() -> None:
    cloud = Cloud(rows=2)
    added = cloud.add(x=[1.0, 2.0, 3.0], kind_of_dust=7)
    assert added.tolist() == [2, 3, 4]
    assert cloud.remove(cloud.x == 2.0) == 1
    assert (cloud.x.tolist(), cloud.kind_of_dust.tolist()) == ([0, 0, 1, 3], [0, 0, 7, 7])
    cloud.add(100)
    assert (len(cloud.x), cloud.x[:4].tolist()) == (104, [0, 0, 1, 3])
    with pytest.raises(UnknownField, match=r"Cloud declares no field 'y'"):
        cloud.add(y=1)


def test_writing_a_column_writes_into_the_state() -> None:
    cloud = Cloud(rows=3)
    before = cloud.x
    cloud.x = np.array([1, 2, 3])
    cloud.x *= 2
    assert cloud.x is before
    assert before.tolist() == [2, 4, 6]
    with pytest.raises(BadDeclaration, match=r"Objects are no raw bytes"):
        column(object)


def test_an_effector_cannot_hide_what_every_pawn_has() -> None:
    with pytest.raises(BadDeclaration, match=r"Lodger\.find: Every pawn has another thing of this name"):

        class Lodger(Pawn):
            @effector(Box(0, 1))
            def find(self, value: float, dt: float) -> None:  # type: ignore[override]  # what is to be refused
                """Would break whoever looks for a part of it."""


def test_a_world_gives_its_system_of_a_class() -> None:
    class Rain(System):
        kind = "Rain"

    class Wind(System):
        kind = "Wind"

    env = Environment()
    env.add_system(Wind())
    with pytest.raises(UnknownName, match=r"no system 'Rain'\. Add it with env\.add_system"):
        env.system(Rain)
    first = env.add_system(Rain(name="first"))
    env.add_system(Rain(name="second"))
    assert env.system(Rain) is env.system("first") is first
