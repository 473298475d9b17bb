"""A job as its own transition has made it."""

from __future__ import annotations

from msgspec.structs import replace

from fw_orchestrator.model import Job, Transition


def after(job: Job, transition: Transition) -> Job:
    """The job as the transition has made it, while the claim is kept."""
    number = len(transition.tasks)
    return replace(
        job,
        version=job.version + 1,
        updated_at=transition.at,
        state=transition.state,
        status=transition.status,
        ready=True,
        state_history=transition.state_history,
        awaited=transition.awaited,
        tasks_total=number,
        tasks_open=number,
        tasks_succeeded=0,
    )
