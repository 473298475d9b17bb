"""A job as clients see it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from fw_orchestrator.model import (
    TERMINAL,
    AwaitedApproval,
    Job,
    JobStatus,
    Task,
    TaskKind,
    TaskStatus,
)
from fw_orchestrator.progress import Progress


def shown(job: Job, reported: Progress | None, definitions: Collection[str]) -> dict[str, Any]:
    """Every member but those that need the job's tasks."""
    waits_for_definition = job.status not in TERMINAL and job.definition not in definitions
    return {
        "id": job.id,
        "blueprint_name": job.blueprint,
        "definition": job.definition,
        "waiting_for_definition": waits_for_definition,
        "status": job.status,
        "current_state": job.state,
        "step": job.version,
        "depth": job.depth,
        "progress": _progress(job, reported),
        "progress_message": reported.message if reported else "",
        "tasks_total": job.tasks_total,
        "tasks_open": job.tasks_open,
        "error_code": job.error.code if job.error else None,
        "error_message": job.error.message if job.error else None,
        "result": job.result,
        "initial_data": job.initial_data,
        "state_history": job.state_history,
        "metadata": job.options.metadata,
        "policy": None if job.options.allowed_skills is None else {"allowed_skills": job.options.allowed_skills},
        "parent_job_id": job.parent_id,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
    }


def with_tasks(view: dict[str, Any], job: Job, tasks: Collection[Task], approval_token: str | None) -> dict[str, Any]:
    """The same with what is known of the one task that the job waits for, and of the decision."""
    task = next(iter(tasks)) if len(tasks) == 1 else None
    worker = task if task is not None and task.kind is TaskKind.WORKER else None
    delayed = worker is not None and worker.status is TaskStatus.DELAYED
    approval = job.awaited if isinstance(job.awaited, AwaitedApproval) else None
    return view | {
        "status": "awaiting_retry" if delayed else job.status,
        "retry_count": task.attempt - 1 if task else 0,
        "retry_at": worker.not_before if worker else None,
        "current_task_id": worker.id if worker else None,
        "assigned_worker_id": worker.worker_id if worker else None,
        "dispatch_deadline": worker.dispatch_deadline if worker else None,
        "result_deadline": task.result_deadline if task else None,
        "child_job_id": task.worker_id if task and task.kind is TaskKind.JOB else None,
        "approval_token": approval_token,
        "approval": None if approval is None else _approval(approval),
    }


def _approval(approval: AwaitedApproval) -> dict[str, Any]:
    decisions = [word for word in approval.transitions if word != "timeout"]
    return {"integration": approval.integration, "message": approval.message, "decisions": decisions}


def _progress(job: Job, reported: Progress | None) -> int:
    """Percent of the current step: what its only task reports, or how many of its tasks have ended."""
    if job.status is JobStatus.FINISHED:
        return 100
    if job.tasks_total == 1 and reported:
        return reported.percent
    return 100 * (job.tasks_total - job.tasks_open) // job.tasks_total if job.tasks_total else 0
