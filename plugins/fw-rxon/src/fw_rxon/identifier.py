"""The form of worker ids, job ids, skill names and skill types."""

import re
from typing import Final

from fw_rxon.wire_error import WireError

IDENTIFIER_PATTERN: Final = "^[A-Za-z0-9_-]{1,128}$"

# `$` alone would let a trailing line break through, hence `fullmatch` below.
_IDENTIFIER = re.compile(IDENTIFIER_PATTERN)


def is_identifier(text: str) -> bool:
    """Whether `text` is 1 to 128 ASCII letters, digits, `_` and `-`."""
    return _IDENTIFIER.fullmatch(text) is not None


def check_identifier(text: str, place: str) -> str:
    """Return `text` if it is an identifier; otherwise raise `WireError` naming `place` (such as `worker_id`)."""
    if is_identifier(text):
        return text
    shown = text if len(text) <= 140 else f"{text[:140]}..."
    raise WireError(
        place,
        f"{shown!r} is not an identifier",
        "use 1 to 128 ASCII letters, digits, '_' or '-'",
    )
