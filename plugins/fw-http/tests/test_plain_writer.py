"""Plain answers are written without pydantic, and are what pydantic would have written."""

import json
import subprocess
import sys
import textwrap
from functools import cache
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fw_http.contract import Contract
from fw_http.model import Model
from fw_http.plain_writer import plain_writer

# Whatever a writer might take for something else. All of Unicode would take long to draw, and find no more.
TEXTS = st.text(
    "aZ09 _-/\\\"'<>&%\0\b\t\n\r\x1b\x7f\x85\xa0\xe9\u0416\u2028\u2029\u202e\ufeff\uffff\U0001f600\U0010ffff"
)
SCALARS = {str: TEXTS, int: st.integers(-(2**70), 2**70), float: st.floats(), bool: st.booleans(), None: st.none()}
VALUES = st.recursive(
    st.one_of(*SCALARS.values()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.integers(), inner, max_size=3),
    max_leaves=6,
)


def nested(kinds: list[Any]) -> list[Any]:
    """Lists of each of these kinds, and mappings to it."""
    return [outer for kind in kinds for outer in (list.__class_getitem__(kind), dict.__class_getitem__((str, kind)))]


FLAT: list[Any] = list(SCALARS)
KINDS = st.sampled_from([*FLAT, *nested(FLAT), *nested(nested(FLAT))])


@cache  # a strategy that is made anew is checked anew, for each example
def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values that are of a kind."""
    if kind in SCALARS:
        return SCALARS[kind]
    inner = values(kind.__args__[-1])
    return st.lists(inner, max_size=3) if kind.__origin__ is list else st.dictionaries(TEXTS, inner, max_size=3)


@cache
def of_a_kind(kind: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    """The kind and a value of it."""
    return st.tuples(st.just(kind), values(kind))


def written(write: Any, value: Any) -> Any:
    """The value that was written, or that it was refused."""
    try:
        return json.loads(write(value))
    except (TypeError, ValueError) as error:
        return "refused" if not isinstance(error, json.JSONDecodeError) else error


@settings(deadline=None)  # how long an example takes says how busy the machine is
@given(KINDS.flatmap(of_a_kind) | st.tuples(KINDS, VALUES))
def test_what_is_written_and_what_is_refused_is_the_same(case: tuple[Any, Any]) -> None:
    kind, value = case
    contract = Contract(kind, "a test", "answer")
    assert written(contract.to_json, value) == written(Model(kind, "a test").to_json, value)


@settings(deadline=None)  # how long an example takes says how busy the machine is
@given(KINDS.flatmap(of_a_kind))
def test_values_of_plain_types_need_no_model(case: tuple[Any, Any]) -> None:
    kind, value = case
    contract = Contract(kind, "a test", "answer")
    if written(contract.to_json, value) != "refused":
        assert "model" not in vars(contract)


@pytest.mark.parametrize("kind", [Any, dict, list, dict[str, Any], dict[int, str], Annotated[int, 3], set[str]])
def test_other_types_are_left_to_pydantic(kind: Any) -> None:
    assert plain_writer(kind) is None


class Shout(str):
    """A text that is more than one."""

    __slots__ = ()


def test_a_value_of_a_derived_type_is_left_to_pydantic() -> None:
    contract = Contract(dict[str, str], "a test", "answer")
    assert contract.to_json({"a": Shout("b")}) == b'{"a":"b"}'
    assert "model" in vars(contract)


def test_a_service_without_models_does_not_import_pydantic() -> None:
    """Which would take longer than the rest of its start. The document of the API needs it, when it is asked for."""
    program = textwrap.dedent("""
        import asyncio, sys
        from framework import App

        app = App(plugins=["http"], defaults={"http": {"port": 0}})

        @app.http.route("/greetings/{name}")
        async def greet(name: str, loud: str = "") -> dict[str, list[str]]:
            return {"hello": [name, loud]}

        async def live() -> None:
            async with app.test_client() as client:
                answer = await client.get("/greetings/bob?loud=yes")
                assert answer.json() == {"hello": ["bob", "yes"]}
                assert not {"pydantic", "pydantic_core"} & sys.modules.keys()
                assert "/greetings/{name}" in (await client.get("/openapi.json")).json()["paths"]

        asyncio.run(live())
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
