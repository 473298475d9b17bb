"""The words used as `status`."""

from enum import StrEnum


class WorkerStatus(StrEnum):
    """What a worker says of itself in a heartbeat."""

    IDLE = "idle"
    """Can take work."""
    BUSY = "busy"
    """No skill is available."""
    FULL = "full"
    """Runs as many tasks as it may."""
    DRAINING = "draining"
    """Finishes what it has and takes nothing new."""
    OFFLINE = "offline"
    """Leaves: the last heartbeat."""


class TaskStatus(StrEnum):
    """Outcome of a task. Any other word is allowed and selects a transition."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCELLED = "cancelled"


class AnswerStatus(StrEnum):
    """What the orchestrator answers."""

    REGISTERED = "registered"
    OK = "ok"
    TTL_REFRESHED = "ttl_refreshed"
    ACCEPTED = "accepted"
    IGNORED = "ignored"
    EVENT_ACCEPTED = "event_accepted"
    ERROR = "error"
