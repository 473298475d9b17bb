"""Turns a function's signature into a schema, and a task's params into its arguments."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Union, get_origin, get_type_hints

import msgspec

from framework.depends import Dependency
from fw_rxon import complaint_of
from fw_worker.context import TaskContext
from fw_worker.errors import InvalidParameters
from fw_worker.schema import annotated, json_schema, read_path


class Parameters:
    """The parameters of one skill function, except those marked `Depends()`, which are the container's.

    Raises `TypeError` where they cannot be filled from a JSON object.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        hints = get_type_hints(annotated(function), include_extras=True)
        parameters = list(inspect.signature(function).parameters.values())
        self._contexts = [p.name for p in parameters if hints.get(p.name) is TaskContext]
        members = [p for p in parameters if p.name not in self._contexts and not isinstance(p.default, Dependency)]
        self._raw = len(members) == 1 and members[0].name == "params" and _is_mapping(hints.get("params"))
        self._open = any(p.kind is p.VAR_KEYWORD for p in members)
        self._names = [_checked(p).name for p in members if p.kind is not p.VAR_KEYWORD]
        fields = [_field(p, hints.get(p.name, Any)) for p in members if p.kind is not p.VAR_KEYWORD]
        self._struct = msgspec.defstruct("Params", fields, kw_only=True, forbid_unknown_fields=not self._open)
        self.schema: dict[str, Any] = {"type": "object"} if self._raw else json_schema(self._struct)
        """JSON Schema of the params."""

    @property
    def wants_context(self) -> bool:
        """Whether one of them is the context of a task."""
        return bool(self._contexts)

    def arguments(self, params: dict[str, Any], context: TaskContext | None) -> dict[str, Any]:
        """Keyword arguments for one call. Raises `InvalidParameters` naming the parameter."""
        found: dict[str, Any] = {"params": params} if self._raw else self._converted(params)
        return found | dict.fromkeys(self._contexts, context)

    def _converted(self, params: dict[str, Any]) -> dict[str, Any]:
        try:
            filled = msgspec.convert(params, self._struct, dec_hook=read_path, str_keys=True)
        except msgspec.ValidationError as error:
            raise self._explained(error, params) from error
        values = {name: getattr(filled, name) for name in self._names}
        extra = {name: value for name, value in params.items() if self._open and name not in values}
        return {name: value for name, value in values.items() if value is not msgspec.UNSET} | extra

    def _explained(self, error: msgspec.ValidationError, params: dict[str, Any]) -> InvalidParameters:
        found = complaint_of(error, params)
        inside = found.path != f"$.{found.member}"
        if found.kind == "missing" and not inside:
            return InvalidParameters(found.member, f"parameter {found.member!r} is missing")
        if found.kind == "unknown" and not inside:
            known = ", ".join(self._names) or "none"
            return InvalidParameters(found.member, f"parameter {found.member!r} is not known; the skill takes: {known}")
        place = f" at {found.path}" if inside else ""
        return InvalidParameters(found.member, f"parameter {found.member!r}{place}: {found.problem}")


def _is_mapping(annotation: Any) -> bool:
    kind = get_origin(annotation) or annotation
    return inspect.isclass(kind) and issubclass(dict, kind) and issubclass(kind, Mapping)


def _checked(parameter: inspect.Parameter) -> inspect.Parameter:
    if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
        raise TypeError(f"parameter {parameter.name!r} cannot be given by name, and params come by name")
    return parameter


def _field(parameter: inspect.Parameter, annotation: Any) -> tuple[str, Any, Any]:
    if parameter.default is parameter.empty:
        return parameter.name, annotation, msgspec.NODEFAULT
    # UNSET stands for "not given": the function's own default then applies, whatever object it is.
    return parameter.name, Union[annotation, msgspec.UnsetType], msgspec.UNSET  # noqa: UP007 (not every annotation has `|`)
