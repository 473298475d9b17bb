"""What a function promises to return, checked against what it does return."""

import dataclasses
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import msgspec

from fw_rxon import ErrorCode, TaskStatus, complaint_of
from fw_worker.answer import Answer
from fw_worker.outcome import Outcome, failed
from fw_worker.schema import annotated, json_schema, read_path


class Results:
    """The return annotation of one skill function; one that is no object, or that is missing, promises nothing.

    Raises `TypeError` where it cannot be described as JSON.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        hint = get_type_hints(annotated(function), include_extras=True).get("return")
        self._type, self._optional = _without_none(hint)
        promises = _is_object(self._type)
        self.schema: dict[str, Any] | None = json_schema(self._type) if promises else None
        """JSON Schema of the data, or None."""

    def checked(self, value: Any, outcome: Outcome) -> Outcome:
        """The outcome of a function that returned `value`; a contract violation if that is not what it promised."""
        if self.schema is None or outcome.status != TaskStatus.SUCCESS or (value is None and self._optional):
            return outcome
        if value is None:
            return failed(ErrorCode.CONTRACT_VIOLATION_ERROR, "the skill returned nothing, and it promised something")
        try:
            msgspec.convert(outcome.data, self._type, dec_hook=read_path, str_keys=True)
        except msgspec.ValidationError as error:
            found = complaint_of(error, outcome.data)
            message = f"the skill returned what it did not promise: {found.path}: {found.problem}"
            return failed(ErrorCode.CONTRACT_VIOLATION_ERROR, message)
        return outcome


def _without_none(hint: Any) -> tuple[Any, bool]:
    """The hint as it is without None and `Answer`, if that is one kind only; and whether None is allowed."""
    if get_origin(hint) not in (Union, types.UnionType):
        return (None if hint is Answer else hint), False
    kinds = [kind for kind in get_args(hint) if kind not in (type(None), Answer)]
    return (kinds[0] if len(kinds) == 1 else None), type(None) in get_args(hint)


def _is_object(hint: Any) -> bool:
    kind = get_origin(hint) or hint
    if not inspect.isclass(kind):
        return False
    return is_typeddict(kind) or dataclasses.is_dataclass(kind) or issubclass(kind, Mapping | msgspec.Struct)
