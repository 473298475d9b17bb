"""One step of one job: from what the job is and what its tasks gave to the transition that follows.

Nothing is stored here, and nothing outside the handlers takes time: the same job and tasks give the same transition.
"""

from __future__ import annotations

import logging
from asyncio import CancelledError, current_task, sleep
from collections.abc import Sequence
from inspect import isawaitable
from typing import Any

from fw_orchestrator.actions import (
    Action,
    AwaitApproval,
    DispatchParallel,
    DispatchTask,
    RunBlueprint,
    TransitionTo,
)
from fw_orchestrator.blueprint import StateMachineBlueprint
from fw_orchestrator.context import JobContext
from fw_orchestrator.dispatching import Dispatch, Rules, copied, skills
from fw_orchestrator.errors import ActionError
from fw_orchestrator.model import (
    Awaited,
    AwaitedApproval,
    AwaitedFanOut,
    AwaitedJob,
    AwaitedTask,
    Failure,
    HistoryEntry,
    Job,
    JobStatus,
    Task,
    Transition,
)
from fw_orchestrator.outcomes import chosen, failed_for_good, outcome_of, shown
from fw_orchestrator.states import State, StateHandler
from fw_rxon import ErrorCode

log = logging.getLogger("fw_orchestrator")

Reached = tuple[StateHandler, JobContext, State | None]
"""The handler to run, with its context and, unless it is an aggregator, its state."""


