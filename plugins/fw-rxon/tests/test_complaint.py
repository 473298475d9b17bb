"""What is said of a value that does not fit."""

from typing import Any

import msgspec
import pytest

from fw_rxon import complaint_of


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    """A part."""

    n: int


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    """The whole."""

    parts: list[Inner] = []
    text: str = ""


@pytest.mark.parametrize(
    "document, kind, path, member, problem",
    [
        ({"parts": [{}]}, "missing", "$.parts[0].n", "parts", "the member is missing"),
        ({"more": 1}, "unknown", "$.more", "more", "the member is not known here"),
        ({"parts": [{"n": 1}, {"n": "x"}]}, "wrong", "$.parts[1].n", "parts", "got `str` (value 'x')"),
        ({"text": 7}, "wrong", "$.text", "text", "got `int` (value 7)"),
        ({"text": {"a": 1}}, "wrong", "$.text", "text", "got `object`"),
        ({"text": [1]}, "wrong", "$.text", "text", "got `array`"),
        ([], "wrong", "$", "", "got `array`"),
    ],
)
def test_place_and_value_are_named(document: Any, kind: str, path: str, member: str, problem: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(document, Outer)
    found = complaint_of(caught.value, document)
    assert (found.kind, found.path, found.member) == (kind, path, member)
    assert found.problem.endswith(problem)
    assert found.remedy


def test_a_long_value_is_cut() -> None:
    document = {"parts": [{"n": "x" * 1000}]}
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(document, Outer)
    assert len(complaint_of(caught.value, document).problem) < 120
