"""Identifiers, error codes, paths: the words of the protocol."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fw_rxon import (
    PROTOCOL_VERSION,
    ErrorCode,
    FailureKind,
    WireError,
    check_identifier,
    failure_kind,
    heartbeat_path,
    is_identifier,
    poll_path,
)


@pytest.mark.parametrize("text", ["a", "A-b_9", "x" * 128])
def test_identifier_is_accepted(text: str) -> None:
    assert check_identifier(text, "worker_id") == text


@pytest.mark.parametrize("text", ["", "a b", "a/b", "é", "a\n", "x" * 129, "a.b", "٣"])
def test_other_text_is_refused_naming_place_and_value(text: str) -> None:
    with pytest.raises(WireError) as caught:
        check_identifier(text, "worker_id")
    assert caught.value.path == "worker_id"
    assert repr(text)[:100] in caught.value.problem
    assert "letters" in caught.value.remedy


@given(st.text(max_size=5))
def test_identifier_is_what_fits_a_path_unescaped(text: str) -> None:
    expected = text != "" and all(
        character.isascii() and (character.isalnum() or character in "_-") for character in text
    )
    assert is_identifier(text) == expected


@pytest.mark.parametrize(
    "code,kind",
    [
        ("TRANSIENT_ERROR", FailureKind.TRANSIENT),
        ("RESOURCE_EXHAUSTED_ERROR", FailureKind.TRANSIENT),
        ("TIMEOUT_ERROR", FailureKind.TRANSIENT),
        ("INTERNAL_ERROR", FailureKind.TRANSIENT),
        ("SOMETHING_NEW", FailureKind.TRANSIENT),
        (None, FailureKind.TRANSIENT),
        ("PERMANENT_ERROR", FailureKind.PERMANENT),
        ("SECURITY_ERROR", FailureKind.PERMANENT),
        ("DEPENDENCY_ERROR", FailureKind.PERMANENT),
        ("CONTRACT_VIOLATION_ERROR", FailureKind.PERMANENT),
        ("INVALID_INPUT_ERROR", FailureKind.INPUT),
        ("INTEGRITY_MISMATCH_ERROR", FailureKind.INPUT),
    ],
)
def test_error_code_says_what_happens_to_the_job(code: str | None, kind: FailureKind) -> None:
    assert failure_kind(code) == kind


def test_every_code_has_a_kind() -> None:
    assert {code.kind for code in ErrorCode} == set(FailureKind)


def test_paths_and_version_are_those_public_workers_have_built_in() -> None:
    assert heartbeat_path("w-1") == "/_worker/workers/w-1"
    assert poll_path("w-1") == "/_worker/workers/w-1/tasks/next"
    assert PROTOCOL_VERSION == "1.0b17"
