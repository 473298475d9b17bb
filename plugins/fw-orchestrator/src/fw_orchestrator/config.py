"""The settings of section `[orchestrator]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from fw_orchestrator.environment_config import Config

__all__ = ["Config", "OrchestratorSettings"]

_POSITIVE = (
    "max_concurrent_jobs",
    "job_lease",
    "task_lease",
    "max_poll",
    "worker_timeout",
    "max_transitions",
    "max_policy",
    "retention_interval",
)
_NOT_NEGATIVE = ("max_retries", "max_depth", "retry_delay", "retry_max_delay", "retry_jitter", "retention")


@dataclass(frozen=True)
class OrchestratorSettings:
    """Tokens, limits and times. Times in seconds; 0 for none where a time-out or the retention is optional.

    ``client_token`` and ``worker_token`` must be set as soon as a blueprint is registered; without ``admin_token`` the
    operator's calls are refused. ``workers_file`` is a TOML file with tokens of single workers, ``secret_key`` what
    tasks are signed with (empty: they are not). ``require_signatures`` refuses workers that do not sign.
    ``worker_auth`` is how a worker shows who it is: by its token, by a certificate whose common name is its id, or by
    either. ``job_lease`` and ``task_lease`` are how long a claim outlives the last sign of life of the engine or worker
    that holds it. ``max_policy`` is how many bytes the policy of a job may have.
    ``max_retries`` is how many more attempts a task gets after a transient failure; before the first of them
    ``retry_delay`` passes, twice that before the next, at most ``retry_max_delay``, more or less ``retry_jitter`` of
    it. ``dispatch_timeout`` and ``result_timeout`` are for tasks whose handler and job name none. ``worker_timeout``
    is when a silent worker is forgotten, ``retention`` when an ended job is.
    """

    client_token: str = field(default="", metadata={"secret": True}, repr=False)
    worker_token: str = field(default="", metadata={"secret": True}, repr=False)
    admin_token: str = field(default="", metadata={"secret": True}, repr=False)
    workers_file: str = ""
    secret_key: str = field(default="", metadata={"secret": True}, repr=False)
    require_signatures: bool = False
    worker_auth: Literal["mixed", "mtls-only", "token-only"] = "mixed"
    api_prefix: str = "api"
    client_api: bool = True
    max_concurrent_jobs: int = 100
    max_transitions: int = 100
    max_depth: int = 10
    max_policy: int = 4096
    max_retries: int = 3
    retry_delay: float = 1.0
    retry_max_delay: float = 60.0
    retry_jitter: float = 0.2
    dispatch_timeout: float = 0.0
    result_timeout: float = 0.0
    job_lease: float = 10.0
    task_lease: float = 30.0
    max_poll: float = 60.0
    worker_timeout: float = 120.0
    retention: float = 0.0
    retention_interval: float = 60.0

    def __post_init__(self) -> None:
        for name in _POSITIVE:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")
        for name in (*_NOT_NEGATIVE, "dispatch_timeout", "result_timeout"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, not {getattr(self, name)}")
        if self.retry_jitter > 1:
            raise ValueError(f"retry_jitter must be between 0 and 1, not {self.retry_jitter}")
        if not self.api_prefix.strip("/"):
            raise ValueError("api_prefix must not be empty")


def __getattr__(name: str) -> Any:
    """`Config` is imported when it is used: most applications have a `fw.toml` instead."""
    if name != "Config":
        raise AttributeError(f"module 'fw_orchestrator.config' has no attribute {name!r}")
    from fw_orchestrator.environment_config import Config

    return Config
