"""A skill made ready to be called."""

import inspect
from typing import Any

import msgspec

from fw_rxon import ErrorCode, Skill, is_identifier
from fw_worker.answer import Answer
from fw_worker.bound import BoundFunction, Compile, OpenScope, unusable
from fw_worker.capacity import TASKS
from fw_worker.declared import SkillItem
from fw_worker.errors import SkillError
from fw_worker.outcome import Outcome, failed, returned
from fw_worker.results import Results
from fw_worker.schema import json_schema, read_path

RESERVED = ("success", "failure", "cancelled")
"""Statuses that have a meaning of their own."""
_OWN = "skill "
"""What the name of a skill's own limit begins with; no resource can be called so."""


class BoundSkill(BoundFunction):
    """One skill: its function, its limits, and how the orchestrator is told of it.

    Raises `SkillError` where the declaration cannot work.
    """

    def __init__(self, item: SkillItem, place: str, compile: Compile, open_scope: OpenScope) -> None:
        super().__init__(item.name, item.function, place, compile, open_scope)
        try:
            self.results = Results(item.function)
            events = {kind: json_schema(payload) for kind, payload in (item.events or {}).items()}
        except (TypeError, ValueError, NameError) as error:
            raise unusable(item.name, place, error) from error
        self._events = item.events
        self.timeout = item.timeout
        self.limit = {} if item.concurrency is None else {_OWN + item.name: item.concurrency}
        """The skill's own part of the worker's limits."""
        self.need = {TASKS: 1.0, **item.uses, **dict.fromkeys(self.limit, 1.0)}
        """What one task of it takes up."""
        self.statuses = item.statuses
        self._check(item, place)
        self.wire = Skill(
            name=item.name,
            type=item.type or item.name,
            description=item.description or _first_line(item.function),
            version=item.version,
            input_schema=self.parameters.schema,
            output_schema=self.results.schema,
            events_schema=events if item.events is not None else None,
            output_statuses=item.statuses,
        )

    def _check(self, item: SkillItem, place: str) -> None:
        amounts = {"concurrency": item.concurrency, "timeout": item.timeout, **item.uses}
        for name, amount in amounts.items():
            if amount is not None and not amount > 0:
                raise SkillError(item.name, place, f"{name} is {amount!r}", "Make it greater than 0, or leave it out.")
        for word in (*item.statuses, *(item.events or ())):
            if not is_identifier(word) or word in ("progress", *RESERVED):
                raise SkillError(
                    item.name, place, f"{word!r} is not allowed here", f"{', '.join(RESERVED)}, progress are taken."
                )

    def checked(self, value: Any) -> Outcome:
        """What became of a task whose function returned this."""
        outcome = returned(value)
        if not isinstance(value, Answer) or outcome.error is not None:
            return self.results.checked(value, outcome)
        if value.status in self.statuses:
            return outcome
        known = ", ".join(self.statuses) or "none"
        return failed(
            ErrorCode.CONTRACT_VIOLATION_ERROR,
            f"the skill answered with the status {value.status!r}, which it has not declared; it has: {known}",
        )

    def check_event(self, kind: str, payload: dict[str, Any]) -> None:
        """Raise `ValueError` for an event that the skill has not declared, if it has declared any."""
        if kind == "progress" or not is_identifier(kind):
            raise ValueError(f"an event cannot be called {kind!r}")
        if self._events is None:
            return
        if kind not in self._events:
            known = ", ".join(self._events) or "none"
            raise ValueError(f"skill {self.name!r} has not declared the event {kind!r}; it has: {known}")
        try:
            msgspec.convert(payload, self._events[kind], dec_hook=read_path, str_keys=True)
        except msgspec.ValidationError as error:
            raise ValueError(f"the payload of {kind!r} is not what skill {self.name!r} declared: {error}") from error


def _first_line(function: Any) -> str | None:
    return (inspect.getdoc(function) or "").partition("\n")[0] or None if inspect.isroutine(function) else None
