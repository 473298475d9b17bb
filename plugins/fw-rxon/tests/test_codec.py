"""Reading and writing: what is accepted, and what the error says of the rest."""

import pickle
from typing import Any

import pytest

from fw_rxon import (
    Heartbeat,
    HeartbeatAnswer,
    Registered,
    Registration,
    TaskMessage,
    TaskResult,
    Usage,
    WireError,
    decode,
    decode_answer,
    encode,
)

TASK = '"job_id":"j","task_id":"t","type":"s"'


def error_of(document: bytes | str, record: type[Any]) -> WireError:
    with pytest.raises(WireError) as caught:
        decode(document, record)
    return caught.value


def test_integer_is_accepted_for_a_float() -> None:
    assert decode('{"cpu_load_percent":3}', Usage).cpu_load_percent == 3


def test_integral_float_is_accepted_for_an_integer() -> None:
    task = decode(f'{{{TASK},"deadline":1795295014.0,"params":{{"half":0.5}}}}', TaskMessage)
    assert (task.deadline, task.params) == (1795295014, {"half": 0.5})
    assert isinstance(task.deadline, int)


@pytest.mark.parametrize("member", ["deadline", "timestamp"])
def test_fractional_time_is_refused_naming_member_and_value(member: str) -> None:
    error = error_of(f'{{{TASK},"{member}":1795295014.25}}', TaskMessage)
    assert error.path == f"$.{member}"
    assert "1795295014.25" in error.problem
    assert "integer" in error.remedy


@pytest.mark.parametrize("missing", ["job_id", "task_id", "type"])
def test_missing_member_is_named(missing: str) -> None:
    members = {"job_id": '"j"', "task_id": '"t"', "type": '"s"'}
    del members[missing]
    error = error_of("{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}", TaskMessage)
    assert error.path == f"$.{missing}"
    assert "missing" in error.problem
    assert missing in error.remedy


def test_fault_deep_inside_is_named_by_its_path() -> None:
    error = error_of('{"worker_id":"w","supported_skills":[{"name":"a"},{"name":7}]}', Registration)
    assert error.path == "$.supported_skills[1].name"
    assert str(error) == "Registration: $.supported_skills[1].name: Expected `str`, got `int` (value 7); send str"


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"\xff", b'{"job_id":"\xff"}', b"{} {}", '{"params":' * 100_000, b'{"job_id": NaN}'],
)
def test_unreadable_document_is_one_clear_error(document: bytes | str) -> None:
    error = error_of(document, TaskMessage)
    assert error.path == "$"
    assert "JSON" in error.problem


@pytest.mark.parametrize("document", ["[]", "null", "5", '"text"'])
def test_anything_but_an_object_is_refused(document: str) -> None:
    assert error_of(document, TaskMessage).path == "$"


@pytest.mark.parametrize("document", [b"", b"null", b" null\n", b"{}", ""])
def test_empty_answer_is_as_good_as_an_empty_object(document: bytes | str) -> None:
    assert decode_answer(document, HeartbeatAnswer) == HeartbeatAnswer()


def test_answer_of_the_wrong_kind_is_still_refused() -> None:
    with pytest.raises(WireError, match="Registered"):
        decode_answer(b"<html>", Registered)


def test_unknown_members_are_ignored() -> None:
    assert decode(f'{{{TASK},"skill_version":"2","anything":[1]}}', TaskMessage).type == "s"


def test_equal_records_give_equal_bytes_whatever_the_order_of_their_data() -> None:
    one = TaskResult(job_id="j", task_id="t", data={"a": 1, "b": {"x": 1, "y": 2}})
    two = TaskResult(task_id="t", job_id="j", data={"b": {"y": 2, "x": 1}, "a": 1})
    assert encode(one) == encode(two)


def test_value_that_is_not_json_is_an_error_naming_the_record() -> None:
    with pytest.raises(WireError, match=r"TaskResult.*object"):
        encode(TaskResult(job_id="j", task_id="t", data={"a": object()}))


def test_lone_surrogate_is_an_error() -> None:
    with pytest.raises(WireError, match="surrogates"):
        encode(Heartbeat(worker_id="\ud800"))


def test_records_cannot_be_changed() -> None:
    task = decode(f"{{{TASK}}}", TaskMessage)
    with pytest.raises(AttributeError):
        task.type = "other"  # type: ignore[misc]


def test_error_travels_between_processes() -> None:
    error = error_of("{}", TaskMessage)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert (copy.path, str(copy)) == (error.path, str(error))


def test_numbers_are_integers_at_every_depth_as_far_as_others_can_read_them() -> None:
    params = '{"a":[1.0,0.5,{"b":-3.0}],"huge":36893488147419103232.0}'
    task = decode(f'{{{TASK},"deadline":1795295014.0,"params":{params}}}', TaskMessage)
    assert task.params is not None
    whole, half, inner = task.params["a"]
    assert (type(whole), type(half), type(inner["b"]), type(task.params["huge"])) == (int, float, int, float)


def test_what_has_no_end_cannot_be_written() -> None:
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(WireError, match="cannot be written as JSON"):
        encode(TaskResult(job_id="j", task_id="t", data=endless))
