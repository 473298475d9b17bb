"""One step of one job: from what the job is and what its tasks gave to the transition that follows.

Nothing is stored here, and nothing outside the handlers takes time: the same job and tasks give the same transition.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any
from uuid import uuid4

from fw_orchestrator.actions import Action, DispatchParallel, DispatchTask, TaskOrder, TransitionTo
from fw_orchestrator.blueprint import StateHandler, StateMachineBlueprint
from fw_orchestrator.context import JobContext
from fw_orchestrator.errors import ActionError
from fw_orchestrator.model import (
    Awaited,
    AwaitedFanOut,
    AwaitedTask,
    Failure,
    HistoryEntry,
    Job,
    JobStatus,
    Task,
    TaskOutcome,
    Transition,
)
from fw_orchestrator.plain import NotPlain, plain
from fw_rxon import ErrorCode, FailureKind, failure_kind

log = logging.getLogger("fw_orchestrator")


class Step:
    """The making of one transition. ``tasks`` are the last attempts of the job's current step.

    Handlers run inside a scope made by ``open_scope``.
    """

    def __init__(
        self,
        blueprint: StateMachineBlueprint,
        job: Job,
        tasks: Sequence[Task],
        *,
        owner: str,
        now: float,
        open_scope: Callable[[], AbstractAsyncContextManager[Any]] = nullcontext,
    ) -> None:
        self._blueprint = blueprint
        self._job = job
        self._tasks = tasks
        self._owner = owner
        self._now = now
        self._open_scope = open_scope
        self._state = job.state
        self._state_history = _copied(job.state_history)
        self._history: list[HistoryEntry] = []

    async def run(self) -> Transition:
        """Route what came back from workers, then run the handler of the state reached."""
        try:
            match self._job.awaited:
                case AwaitedTask() as awaited:
                    return await self._after_task(awaited)
                case AwaitedFanOut() as awaited:
                    return await self._after_fan_out(awaited)
            return await self._handle(self._handler(self._state))
        except ActionError as error:
            return self._fail(ErrorCode.PERMANENT_ERROR, str(error))

    async def _after_task(self, awaited: AwaitedTask) -> Transition:
        outcome = _outcome(self._tasks[0])
        following = awaited.transitions.get(outcome.status)
        if following is not None:
            self._state_history.update(outcome.data)
            self._move(following)
            return await self._handle(self._handler(following))
        if outcome.status == "failure":
            failure = outcome.error or Failure(
                ErrorCode.TRANSIENT_ERROR, "The worker reported a failure without a word."
            )
            wrong_input = failure_kind(failure.code) is FailureKind.INPUT
            return self._end(JobStatus.FAILED if wrong_input else JobStatus.QUARANTINED, failure)
        raise ActionError(
            f"The worker answered {outcome.status!r}, for which state {self._state!r} names no transition; "
            f"it names {', '.join(sorted(awaited.transitions)) or 'none'}."
        )

    async def _after_fan_out(self, awaited: AwaitedFanOut) -> Transition:
        failed = [outcome for outcome in map(_outcome, self._tasks) if outcome.status != "success"]
        if len(self._tasks) - len(failed) < awaited.require:
            why = next((f" The first: {outcome.error.message}" for outcome in failed if outcome.error), "")
            raise ActionError(
                f"{len(failed)} of {len(self._tasks)} tasks failed; {awaited.require} had to succeed.{why}"
            )
        self._move(awaited.aggregate_into)
        return await self._handle(self._aggregator(awaited.aggregate_into))

    async def _handle(self, handler: StateHandler) -> Transition:
        results = {task.id: _result(task) for task in self._tasks}
        # A copy: what a handler that fails has done to it is not kept, and might not even be JSON.
        given = _copied(self._state_history)
        context = JobContext(self._job.id, self._state, self._job.initial_data, given, results)
        try:
            async with self._open_scope():
                await handler(context)
            self._state_history = _copied(context.state_history)
        except ActionError:
            raise
        except Exception as error:
            log.exception("job %s: the handler of state %r failed", self._job.id, self._state)
            what = f"The handler of state {self._state!r} raised {type(error).__name__}: {error}"
            return self._fail(ErrorCode.INTERNAL_ERROR, what)
        action = context.actions.chosen
        if handler.is_end and action is None:
            return self._end(JobStatus.FINISHED)
        return self._carried_out(handler, action)

    def _carried_out(self, handler: StateHandler, action: Action | None) -> Transition:
        match action:
            case TransitionTo(state):
                self._handler(state)
                self._move(state)
                return self._transition(JobStatus.RUNNING, ready=True)
            case DispatchTask(order, transitions):
                for state in transitions.values():
                    self._handler(state)
                return self._dispatched((order,), JobStatus.WAITING_FOR_WORKER, AwaitedTask(transitions))
            case DispatchParallel(orders, aggregate_into, require):
                self._aggregator(aggregate_into)
                awaited = AwaitedFanOut(aggregate_into, require)
                return self._dispatched(orders, JobStatus.WAITING_FOR_PARALLEL_TASKS, awaited)
        raise ActionError(
            f"The handler of state {handler.state!r} returned without an action.",
            remedy="Call actions.transition_to, dispatch_task or dispatch_parallel, or declare the state an end.",
        )

    def _dispatched(self, orders: Sequence[TaskOrder], status: JobStatus, awaited: Awaited) -> Transition:
        tasks = tuple(
            Task(
                id=f"task-{uuid4()}",
                job_id=self._job.id,
                step=self._job.version + 1,
                number=number,
                skill=order.skill,
                params=_copied(order.params),
                priority=order.priority,
                enqueued_at=self._now,
            )
            for number, order in enumerate(orders)
        )
        detail = {"tasks": len(tasks), "skills": sorted({order.skill for order in orders})}
        self._note("tasks_dispatched", detail)
        return self._transition(status, ready=not tasks, awaited=awaited, tasks=tasks)

    def _fail(self, code: str, message: str) -> Transition:
        return self._end(JobStatus.FAILED, Failure(code, message))

    def _end(self, status: JobStatus, failure: Failure | None = None) -> Transition:
        result = self._state_history.get(self._state, self._state_history) if failure is None else None
        self._note(f"job_{status}", {"code": failure.code, "message": failure.message} if failure else {})
        return self._transition(status, ready=False, result=result, error=failure)

    def _transition(self, status: JobStatus, *, ready: bool, **members: Any) -> Transition:
        return Transition(
            job_id=self._job.id,
            owner=self._owner,
            expected_version=self._job.version,
            at=self._now,
            state=self._state,
            status=status,
            ready=ready,
            state_history=self._state_history,
            history=tuple(self._history),
            **members,
        )

    def _move(self, state: str) -> None:
        came_from, self._state = self._state, state
        self._note("state_entered", {"from": came_from})

    def _note(self, event: str, detail: dict[str, Any]) -> None:
        self._history.append(
            HistoryEntry(job_id=self._job.id, at=self._now, event=event, state=self._state, detail=detail)
        )

    def _handler(self, state: str) -> StateHandler:
        return self._known(self._blueprint.handlers, state, f'@blueprint.handler_for("{state}")')

    def _aggregator(self, state: str) -> StateHandler:
        return self._known(self._blueprint.aggregators, state, f'@blueprint.aggregator_for("{state}")')

    def _known(self, where: dict[str, StateHandler], state: str, declaration: str) -> StateHandler:
        if state not in where:
            raise ActionError(
                f"Blueprint {self._blueprint.name!r} has no such state: {state!r}. It has {', '.join(sorted(where))}.",
                remedy=f"Declare it: {declaration}.",
            )
        return where[state]


def _copied(value: dict[str, Any]) -> dict[str, Any]:
    """A deep copy that holds JSON values only. Raises :class:`ActionError` for what JSON cannot express."""
    try:
        return plain(value)
    except NotPlain as error:
        raise ActionError(
            f"A value cannot be stored as JSON: {error}.", remedy="Keep plain JSON values only."
        ) from error


def _outcome(task: Task) -> TaskOutcome:
    return task.outcome or TaskOutcome("failure")


def _result(task: Task) -> dict[str, Any]:
    outcome = _outcome(task)
    error = outcome.error
    return {
        "status": outcome.status,
        "data": outcome.data,
        "error": {"code": error.code, "message": error.message, "details": error.details} if error else None,
        "params": task.params,
    }
