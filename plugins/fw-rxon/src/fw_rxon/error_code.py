"""Why a task failed, and what that means for the job."""

from enum import StrEnum


class FailureKind(StrEnum):
    """What the orchestrator does about a failure."""

    TRANSIENT = "transient"
    """Try again, up to the job's limit, then quarantine it."""
    PERMANENT = "permanent"
    """Trying again is useless: quarantine the job at once."""
    INPUT = "input"
    """The job's own data is wrong: fail it at once."""


class ErrorCode(StrEnum):
    """The codes of `TaskError.code`."""

    TRANSIENT_ERROR = "TRANSIENT_ERROR"
    RESOURCE_EXHAUSTED_ERROR = "RESOURCE_EXHAUSTED_ERROR"
    TIMEOUT_ERROR = "TIMEOUT_ERROR"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    DEPENDENCY_MISSING_ERROR = "DEPENDENCY_MISSING_ERROR"
    LIMIT_EXCEEDED_ERROR = "LIMIT_EXCEEDED_ERROR"
    LATE_RESULT = "LATE_RESULT"
    PERMANENT_ERROR = "PERMANENT_ERROR"
    SECURITY_ERROR = "SECURITY_ERROR"
    DEPENDENCY_ERROR = "DEPENDENCY_ERROR"
    CONTRACT_VIOLATION_ERROR = "CONTRACT_VIOLATION_ERROR"
    INVALID_INPUT_ERROR = "INVALID_INPUT_ERROR"
    INTEGRITY_MISMATCH_ERROR = "INTEGRITY_MISMATCH_ERROR"

    @property
    def kind(self) -> FailureKind:
        """What the orchestrator does about a failure with this code."""
        return failure_kind(self)


_KINDS: dict[str | None, FailureKind] = {
    ErrorCode.PERMANENT_ERROR: FailureKind.PERMANENT,
    ErrorCode.SECURITY_ERROR: FailureKind.PERMANENT,
    ErrorCode.DEPENDENCY_ERROR: FailureKind.PERMANENT,
    ErrorCode.CONTRACT_VIOLATION_ERROR: FailureKind.PERMANENT,
    ErrorCode.INVALID_INPUT_ERROR: FailureKind.INPUT,
    ErrorCode.INTEGRITY_MISMATCH_ERROR: FailureKind.INPUT,
}


def failure_kind(code: str | None) -> FailureKind:
    """Kind of any code; one that is unknown or absent counts as transient."""
    return _KINDS.get(code, FailureKind.TRANSIENT)
