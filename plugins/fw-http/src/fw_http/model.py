"""`Model`: what pydantic makes of a type. Imported where a type needs it: pydantic costs more than all else here."""

from __future__ import annotations

import math
import warnings
from typing import Any, Literal

from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError
from pydantic.json_schema import PydanticJsonSchemaWarning
from pydantic_core import PydanticSerializationError

from framework import DeclarationError
from fw_http.fault import Fault, faults, members

_STRICTER = ConfigDict(allow_inf_nan=False)


class Model:
    """Made once for each contract. Raises :class:`DeclarationError` for a type that pydantic refuses."""

    refused = ValidationError

    def __init__(self, kind: Any, place: str) -> None:
        self.adapter: TypeAdapter[Any] = _adapter(kind, place)
        self._members: frozenset[str] | None = None
        self.is_closed = "'extra_fields_behavior'" not in str(self.adapter.core_schema)
        self._extra: Literal["forbid"] | None = "forbid" if self.is_closed else None
        self.from_text = self.adapter.validator.validate_python
        """A value of text, or a list of texts; converted where the type asks for it."""

    def from_json(self, data: bytes) -> Any:
        """A value of a JSON text, nothing converted but what JSON has no type for.

        Members must be known, unless a type among those asked for has a rule of its own about that.
        """
        return self.adapter.validator.validate_json(data, strict=True, extra=self._extra)

    def faults(self, error: ValidationError, source: str, name: str) -> list[Fault]:
        """What was wrong."""
        if self._members is None:
            self._members = members(self.json_schema())
        return faults(error, source, name, self._members)

    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of what is taken; empty where it cannot be expressed."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
                return self.adapter.json_schema()
        except PydanticUserError:
            return {}

    def to_json(self, value: Any) -> bytes:
        """A value as JSON. Raises TypeError or ValueError for one that does not fit."""
        checked = self.adapter.validator.validate_python(value, strict=True)
        try:
            text = self.adapter.serializer.to_json(checked, warnings="error", by_alias=True)
        except PydanticSerializationError as error:
            raise TypeError(str(error)) from error
        if b"null" in text:
            _check_finite(self.adapter.dump_python(checked))  # NaN and infinity became null
        return text


def _check_finite(value: Any) -> None:
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, float) and not math.isfinite(part):
            raise ValueError(f"{part} is no JSON value")
        if isinstance(part, dict):
            left.extend(part.values())
        elif isinstance(part, list | tuple | set | frozenset):
            left.extend(part)


def _adapter(kind: Any, place: str) -> TypeAdapter[Any]:
    try:
        try:
            return TypeAdapter(kind, config=_STRICTER)
        except PydanticUserError as error:
            if error.code != "type-adapter-config-unused":
                raise
            return TypeAdapter(kind)
    except (PydanticUserError, TypeError, NameError) as error:
        remedy = "Use standard types, dataclasses, typed dictionaries or pydantic models; or mark it Depends()."
        if isinstance(error, PydanticUserError) and error.code == "typed-dict-version":
            remedy = "On Python 3.11 import TypedDict from typing_extensions: typing's own knows too little of itself."
        said = str(error).partition("\n")[0]
        raise DeclarationError(f"{place}: {kind!r} cannot be checked: {said}", remedy=remedy) from error
