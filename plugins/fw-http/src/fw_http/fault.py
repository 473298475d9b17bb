"""What is wrong with a value, told to the client in words that repeat nothing of what it sent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from pydantic import ValidationError

Fault = TypedDict("Fault", {"in": str, "name": str, "message": str})

WORDS = {
    "missing": "is missing",
    "missing_argument": "is missing",
    "extra_forbidden": "has members that are not known",
    "unexpected_keyword_argument": "has members that are not known",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number, and a smaller one",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a string",
    "string_unicode": "must be a string of valid characters",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "dict_type": "must be an object",
    "dataclass_type": "must be an object",
    "dataclass_exact_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "mapping_type": "must be an object",
    "list_type": "must be an array",
    "tuple_type": "must be an array",
    "set_type": "must be an array",
    "frozen_set_type": "must be an array",
    "none_required": "must be null",
    "union_tag_invalid": "has a tag that is not known",
    "union_tag_not_found": "has no tag that says which kind it is",
    "bytes_invalid_encoding": "must be properly encoded",
}
"""By pydantic's type of error: where its own words would name Python's types, or what was sent."""
MOST_FAULTS = 50
"""More are not told: an answer must not be many times as long as the request."""
_UNKNOWN_MEMBER = {"extra_forbidden", "unexpected_keyword_argument"}


def fault(source: str, name: str, message: str) -> Fault:
    """One entry of ``errors``."""
    return {"in": source, "name": name, "message": message}


def faults(error: ValidationError, source: str, name: str, known: Collection[str] = ()) -> list[Fault]:
    """All that pydantic found in one value; ``known`` are the names of members that may be repeated in a place."""
    found: dict[tuple[str, str], Fault] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False)[:MOST_FAULTS]:
        kind, where = item["type"], list(item["loc"])
        if kind in _UNKNOWN_MEMBER:
            where.pop()  # the client's own word
        place = _place(name, where, known)
        said = WORDS.get(kind) or _plain(item["msg"])
        found.setdefault((place, said), fault(source, place, said))
    return list(found.values())


def _place(name: str, where: Iterable[Any], known: Collection[str]) -> str:
    return "".join(_steps(name, where, known)).removeprefix(".")


def _steps(name: str, where: Iterable[Any], known: Collection[str]) -> Iterator[str]:
    yield name
    for step in where:
        if isinstance(step, int):
            yield f"[{step}]"
        else:
            yield f".{step}" if step in known else ".*"


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return re.sub(r"^(Input|String|Value|List|Data|Dictionary|Set|Tuple|Decimal input|\w+) should ", "must ", message)


def members(schema: Any) -> frozenset[str]:
    """The names of all members in a JSON schema."""
    found: set[str] = set()
    left = [schema]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            properties = part.get("properties")
            found.update(properties if isinstance(properties, dict) else ())
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
    return frozenset(found)
