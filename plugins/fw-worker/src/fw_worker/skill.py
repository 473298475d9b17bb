"""A skill made ready to be called, and the catalogue of all of them."""

import functools
import hashlib
import inspect
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import msgspec

from framework.facade import Declaration
from fw_rxon import Skill, is_identifier
from fw_worker.errors import SkillError
from fw_worker.facade import SkillItem
from fw_worker.parameters import Parameters
from fw_worker.results import Results

Compile = Callable[[Callable[..., Any]], Callable[..., Any]]
OpenScope = Callable[[], AbstractAsyncContextManager[Any]]


class BoundSkill:
    """One skill with its parameters worked out; `compile` makes a function whose `Depends()` parameters are filled.

    Each task is done inside a scope of its own, made by `open_scope`.

    Raises `SkillError` where the declaration cannot work.
    """

    def __init__(self, item: SkillItem, place: str, compile: Compile, open_scope: OpenScope) -> None:
        self.name = item.name
        self.place = place
        self.open_scope = open_scope
        self._prepare = compile(_prepared(item.function))
        self.is_async = _is_async(item.function)
        if not is_identifier(item.name):
            raise SkillError(item.name, place, "the name is not allowed", "Use 1 to 128 letters, digits, '_' or '-'.")
        try:
            self.parameters = Parameters(item.function)
            self.results = Results(item.function)
        except (TypeError, ValueError, NameError) as error:
            text = " ".join(str(error).split())
            raise SkillError(
                item.name,
                place,
                f"its parameters cannot be filled from JSON, or its result cannot be JSON: {text}",
                "Annotate both with types known to msgspec (or pathlib.Path), or take one `params: dict`.",
            ) from error
        self.wire = Skill(
            name=item.name,
            type=item.type or item.name,
            description=item.description or _first_line(item.function),
            version=item.version,
            input_schema=self.parameters.schema,
            output_schema=self.results.schema,
        )

    async def prepare(self, arguments: dict[str, Any]) -> Callable[[], Any]:
        """A call of the function with these arguments, the injected ones added. Within a scope, on the loop."""
        call = self._prepare(**arguments)
        return cast(Callable[[], Any], await call if inspect.isawaitable(call) else call)


class Catalogue:
    """All skills of a worker, by name."""

    def __init__(self, declarations: Iterable[Declaration], compile: Compile, open_scope: OpenScope) -> None:
        self._skills: dict[str, BoundSkill] = {}
        for declaration in declarations:
            self._add(BoundSkill(declaration.item, declaration.place, compile, open_scope))
        self.names = tuple(self._skills)
        self.wire = tuple(skill.wire for skill in self._skills.values())
        self.hash = hashlib.sha256(msgspec.json.encode(self.wire, order="deterministic")).hexdigest()[:16]
        """Changes when anything of the catalogue does."""

    def _add(self, skill: BoundSkill) -> None:
        other = self._skills.get(skill.name)
        if other is not None:
            remedy = "Give one of them another name."
            raise SkillError(skill.name, skill.place, f"the name is taken by the one at {other.place}", remedy)
        self._skills[skill.name] = skill

    def find(self, name: str) -> BoundSkill | None:
        """The skill of that name, or None."""
        return self._skills.get(name)


def _prepared(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with its signature, but put off: the objects are made on the loop, the call may be in a thread."""

    @functools.wraps(function)
    def prepare(**arguments: Any) -> Callable[[], Any]:
        return functools.partial(function, **arguments)

    return prepare


def _is_async(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004 (not whether it is callable, but how)


def _first_line(function: Any) -> str | None:
    return (inspect.getdoc(function) or "").partition("\n")[0] or None if inspect.isroutine(function) else None
