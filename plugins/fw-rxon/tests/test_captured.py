"""Messages as they were seen on the wire between a public worker and a public engine."""

import json

import pytest

from fw_rxon import (
    Heartbeat,
    HeartbeatAnswer,
    Record,
    Registered,
    Registration,
    ResultAnswer,
    TaskMessage,
    TaskResult,
    TaskStatus,
    WorkerEvent,
    decode,
    encode,
)

REGISTRATION = """{"available_skills":["echo"],
 "capabilities":{"cost_per_skill":{},"extra":{"websockets":true},"hostname":"vm","ip_address":"127.0.0.1"},
 "installed_artifacts":[],"installed_software":{"python":"3.11"},
 "resources":{"properties":{"cpu_cores":4,"ram_gb":0}},
 "security":{"signature":"8d86f9","signer_id":"sdk-1"},
 "skills_hash":"2e22fb","supported_skills":[{"name":"echo","type":"echo"}],
 "timestamp":1795295011,"worker_id":"sdk-1","worker_type":"generic-worker"}"""
HEARTBEAT = """{"available_skills":["echo"],"current_tasks":[],"security":{"signature":"aa"},"skills_hash":"2e22fb",
 "status":"idle","timestamp":1795295011,"usage":{"cpu_load_percent":0,"ram_used_gb":0},"worker_id":"sdk-1"}"""
TASK = """{"job_id":"1ad9b72e-1","params":{"k":1,"mode":"ok"},"priority":0,"sig":"3b6c7b","step":1,
 "task_id":"task-f0879195","timestamp":1795295014,"tracing_context":{},"type":"echo"}"""
SUCCESS = """{"costs":{"execution_time_seconds":0.0004},"data":{"answer":42,"echo":{"k":1}},"job_id":"1ad9",
 "origin_worker_id":"sdk-1","security":{"signature":"aa"},"task_id":"task-f087","timestamp":1795295014,
 "worker_id":"sdk-1"}"""
FAILURE = """{"data":{},"error":{"code":"PERMANENT_ERROR","message":"as told"},"status":"failure","job_id":"1ad9",
 "task_id":"task-f087","worker_id":"sdk-1","origin_worker_id":"sdk-1","timestamp":1795295014}"""
CANCELLED = """{"status":"cancelled","job_id":"1ad9","task_id":"task-f087","worker_id":"sdk-1",
 "origin_worker_id":"sdk-1","timestamp":1795295014,"security":{"signature":"aa"}}"""
EVENT = """{"bubbling_chain":[],"event_id":"30b9d221","event_type":"progress","origin_task_id":"task-336f",
 "origin_worker_id":"w1","payload":{"message":"at 0.25","progress":0.25},"priority":0,"security":{"signature":"aa"},
 "target_job_id":"8d46","target_task_id":"task-336f","timestamp":1795295537,"trace_context":{},"worker_id":"w1"}"""

CAPTURED = [
    (REGISTRATION, Registration),
    (HEARTBEAT, Heartbeat),
    (TASK, TaskMessage),
    (SUCCESS, TaskResult),
    (FAILURE, TaskResult),
    (CANCELLED, TaskResult),
    (EVENT, WorkerEvent),
    ('{"status":"registered","version":"1.0b17"}', Registered),
    ('{"status":"ok","cancel_task_ids":["task-1"],"next_heartbeat_jitter_ms":40}', HeartbeatAnswer),
    ('{"status":"accepted","transition":"success_transition"}', ResultAnswer),
    ('{"status":"ignored","reason":"job_cancelled","message":"too late"}', ResultAnswer),
]


def without_empty(value: object) -> object:
    """The value without empty lists and objects: members that equal their default may be left out."""
    if isinstance(value, dict):
        return {key: without_empty(member) for key, member in value.items() if member not in ({}, [])}
    return value


def without_defaults(text: str) -> dict[str, object]:
    """The members of a captured message that carry something: `"priority": 0` and empty collections are defaults."""
    members = json.loads(text)
    return {
        key: without_empty(value)
        for key, value in members.items()
        if value not in ({}, []) and (key, value) != ("priority", 0)
    }


@pytest.mark.parametrize("text,record", CAPTURED)
def test_captured_message_is_read_and_written_back_with_the_same_members(text: str, record: type[Record]) -> None:
    written = json.loads(encode(decode(text, record)))
    assert written == without_defaults(text)


@pytest.mark.parametrize("text,record", CAPTURED)
def test_captured_message_survives_a_second_reading(text: str, record: type[Record]) -> None:
    first = decode(text, record)
    assert decode(encode(first), record) == first


def test_result_without_status_is_a_success() -> None:
    assert decode(SUCCESS, TaskResult).status == TaskStatus.SUCCESS


def test_successful_result_is_written_without_status() -> None:
    assert b"status" not in encode(TaskResult(job_id="j", task_id="t", data={"n": 1}))


def test_farewell_says_that_no_skill_is_left() -> None:
    assert json.loads(encode(Heartbeat(worker_id="w", status="offline", supported_skills=()))) == {
        "worker_id": "w",
        "status": "offline",
        "supported_skills": [],
    }


def test_empty_params_are_written_because_public_workers_need_them() -> None:
    assert json.loads(encode(TaskMessage(job_id="j", task_id="t", type="s", params={})))["params"] == {}
