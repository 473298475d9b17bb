"""`app.worker`: where an application declares its skills."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from framework import Facade

Fn = TypeVar("Fn", bound=Callable[..., Any])


@dataclass(frozen=True)
class SkillItem:
    """One declared skill, as its author wrote it."""

    name: str
    function: Callable[..., Any]
    type: str | None
    description: str | None
    version: str | None


class WorkerFacade(Facade):
    """Records skills; the worker offers them once the application is ready."""

    def skill(
        self, name: str, *, description: str | None = None, type: str | None = None, version: str | None = None
    ) -> Callable[[Fn], Fn]:
        """Decorate the function that does tasks of this name; sync (run in a thread) or async.

        Members of a task's params become keyword arguments, checked and converted by the annotations. A single
        parameter `params: dict` gets them as they are. A parameter annotated `TaskContext` gets the task's context.
        Those marked `Depends()` are filled from the container. The function returns a mapping, a dataclass, a msgspec
        Struct or None. `description` defaults to the first line of its docstring.
        """

        def declare(function: Fn) -> Fn:
            self.declare("skill", SkillItem(name, function, type, description, version))
            return function

        return declare
