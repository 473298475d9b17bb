"""Values in words: cut to a size, and whatever their own ``__repr__`` does."""

from __future__ import annotations

MOST_REPR = 1000


def cut(text: str, most: int) -> str:
    """``text``, or its beginning and how much is left out."""
    return text if len(text) <= most else f"{text[:most]}… {len(text) - most} more"


def described(value: object) -> str:
    """The repr of a value, at most 1,000 characters of it; what it is, if that raises."""
    try:
        return cut(repr(value), MOST_REPR)
    except Exception as error:  # noqa: BLE001 - a line is written whatever the repr of a foreign object raises
        return f"<{type(value).__name__}, whose repr raised {type(error).__name__}>"


def worded(value: object, most: int) -> str:
    """The text of a value; its repr if ``str`` raises."""
    try:
        return cut(str(value), most)
    except Exception:  # noqa: BLE001 - the same
        return described(value)


def described_number(value: int) -> str:
    """A large whole number; its size where Python refuses to write it."""
    return str(value) if value.bit_length() < 8192 else f"<a number of {value.bit_length()} bits>"
