"""One call of a skill's function, which can be told to stop."""

import asyncio
import logging
from typing import Any

from fw_rxon import ErrorCode
from fw_worker.bound_skill import BoundSkill
from fw_worker.context import TaskContext
from fw_worker.errors import InvalidParameters, TaskFailed
from fw_worker.outcome import Outcome, StopReason, failed, raised, stopped
from fw_worker.threads import SkillThreads

_log = logging.getLogger("fw.worker")


class Execution:
    """Calls the function once: a coroutine function on the loop, any other in one of the `threads`.

    `cancel_timeout` is how long (seconds) a function may go on after it was told that the worker stops.
    """

    def __init__(self, skill: BoundSkill, context: TaskContext, threads: SkillThreads, cancel_timeout: float) -> None:
        self._skill = skill
        self._context = context
        self._threads = threads
        self._cancel_timeout = cancel_timeout
        self._reason: StopReason | None = None
        self._inner: asyncio.Task[Any] | None = None
        self._settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the call has ended, or need not be waited for much longer."""

    def stop(self, reason: StopReason) -> None:
        """Tell the function to stop. On a drain it gets `cancel_timeout`, otherwise all the time it wants."""
        self._reason = self._reason or reason
        self._context.cancelled.set()
        if self._inner is not None and self._skill.is_async:
            self._inner.cancel()
        if reason is StopReason.DRAIN:
            self._settle()

    def _settle(self, _: object = None) -> None:
        if not self._settled.done():
            self._settled.set_result(None)

    async def run(self, params: dict[str, Any]) -> Outcome:
        """Call the function and say what became of it; raises nothing the function raised."""
        if self._reason is not None:
            return stopped(self._reason)
        limit = self._skill.timeout
        self._inner = asyncio.create_task(self._call(params), name=f"skill {self._skill.name}")
        self._inner.add_done_callback(self._settle)
        timer = limit and asyncio.get_running_loop().call_later(limit, self.stop, StopReason.TIMEOUT)
        try:
            await self._settled
            if not self._inner.done():
                await asyncio.wait({self._inner}, timeout=self._cancel_timeout)
        finally:
            if timer:
                timer.cancel()
            # Reached with a call still going on only if it ignored being told, or if the whole worker breaks down.
            self._inner.cancel()
        return self._outcome(self._inner)

    async def _call(self, params: dict[str, Any]) -> Any:
        try:
            return await self._skill.call(params, self._context, self._threads)
        except SystemExit as error:
            # Left alone, it would end the loop and with it all other tasks.
            raise RuntimeError(f"the skill called sys.exit({error.code!r})") from error

    def _outcome(self, call: asyncio.Task[Any]) -> Outcome:
        if not call.done():
            _log.error(
                "task %s: skill %r did not stop within %g s and is left behind; %s",
                self._context.task_id,
                self._skill.name,
                self._cancel_timeout,
                "let it look at TaskContext.cancelled, or raise worker.cancel_timeout",
            )
            return stopped(self._reason or StopReason.DRAIN)
        if call.cancelled():
            return stopped(self._reason or StopReason.ORCHESTRATOR)
        error = call.exception()
        if isinstance(error, InvalidParameters):
            return failed(ErrorCode.INVALID_INPUT_ERROR, f"skill {self._skill.name!r}: {error}")
        if self._reason is not None and (error is not None or call.result() is None):
            # Told to stop, it came back with nothing: that is how a function obeys.
            return stopped(self._reason)
        if error is None:
            return self._skill.checked(call.result())
        if not isinstance(error, TaskFailed):
            _log.error("task %s: skill %r raised", self._context.task_id, self._skill.name, exc_info=error)
        return raised(error)
