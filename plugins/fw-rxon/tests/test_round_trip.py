"""Property: whatever a record holds, writing and reading give it back."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fw_rxon import (
    Artifact,
    Capabilities,
    Device,
    DeviceUsage,
    FileMetadata,
    Heartbeat,
    HeartbeatAnswer,
    Record,
    Registered,
    Registration,
    Resources,
    ResultAnswer,
    Skill,
    TaskError,
    TaskMessage,
    TaskResult,
    Usage,
    WorkerEvent,
    decode,
    encode,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
MAYBE = st.none() | TEXT
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
WHOLE = st.integers(-(2**63), 2**64 - 1)
NUMBER = WHOLE | st.floats(allow_nan=False, allow_infinity=False)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=3)
SIGNED = st.none() | OBJECT
TIME = st.none() | st.integers(0, 2**53)
STRINGS = st.dictionaries(TEXT, TEXT, max_size=2)
NUMBERS = st.dictionaries(TEXT, NUMBER, max_size=2)


def several(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=2).map(tuple)


SKILL = st.builds(
    Skill,
    name=TEXT,
    type=MAYBE,
    description=MAYBE,
    version=MAYBE,
    input_schema=SIGNED,
    output_schema=SIGNED,
    output_statuses=TEXTS,
    properties=OBJECT,
)
DEVICE = st.builds(Device, type=TEXT, model=MAYBE, id=MAYBE, properties=OBJECT, metrics=OBJECT)
FILES = st.dictionaries(TEXT, st.builds(FileMetadata, uri=TEXT, size=st.none() | WHOLE, etag=MAYBE), max_size=2)
RECORDS = st.one_of(
    st.builds(
        Registration,
        worker_id=TEXT,
        worker_type=TEXT,
        supported_skills=several(SKILL),
        available_skills=TEXTS,
        hot_skills=TEXTS,
        resources=st.builds(Resources, devices=several(DEVICE), properties=OBJECT),
        installed_software=STRINGS,
        installed_artifacts=several(st.builds(Artifact, name=TEXT, version=TEXT, type=MAYBE, properties=OBJECT)),
        capabilities=st.builds(Capabilities, hostname=TEXT, cost_per_skill=NUMBERS, extra=OBJECT),
        skills_hash=MAYBE,
        timestamp=TIME,
        security=SIGNED,
    ),
    st.builds(Registered, status=TEXT, version=MAYBE, warning=MAYBE, access_token=MAYBE, expires_in=TIME),
    st.builds(
        Heartbeat,
        worker_id=MAYBE,
        status=MAYBE,
        usage=st.none()
        | st.builds(
            Usage,
            cpu_load_percent=NUMBER,
            ram_used_gb=NUMBER,
            devices_usage=several(st.builds(DeviceUsage, unit_id=TEXT, load_percent=NUMBER, metrics=OBJECT)),
        ),
        current_tasks=TEXTS,
        supported_skills=st.none() | several(SKILL),
        available_skills=TEXTS,
        timestamp=TIME,
    ),
    st.builds(
        HeartbeatAnswer,
        status=TEXT,
        cancel_task_ids=TEXTS,
        require_full_sync=st.booleans(),
        next_heartbeat_jitter_ms=NUMBER,
    ),
    st.builds(
        TaskMessage,
        job_id=TEXT,
        task_id=TEXT,
        type=TEXT,
        params=SIGNED,
        priority=NUMBER,
        timestamp=TIME,
        deadline=TIME,
        tracing_context=STRINGS,
        params_metadata=FILES,
        metadata=OBJECT,
        policy=SIGNED,
        step=WHOLE,
        depth=WHOLE,
    ),
    st.builds(
        TaskResult,
        job_id=TEXT,
        task_id=TEXT,
        worker_id=MAYBE,
        status=TEXT,
        data=OBJECT,
        error=st.none() | st.builds(TaskError, code=TEXT, message=TEXT, details=SIGNED),
        data_metadata=FILES,
        costs=NUMBERS,
        timestamp=TIME,
    ),
    st.builds(ResultAnswer, status=TEXT, transition=MAYBE, reason=MAYBE, message=MAYBE),
    st.builds(
        WorkerEvent,
        event_id=TEXT,
        worker_id=TEXT,
        origin_worker_id=TEXT,
        event_type=TEXT,
        payload=OBJECT,
        bubbling_chain=TEXTS,
        trace_context=STRINGS,
        priority=NUMBER,
        timestamp=TIME,
    ),
)


@given(RECORDS)
@settings(max_examples=150, deadline=None)
def test_record_is_the_same_after_writing_and_reading(record: Record) -> None:
    document = encode(record)
    again = decode(document, type(record))
    assert again == record
    assert encode(again) == document
