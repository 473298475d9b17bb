"""What an annotation says: a model, a list, an upload, a stream."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Union, get_args, get_origin, is_typeddict

from fw_http.upload import Upload

_LISTS = (list, tuple, set, frozenset, Sequence, AbstractSet, Collection)


def plain_kind(kind: Any) -> Any:
    """The annotation without ``Annotated``, and without ``None`` where one other type is left."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if is_union(kind):
        rest = [part for part in get_args(kind) if part is not type(None)]
        if len(rest) == 1:
            return plain_kind(rest[0])
    return kind


def is_union(kind: Any) -> bool:
    """Whether it is ``X | Y``."""
    return get_origin(kind) in (Union, types.UnionType)


def is_list(kind: Any) -> bool:
    """Whether it takes several values: a list, tuple, set, or a supertype of these."""
    kind = plain_kind(kind)
    return (get_origin(kind) or kind) in _LISTS


def is_body(kind: Any) -> bool:
    """Whether the type alone says that it is a JSON body: a model, a mapping, a list or union of these."""
    kind = plain_kind(kind)
    if is_union(kind) or is_list(kind):
        parts = [part for part in get_args(kind) if part not in (Ellipsis, type(None))]
        return bool(parts) and all(is_body(part) for part in parts)
    origin = get_origin(kind) or kind
    return is_model(kind) or (inspect.isclass(origin) and issubclass(origin, Mapping))


def is_model(kind: Any) -> bool:
    """Whether it is a dataclass, a typed dictionary or a pydantic model."""
    origin = get_origin(kind) or kind
    if is_typeddict(origin):
        return True
    return inspect.isclass(origin) and (dataclasses.is_dataclass(origin) or _is_pydantic_model(origin))


def _is_pydantic_model(kind: type) -> bool:
    pydantic = sys.modules.get("pydantic")  # no class is a model of it before it is imported
    return pydantic is not None and issubclass(kind, pydantic.BaseModel)


def is_upload(kind: Any) -> bool:
    """Whether it is an uploaded file, or a list of them."""
    kind = plain_kind(kind)
    if is_list(kind):
        return any(is_upload(part) for part in get_args(kind) if part is not Ellipsis)
    return kind is Upload
