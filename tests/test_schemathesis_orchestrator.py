"""Whatever is sent to the orchestrator, with the right tokens and ids or not, is no fault of the server.

Every operation of its OpenAPI document is called: those of clients, operators, workers, and those open to all.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode

TOKENS = {
    "X-Client-Token": "client-secret",
    "X-Worker-Token": "worker-secret",
    "X-Admin-Token": "admin-secret",
    "Connection": "close",
}
COMMON = [
    ("GET", "/jobs"),
    ("GET", "/jobs/quarantined"),
    ("GET", "/jobs/{job_id}"),
    ("GET", "/jobs/{job_id}/history"),
    ("POST", "/jobs/{job_id}/cancel"),
    ("GET", "/jobs/{job_id}/files/upload"),
    ("PUT", "/jobs/{job_id}/files/content/{name}"),
    ("GET", "/jobs/{job_id}/files/download/{name}"),
    ("GET", "/blueprints/{name}/graph"),
    ("GET", "/dashboard"),
    ("GET", "/workers"),
    ("GET", "/workers/catalog"),
    ("POST", "/admin/jobs/{job_id}/resume"),
    ("GET", "/admin/definitions"),
    ("POST", "/admin/reload-workers"),
]
CALLS = [
    ("POST", "/api/jobs/flow"),
    ("POST", "/api/v2/jobs/approval"),
    *((method, f"/api{path}") for method, path in COMMON),
    *((method, f"/api/v2{path}") for method, path in COMMON),
    ("GET", "/_public/status"),
    ("GET", "/_public/metrics"),
    ("GET", "/_public/docs"),
    ("POST", "/_public/webhooks/approval/{job_id}"),
    ("POST", "/_worker/workers/register"),
    ("PATCH", "/_worker/workers/{worker_id}"),
    ("GET", "/_worker/workers/{worker_id}/tasks/next"),
    ("POST", "/_worker/tasks/result"),
    ("POST", "/_worker/events"),
    ("POST", "/_worker/auth/token"),
    ("POST", "/_worker/auth/token/refresh"),
    ("GET", "/_worker/ws/{worker_id}"),
]
NOT_THERE_YET = "/files/"
"""Payload files are answered 501, which says so."""


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, str]]:
    """Where the orchestrator listens, and what it holds."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
    program = [sys.executable, str(Path(__file__).with_name("fuzzed_orchestrator.py"))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(program, env=kept, text=True, **pipes) as process:  # type: ignore[call-overload]  # pipes
        yield json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(timeout=20) == 0


@pytest.fixture(scope="module")
def schema(site: dict[str, str]) -> Any:
    return schemathesis.openapi.from_url(f"{site['url']}/openapi.json")


def test_every_operation_is_called(schema: Any) -> None:
    served = {(one.ok().method.upper(), one.ok().path) for one in schema.get_all_operations()}
    assert served == {*CALLS}


def real(site: dict[str, str], case: Any, draw: Any) -> None:
    """Put ids of what is there in the place of made-up ones, one time in two."""
    known = {"job_id": [site["stuck"], site["held"], site["asked"]], "worker_id": ["w1"], "name": ["flow"]}
    known |= {"task_id": [site["task"]], "target_task_id": [site["task"]], "origin_worker_id": ["w1"]}
    for members in (case.path_parameters, case.body):
        if isinstance(members, dict) and draw(st.booleans()):
            members.update({name: draw(st.sampled_from(ids)) for name, ids in known.items() if name in members})


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["valid", "invalid"])
@pytest.mark.parametrize("method,path", CALLS)
def test_no_call_is_answered_with_a_fault_of_the_server(
    site: dict[str, str], schema: Any, method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]
    if mode is GenerationMode.NEGATIVE and not (operation.body or operation.query):
        mode = GenerationMode.POSITIVE  # any text may stand in a path

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def call(case: Any, data: st.DataObject) -> None:
        real(site, case, data.draw)
        answer = case.call(base_url=site["url"], headers=TOKENS)
        expected = answer.status_code == 501 and NOT_THERE_YET in path
        assert answer.status_code < 500 or expected, (case, answer.text)
        assert not any(token in answer.text for token in ("client-secret", "worker-secret", "admin-secret"))
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == ["application/problem+json"]

    call()
