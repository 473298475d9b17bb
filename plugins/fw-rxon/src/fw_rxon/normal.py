"""The normal form of numbers on the wire."""

from typing import Any

# Beyond this, other implementations can no longer turn the float into an integer of theirs.
_LIMIT = 2.0**64


def normal_numbers(value: Any) -> Any:
    """Copy of a JSON value in which floats with an integral value are integers, at every depth."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LIMIT else value
    if isinstance(value, dict):
        return {key: normal_numbers(member) for key, member in value.items()}
    if isinstance(value, list):
        return [normal_numbers(element) for element in value]
    return value
