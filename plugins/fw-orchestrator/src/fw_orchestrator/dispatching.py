"""From what a handler asked for to the tasks and sub-jobs of the next step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fw_orchestrator.actions import AwaitApproval, RunBlueprint
from fw_orchestrator.config import OrchestratorSettings
from fw_orchestrator.errors import ActionError
from fw_orchestrator.model import Job, JobOptions, Task, TaskKind, TaskStatus
from fw_orchestrator.orders import TaskOrder
from fw_orchestrator.plain import NotPlain, plain
from fw_orchestrator.surroundings import Surroundings

if TYPE_CHECKING:
    from fw_orchestrator.blueprint import StateMachineBlueprint
    from fw_orchestrator.states import StateHandler

HUMAN = "human"
"""Who holds a task that a person does."""


@dataclass
class Rules:
    """What a step needs to know beyond its job: settings, surroundings, other blueprints, injection.

    ``is_begun_elsewhere``: until it waits, it may run in a task that is not its own.
    """

    settings: OrchestratorSettings = field(default_factory=OrchestratorSettings)
    surroundings: Surroundings = field(default_factory=Surroundings)
    find_blueprint: Callable[[str], StateMachineBlueprint | None] = lambda _name: None
    open_scope: Callable[[], AbstractAsyncContextManager[Any]] = nullcontext
    bound: Callable[[StateHandler], Callable[..., Any] | None] = lambda _handler: None
    is_begun_elsewhere: bool = False


class Dispatch:
    """Makes the tasks of one step of one job, which comes with version ``step``."""

    def __init__(self, rules: Rules, job: Job, now: float) -> None:
        self._rules = rules
        self._job = job
        self._now = now
        self._step = job.version + 1

    def tasks(self, orders: Sequence[TaskOrder]) -> tuple[Task, ...]:
        """For workers. Raises :class:`ActionError` for a skill that the job may not use."""
        allowed = self._job.options.allowed_skills
        for order in orders:
            if allowed is not None and order.skill not in allowed:
                raise ActionError(f"The job may not use skill {order.skill!r}; allowed: {', '.join(allowed)}.")
        return tuple(self._task(number, order) for number, order in enumerate(orders))

    def _task(self, number: int, order: TaskOrder) -> Task:
        options, settings = self._job.options, self._rules.settings
        wait = order.dispatch_timeout or options.dispatch_timeout or settings.dispatch_timeout or None
        return Task(
            id=f"task-{self._rules.surroundings.new_id()}",
            job_id=self._job.id,
            step=self._step,
            number=number,
            skill=order.skill,
            params=copied(order.params),
            priority=order.priority,
            retries=order.retries,
            enqueued_at=self._now,
            dispatch_timeout=wait,
            dispatch_deadline=None if wait is None else self._now + wait,
            result_timeout=order.result_timeout or options.result_timeout or settings.result_timeout or None,
            requirements=copied(order.requirements) | ({"metadata": options.metadata} if options.metadata else {}),
        )

    def approval(self, action: AwaitApproval) -> Task:
        """For a person."""
        params = {"integration": action.integration, "message": action.message}
        return self._begun(TaskKind.HUMAN, "approval", HUMAN, params, action.timeout)

    def sub_job(self, action: RunBlueprint) -> tuple[Task, Job]:
        """For another job, with that job. Raises :class:`ActionError` if there cannot be one."""
        blueprint = self._rules.find_blueprint(action.blueprint)
        if blueprint is None:
            raise ActionError(
                f"No blueprint named {action.blueprint!r} is registered.", remedy="Register it, or correct the name."
            )
        if self._job.depth >= self._rules.settings.max_depth:
            raise ActionError(
                f"The job is {self._job.depth} sub-jobs deep, which is the most allowed.", remedy="See max_depth."
            )
        child_id = self._rules.surroundings.new_id()
        data = copied(action.initial_data)
        task = self._begun(TaskKind.JOB, blueprint.name, child_id, data, action.timeout)
        job = Job(
            id=child_id,
            blueprint=blueprint.name,
            definition=blueprint.definition,
            state=blueprint.start,
            created_at=self._now,
            updated_at=self._now,
            initial_data=data,
            options=JobOptions(allowed_skills=self._job.options.allowed_skills, metadata=self._job.options.metadata),
            parent_id=self._job.id,
            parent_task=task.id,
            depth=self._job.depth + 1,
        )
        return task, job

    def _begun(self, kind: TaskKind, skill: str, holder: str, params: dict[str, Any], timeout: float | None) -> Task:
        return Task(
            id=f"task-{self._rules.surroundings.new_id()}",
            job_id=self._job.id,
            step=self._step,
            number=0,
            kind=kind,
            skill=skill,
            params=params,
            status=TaskStatus.RUNNING,
            worker_id=holder,
            enqueued_at=self._now,
            started_at=self._now,
            result_timeout=timeout,
            result_deadline=None if timeout is None else self._now + timeout,
        )


def copied(value: dict[str, Any]) -> dict[str, Any]:
    """A deep copy that holds JSON values only. Raises :class:`ActionError` for what JSON cannot express."""
    try:
        return plain(value)
    except NotPlain as error:
        raise ActionError(
            f"A value cannot be stored as JSON: {error}.", remedy="Keep plain JSON values only."
        ) from error


def skills(tasks: Collection[Task]) -> list[str]:
    """What the tasks ask for, without repetition."""
    return sorted({task.skill for task in tasks})
