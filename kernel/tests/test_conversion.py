"""Raw values become what a schema asks for, or are refused."""

from enum import Enum
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framework.conversion import convert, type_name


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    "raw,kind,expected",
    [
        ("x", str, "x"),
        (3, int, 3),
        (3, float, 3.0),
        (True, bool, True),
        ("a/b", Path, Path("a/b")),
        ("red", Colour, Colour.RED),
        ("on", Literal["on", "off"], "on"),
        (None, int | None, None),
        (3, int | None, 3),
        (["a"], list[str], ["a"]),
        (["a", "b"], tuple[str, ...], ("a", "b")),
        ([1, 2], list[float], [1.0, 2.0]),
        ("x", int | str, "x"),
    ],
)
def test_values_of_files_are_taken_as_they_are(raw: Any, kind: Any, expected: Any) -> None:
    found = convert(raw, kind)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "raw,kind",
    [
        ("3", int),
        (3.5, int),
        (True, int),
        (True, float),
        (1, bool),
        ("true", bool),
        (3, str),
        (3, Path),
        ("green", Colour),
        ("maybe", Literal["on", "off"]),
        ("a", list[str]),
        ([1], list[str]),
        ({}, list[str]),
        (None, int),
        ("x", int | None),
        ({}, str),
    ],
)
def test_values_of_the_wrong_type_are_refused_not_guessed(raw: Any, kind: Any) -> None:
    with pytest.raises(ValueError, match=r".*"):
        convert(raw, kind)


@pytest.mark.parametrize(
    "text,kind,expected",
    [
        ("3", int, 3),
        ("3.5", float, 3.5),
        ("true", bool, True),
        ("OFF", bool, False),
        ("1", bool, True),
        ("", int | None, None),
        ("a,b", list[str], ["a", "b"]),
        ('["a", "b,c"]', list[str], ["a", "b,c"]),
        ("1, 2", tuple[int, ...], (1, 2)),
        ("", list[str], []),
        ("red", Colour, Colour.RED),
    ],
)
def test_the_text_of_variables_and_flags_is_read(text: str, kind: Any, expected: Any) -> None:
    assert convert(text, kind, from_text=True) == expected


@pytest.mark.parametrize("text,kind", [("3.5", int), ("x", float), ("maybe", bool), ("[1", list[int]), ("", int)])
def test_text_that_does_not_read_as_the_type_is_refused(text: str, kind: Any) -> None:
    with pytest.raises(ValueError, match=r".*"):
        convert(text, kind, from_text=True)


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_survive_the_way_through_text(number: int) -> None:
    assert convert(str(number), int, from_text=True) == number


@given(st.lists(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1), max_size=5))
def test_lists_survive_the_way_through_text(words: list[str]) -> None:
    assert convert(",".join(words), list[str], from_text=True) == words


@pytest.mark.parametrize(
    "kind,words",
    [
        (str, "a string"),
        (int, "a whole number"),
        (bool, "true or false"),
        (list[str], "a list of strings"),
        (int | None, "a whole number"),
        (Literal["on", "off"], "one of 'on', 'off'"),
        (Colour, "one of 'red', 'blue'"),
    ],
)
def test_a_type_is_named_in_words(kind: Any, words: str) -> None:
    assert type_name(kind) == words