class Step:
    """The making of one transition. ``tasks`` are those of the job's step; of several attempts the last counts."""

    def __init__(
        self,
        blueprint: StateMachineBlueprint,
        job: Job,
        tasks: Sequence[Task],
        *,
        owner: str,
        now: float,
        rules: Rules | None = None,
    ) -> None:
        self._blueprint = blueprint
        self._job = job
        self._tasks = tasks if len(tasks) < 2 else list({task.number: task for task in tasks}.values())
        self._owner = owner
        self._now = now
        self._rules = rules or Rules()
        self._dispatch = Dispatch(self._rules, job, now)
        self._state = job.state
        self._state_history = dict(job.state_history)
        self._history: list[HistoryEntry] = []

    async def run(self) -> Transition:
        """Route what came back from others, then run the handler of the state reached."""
        try:
            reached = self._routed()
            return reached if isinstance(reached, Transition) else await self._handle(*reached)
        except ActionError as error:
            return self._fail(ErrorCode.PERMANENT_ERROR, str(error))

    def _routed(self) -> Transition | Reached:
        self._check_length()
        match self._job.awaited:
            case None:
                return self._enter(self._state)
            case AwaitedFanOut() as awaited:
                return self._after_fan_out(awaited)
            case awaited:
                return self._after_one(awaited)

    def _check_length(self) -> None:
        most = self._job.options.max_transitions or self._rules.settings.max_transitions
        if self._job.version >= most:
            raise ActionError(
                f"The job has made {self._job.version} transitions, which is the most allowed.",
                remedy="If that is no endless loop, raise max_transitions.",
            )

    def _after_one(self, awaited: AwaitedTask | AwaitedApproval | AwaitedJob) -> Transition | Reached:
        outcome = outcome_of(self._tasks[0])
        following = chosen(awaited, outcome)
        if following is not None:
            self._state_history.update(outcome.data)
            self._move(following)
            return self._enter(following)
        ended = failed_for_good(outcome)
        if ended is not None:
            return self._end(*ended)
        raise ActionError(
            f"The answer was {outcome.status!r}, for which state {self._state!r} names no transition; "
            f"it names {', '.join(sorted(awaited.transitions)) or 'none'}."
        )

    def _after_fan_out(self, awaited: AwaitedFanOut) -> Reached:
        ended = [outcome_of(task) for task in self._tasks if task.outcome is not None]
        failed = [outcome for outcome in ended if outcome.status != "success"]
        if len(ended) - len(failed) < awaited.require:
            why = next((f" The first: {outcome.error.message}" for outcome in failed if outcome.error), "")
            raise ActionError(
                f"{len(failed)} of {len(self._tasks)} tasks failed; {awaited.require} had to succeed.{why}"
            )
        aggregator = self._aggregator(awaited.aggregate_into)
        self._move(awaited.aggregate_into)
        return aggregator, self._context(), None

    def _enter(self, name: str) -> Reached:
        """The handler of a state."""
        state, context = self._known(name), self._context()
        return state.choose(context), context, state

    def _context(self) -> JobContext:
        # A copy: what a handler that fails has done to it is not kept, and might not even be JSON.
        return JobContext(
            self._job.id,
            self._state,
            copied(self._job.initial_data),
            copied(self._state_history),
            {task.id: shown(task) for task in self._tasks},
            data_stores=self._blueprint.data_stores,
            metadata=copied(self._job.options.metadata),
        )

    async def _handle(self, handler: StateHandler, context: JobContext, state: State | None) -> Transition:
        try:
            async with self._rules.open_scope():
                result = handler(context, self._rules.bound(handler))
                if result is not None and isawaitable(result):
                    if self._rules.is_begun_elsewhere:
                        await sleep(0)  # a coroutine may ask for its task: for a time-out, for a group
                    await result
            self._state_history = copied(context.state_history)
        except ActionError:
            raise
        except (Exception, SystemExit, CancelledError) as error:
            # One that ends the program would do so in every engine that takes up the job, one after the other.
            if isinstance(error, CancelledError) and _is_being_cancelled():
                raise
            log.exception("job %s: the handler of state %r failed", self._job.id, self._state)
            what = f"The handler of state {self._state!r} raised {type(error).__name__}: {error}"
            return self._fail(ErrorCode.INTERNAL_ERROR, what)
        action = context.actions.chosen
        if state is not None and state.is_end and action is None:
            if state.is_failure:
                return self._fail(ErrorCode.PERMANENT_ERROR, f"The job ended in state {state.name!r}.")
            return self._end(JobStatus.FINISHED)
        return self._carried_out(handler, action)

    def _carried_out(self, handler: StateHandler, action: Action | None) -> Transition:
        match action:
            case TransitionTo(state):
                self._known(state)
                self._move(state)
                return self._transition(JobStatus.RUNNING, ready=True)
            case DispatchTask(order, transitions, event_transitions):
                self._check_targets(transitions | event_transitions)
                tasks = self._dispatch.tasks((order,))
                awaited = AwaitedTask(transitions, event_transitions)
                return self._dispatched(tasks, JobStatus.WAITING_FOR_WORKER, awaited)
            case DispatchParallel(orders, aggregate_into, require, wait_for_all):
                self._aggregator(aggregate_into)
                fan_out = AwaitedFanOut(aggregate_into, require, wait_for_all)
                tasks = self._dispatch.tasks(orders)
                return self._dispatched(tasks, JobStatus.WAITING_FOR_PARALLEL_TASKS, fan_out)
            case AwaitApproval(integration, message, transitions):
                self._check_targets(transitions)
                approval = AwaitedApproval(transitions, integration, message)
                return self._dispatched(
                    (self._dispatch.approval(action),), JobStatus.WAITING_FOR_HUMAN, approval, "approval_requested"
                )
            case RunBlueprint(transitions=transitions):
                self._check_targets(transitions)
                task, job = self._dispatch.sub_job(action)
                return self._dispatched(
                    (task,), JobStatus.WAITING_FOR_SUB_JOB, AwaitedJob(transitions), "sub_job_started", jobs=(job,)
                )
        raise ActionError(
            f"The handler of state {handler.state!r} returned without an action.",
            remedy="Call actions.transition_to, dispatch_task, dispatch_parallel, run_blueprint or "
            "await_human_approval, or declare the state an end.",
        )

    def _dispatched(
        self,
        tasks: tuple[Task, ...],
        status: JobStatus,
        awaited: Awaited,
        event: str = "tasks_dispatched",
        jobs: tuple[Job, ...] = (),
    ) -> Transition:
        detail: dict[str, Any] = {"tasks": len(tasks), "skills": skills(tasks)}
        self._note(event, detail if not jobs else {"job_id": jobs[0].id, "blueprint": jobs[0].blueprint})
        return self._transition(status, ready=not tasks, awaited=awaited, tasks=tasks, jobs=jobs)

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

    def _check_targets(self, transitions: dict[str, str]) -> None:
        for state in transitions.values():
            self._known(state)

    def _known(self, name: str) -> State:
        if name not in self._blueprint.states:
            raise self._unknown(name, list(self._blueprint.states), "handler_for")
        return self._blueprint.states[name]

    def _aggregator(self, name: str) -> StateHandler:
        if name not in self._blueprint.aggregators:
            raise self._unknown(name, list(self._blueprint.aggregators), "aggregator_for")
        return self._blueprint.aggregators[name]

    def _unknown(self, name: str, there: list[str], how: str) -> ActionError:
        return ActionError(
            f"Blueprint {self._blueprint.name!r} has no such state: {name!r}. It has {', '.join(sorted(there))}.",
            remedy=f'Declare it: @blueprint.{how}("{name}").',
        )


def _is_being_cancelled() -> bool:
    """Whether somebody cancels what runs here; else a handler has raised of itself what others are cancelled by."""
    task = current_task()
    return task is not None and task.cancelling() > 0
