"""Data: what JSON holds comes back equal, what it does not hold is refused."""
# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import math
from typing import Any

import pytest

from fw_orchestrator.model import Failure, JsonObject, TaskOutcome, WorkerRecord
from fw_orchestrator.store import JobStore, StoreError
from fw_orchestrator.store_contract.base import StoreFixtures
from fw_orchestrator.store_contract.records import (
    a_finish,
    a_job,
    a_task,
    a_transition,
    an_entry,
    claim,
    dispatched,
    end,
    take,
)


def nested(depth: int) -> JsonObject:
    """An object of objects."""
    found: JsonObject = {}
    for level in range(depth):
        found = {"level": level, "in": [found]}
    return found


DATA: dict[str, JsonObject] = {
    "empty": {},
    "kinds": {"null": None, "true": True, "int": -1, "float": 0.1, "text": "", "list": [], "object": {"": {}}},
    "text": {"Zoë": "Größe 漢字 🎉", "controls": "\x00\x1f\x7f\u2028", "quotes": "\"'\\;--%?:x"},
    "beyond 64 bits": {"most": 2**64, "least": -(2**63) - 1, "huge": 10**100, "edge": [2**63 - 1, 2**63, -(2**63)]},
    "floats": {"small": 5e-324, "large": 1.7976931348623157e308, "third": 1 / 3, "whole": 2.0, "minus zero": -0.0},
    "deep": nested(100),
    "large": {"text": "ж" * 1_000_000, "list": list(range(50_000))},
}
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)
IMPOSSIBLE: dict[str, Any] = {
    "NaN": math.nan,
    "infinity": [{"deep": -math.inf}],
    "half a character": "\ud800",
    "an object": object(),
    "a key": {(1, 2): 3},
    "no end": ENDLESS,
}


class ValueContract(StoreFixtures):
    """JSON data in every place that takes some."""

    @pytest.mark.parametrize("data", DATA.values(), ids=DATA)
    async def test_json_data_come_back_equal(self, store: JobStore, data: JsonObject) -> None:
        entry = an_entry("e", detail=data)
        await store.create([a_job(initial_data=data, state_history=data)], [entry])
        await claim(store)
        failure = Failure(code="c", message="m", details=data)
        task = a_task("t", params=data)
        change = a_transition(state_history={"now": data}, result=data, error=failure, tasks=(task,))
        assert await store.commit([change]) == [True]
        await take(store)
        outcome = TaskOutcome(status="failure", data=data, error=failure)
        await end(store, a_finish("t", outcome=outcome))
        worker = WorkerRecord(id="w", registration=data, status="idle", seen_at=1.0)
        await store.save_worker(worker)
        job, done = await store.job("j"), await store.task("t")
        assert job is not None
        assert done is not None
        assert (job.initial_data, job.state_history, job.result, job.error) == (data, {"now": data}, data, failure)
        assert (done.params, done.outcome) == (data, outcome)
        assert await store.history("j") == [entry]
        assert await store.worker("w") == worker

    @pytest.mark.parametrize("result", [0, False, "", [], "text", 1.5, [1, None]], ids=repr)
    async def test_a_result_may_be_any_json_value(self, store: JobStore, result: Any) -> None:
        await store.create([a_job()])
        await claim(store)
        await store.commit([a_transition(result=result)])
        job = await store.job("j")
        assert job is not None
        assert job.result == result
        assert type(job.result) is type(result)

    async def test_names_may_be_any_text(self, store: JobStore) -> None:
        name = "Ünï 漢 🎉 '\"; DROP TABLE jobs; --"
        await store.create([a_job(name, blueprint=name, state=name, definition=name)], [an_entry(name, name)])
        assert [job.id for job in await store.jobs(blueprint=name)] == [name]
        assert await claim(store, name) == [name]
        task = a_task(name, job_id=name, skill=name)
        assert await store.commit([a_transition(name, owner=name, state=name, tasks=(task,))]) == [True]
        assert await take(store, name, name) == name
        assert await store.renew_tasks(name, [name], now=3.0, lease=1.0) == [name]
        assert (await store.history(name))[0].event == name

    @pytest.mark.parametrize("value", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
    async def test_what_json_cannot_hold_is_refused_and_nothing_written(self, store: JobStore, value: Any) -> None:
        bad: JsonObject = {"null": None, "bad": value}
        with pytest.raises(StoreError, match="'j'"):
            await store.create([a_job("fine"), a_job(initial_data=bad)])
        assert await store.jobs() == []
        await dispatched(store, a_task("t"))
        await take(store)
        with pytest.raises(StoreError, match="'t'"):
            await end(store, a_finish("t", outcome=TaskOutcome(status="success", data=bad)))
        await end(store, a_finish("t"))
        await claim(store)
        assert await store.commit([a_transition(version=7, state_history=bad)]) == [False]
        with pytest.raises(StoreError, match="'j'"):
            await store.commit([a_transition(version=1, state_history=bad)])
        with pytest.raises(StoreError, match="'w'"):
            await store.save_worker(WorkerRecord(id="w", registration=bad, status="idle", seen_at=1.0))
        assert await store.commit([a_transition(version=1)]) == [True]

    async def test_a_batch_may_be_large(self, store: JobStore) -> None:
        ids = [f"{number:05}" for number in range(2_000)]
        await store.create([a_job(job_id) for job_id in ids])
        assert await claim(store, limit=10_000) == ids
        assert await store.renew_jobs("e1", ids, now=2.0, lease=30.0) == ids
        assert await store.commit([a_transition(job_id) for job_id in ids]) == [True] * len(ids)
