"""Whatever is sent to a described application, valid or not, is no fault of the server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode

VALID, INVALID = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
CALLS = [
    ("GET", "/items/{number}", VALID),
    ("GET", "/items/{number}", INVALID),
    ("GET", "/names/{name}", VALID),  # nothing that can be written there is invalid
    ("GET", "/halves/{number}", VALID),
    ("GET", "/halves/{number}", INVALID),
    ("DELETE", "/things/{key}", VALID),
    ("DELETE", "/things/{key}", INVALID),
    ("POST", "/items", VALID),
    ("POST", "/items", INVALID),
    ("PUT", "/lists", VALID),
    ("PUT", "/lists", INVALID),
    ("POST", "/orders", VALID),
    ("POST", "/orders", INVALID),
    ("POST", "/forms", VALID),
    ("POST", "/forms", INVALID),
    ("POST", "/commands/Rename", VALID),
    ("POST", "/commands/Rename", INVALID),
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the application listens."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FW_")}
    program = [sys.executable, str(Path(__file__).with_name("fuzzed_app.py"))]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(program, env=kept, text=True, **pipes) as process:  # type: ignore[call-overload]  # pipes
        yield process.stdout.readline().strip()
        process.stdin.close()
        assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("method,path,mode", CALLS)
def test_no_request_is_answered_with_a_fault_of_the_server(
    url: str, method: str, path: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    answered = []

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        answer = case.call(base_url=url)
        answered.append(answer.status_code)
        assert answer.status_code < 500, (case, answer.text)
        if answer.status_code >= 400 and case.method != "HEAD":
            assert answer.headers["content-type"] == ["application/problem+json"]

    call()
    assert answered
