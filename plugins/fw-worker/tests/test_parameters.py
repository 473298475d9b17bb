"""From params to arguments, without any wire."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

from fw_worker.context import TaskContext
from fw_worker.errors import InvalidParameters
from fw_worker.parameters import Parameters

CONTEXT = TaskContext(job_id="j", task_id="t")


@dataclass
class Size:
    width: int
    height: int = 1


def arguments(function: Callable[..., Any], params: dict[str, Any]) -> dict[str, Any]:
    return Parameters(function).arguments(params, CONTEXT)


def test_values_are_converted_by_their_annotations() -> None:
    def skill(path: Path, *, size: Size, at: datetime, by_number: dict[int, str], ratio: float, other: Any) -> None: ...

    found = arguments(
        skill,
        {
            "path": "a/b",
            "size": {"width": 3},
            "at": "2026-01-02T03:04:05Z",
            "by_number": {"1": "one"},
            "ratio": 2,
            "other": [None],
        },
    )
    assert found == {
        "path": Path("a/b"),
        "size": Size(3),
        "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "by_number": {1: "one"},
        "ratio": 2.0,
        "other": [None],
    }


def test_default_of_a_parameter_stays_the_functions_own() -> None:
    marker: list[Path] = [Path("x")]

    def skill(paths: list[Path] = marker, limit: Annotated[int, msgspec.Meta(ge=1)] = 0) -> None: ...

    assert arguments(skill, {}) == {}
    with pytest.raises(InvalidParameters, match="'limit'"):
        arguments(skill, {"limit": 0})


def test_context_is_given_under_whatever_name() -> None:
    def skill(count: int, task: TaskContext) -> None: ...

    assert arguments(skill, {"count": 1}) == {"count": 1, "task": CONTEXT}
    assert "task" not in Parameters(skill).schema["properties"]


@pytest.mark.parametrize("annotation", [dict, dict[str, Any], Mapping[str, Any]])
def test_single_mapping_named_params_gets_everything(annotation: Any) -> None:
    def skill(params) -> None: ...  # type: ignore[no-untyped-def]

    skill.__annotations__["params"] = annotation
    assert arguments(skill, {"a": 1}) == {"params": {"a": 1}}


def test_params_beside_others_is_a_parameter_like_any() -> None:
    def skill(params: dict[str, int], more: int) -> None: ...

    assert arguments(skill, {"params": {"a": 1}, "more": 2}) == {"params": {"a": 1}, "more": 2}


def test_open_function_takes_what_it_does_not_name() -> None:
    def skill(count: int, **others: Any) -> None: ...

    assert arguments(skill, {"count": 1, "colour": "red"}) == {"count": 1, "colour": "red"}


def test_open_function_gets_what_it_names_as_it_is_annotated() -> None:
    def skill(path: Path, **others: Any) -> None: ...

    assert arguments(skill, {"path": "a", "colour": "red"}) == {"path": Path("a"), "colour": "red"}


def test_parameters_that_have_no_name_are_refused() -> None:
    def positional(count: int, /) -> None: ...

    def variable(*counts: int) -> None: ...

    for skill in (positional, variable):
        with pytest.raises(TypeError, match=r"parameter 'counts?' cannot be given by name"):
            Parameters(skill)


def test_fault_inside_a_parameter_names_parameter_and_place() -> None:
    def skill(size: Size) -> None: ...

    with pytest.raises(InvalidParameters, match=r"parameter 'size' at \$\.size\.width: Expected `int`") as caught:
        arguments(skill, {"size": {"width": "3"}})
    assert caught.value.parameter == "size"


def test_path_that_is_no_text_is_refused() -> None:
    def skill(path: Path) -> None: ...

    with pytest.raises(InvalidParameters, match="'path': Expected `Path`, got `int`"):
        arguments(skill, {"path": 3})


def test_schema_of_nested_types_is_complete_in_itself() -> None:
    def skill(size: Size) -> None: ...

    schema = Parameters(skill).schema
    assert schema["properties"] == {"size": {"$ref": "#/$defs/Size"}}
    assert schema["$defs"]["Size"]["required"] == ["width"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_progress_outside_zero_to_one_is_an_error(fraction: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        CONTEXT.progress(fraction)
