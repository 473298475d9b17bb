"""`app.worker`: where an application declares its skills."""

from collections.abc import Callable, Mapping
from typing import Any

from framework import Facade
from fw_worker.declared import CommandItem, Fn, SkillItem


class WorkerFacade(Facade):
    """Records skills; the worker offers them once the application is ready."""

    def skill(
        self,
        name: str,
        *,
        description: str | None = None,
        type: str | None = None,
        version: str | None = None,
        concurrency: int | None = None,
        timeout: float | None = None,
        uses: Mapping[str, float] | None = None,
        events: Mapping[str, Any] | None = None,
        statuses: tuple[str, ...] = (),
    ) -> Callable[[Fn], Fn]:
        """Decorate the function that does tasks of this name; sync (run in a thread) or async.

        Members of a task's params become keyword arguments, checked and converted by the annotations. A single
        parameter `params: dict` gets them as they are. A parameter annotated `TaskContext` gets the task's context.
        Those marked `Depends()` are filled from the container. The function returns a mapping, a dataclass, a msgspec
        Struct, an `Answer` or None. `description` defaults to the first line of its docstring.

        At most `concurrency` of its tasks run at a time, each for at most `timeout` seconds, and while it runs it
        `uses` that much of the worker's resources (`{"gpu": 1}`). `events` are the events it may send, with the types
        of their payloads; without it, any. `statuses` are the statuses other than success that it may answer with.
        """

        def declare(function: Fn) -> Fn:
            item = SkillItem(
                name, function, type, description, version, concurrency, timeout, uses or {}, events, tuple(statuses)
            )
            self.declare("skill", item)
            return function

        return declare

    def command(self, name: str) -> Callable[[Fn], Fn]:
        """Decorate the function that obeys an order of this name, which comes by WebSocket; sync or async.

        Its parameters are filled as a skill's. What it returns is not sent anywhere.
        """

        def declare(function: Fn) -> Fn:
            self.declare("command", CommandItem(name, function))
            return function

        return declare
