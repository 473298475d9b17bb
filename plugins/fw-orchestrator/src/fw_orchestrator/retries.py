"""`Retries`: whether a failed attempt is followed by another, and when."""

from __future__ import annotations

from msgspec.structs import replace

from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.model import Task, TaskKind, TaskOutcome, TaskStatus
from fw_orchestrator.surroundings import Surroundings
from fw_rxon import FailureKind, failure_kind


class Retries:
    """The engine's rules for trying again."""

    def __init__(self, settings: OrchestratorSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings

    @property
    def max_attempts(self) -> int:
        """How often a task is tried that says nothing itself."""
        return self._settings.max_retries + 1

    def after(self, task: Task | None, outcome: TaskOutcome, now: float) -> Task | None:
        """The task that takes the place of one that ended so; None if that was its last attempt."""
        if task is None or outcome.status != "failure" or task.kind is not TaskKind.WORKER:
            return None
        most = self._settings.max_retries if task.retries is None else task.retries
        if task.attempt > most:
            return None
        if failure_kind(outcome.error.code if outcome.error else None) is not FailureKind.TRANSIENT:
            return None
        return self._again(task, now)

    def _again(self, task: Task, now: float) -> Task:
        delay = self.delay(task.attempt)
        due = now + delay
        return replace(
            task,
            id=f"task-{self._surroundings.new_id()}",
            attempt=task.attempt + 1,
            status=TaskStatus.DELAYED if delay else TaskStatus.QUEUED,
            not_before=due if delay else None,
            enqueued_at=now,
            dispatch_deadline=None if task.dispatch_timeout is None else due + task.dispatch_timeout,
            result_deadline=None,
            worker_id=None,
            started_at=None,
            lease_until=None,
            outcome=None,
        )

    def delay(self, attempt: int) -> float:
        """Seconds between the failure of an attempt (1, 2, …) and the next one: doubling, bounded, jittered."""
        settings = self._settings
        delay = min(settings.retry_delay * 2.0 ** min(attempt - 1, 60), settings.retry_max_delay)
        jitter = settings.retry_jitter
        return delay * (1 + self._surroundings.random.uniform(-jitter, jitter)) if delay and jitter else delay
