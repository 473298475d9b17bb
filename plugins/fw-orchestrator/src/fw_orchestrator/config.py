"""The settings of section `[orchestrator]`."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class OrchestratorSettings:
    """Tokens, limits and times. Times in seconds.

    ``client_token`` and ``worker_token`` must be set as soon as a blueprint is registered. ``job_lease`` and
    ``task_lease`` are how long a claim outlives the last sign of life of the engine or worker that holds it.
    ``max_retries`` is how many more attempts a task gets after a transient failure. ``worker_timeout`` is when a silent
    worker is forgotten.
    """

    client_token: str = field(default="", metadata={"secret": True})
    worker_token: str = field(default="", metadata={"secret": True})
    api_prefix: str = "api"
    max_concurrent_jobs: int = 100
    max_retries: int = 3
    job_lease: float = 10.0
    task_lease: float = 30.0
    max_poll: float = 60.0
    worker_timeout: float = 120.0

    def __post_init__(self) -> None:
        for name in ("max_concurrent_jobs", "job_lease", "task_lease", "max_poll", "worker_timeout"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be greater than 0, not {getattr(self, name)}")
        if self.max_retries < 0:
            raise ValueError(f"max_retries must not be negative, not {self.max_retries}")
        if not self.api_prefix.strip("/"):
            raise ValueError("api_prefix must not be empty")
