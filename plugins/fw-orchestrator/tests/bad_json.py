"""Bodies that are no JSON, and how tests name them."""

from __future__ import annotations

from typing import Any

import pytest

NO_JSON: dict[str, bytes] = {
    "empty": b"",
    "cut off": b'{"initial_data": {',
    "words": b"hello",
    "two": b"{} {}",
    "NaN": b'{"initial_data": {"n": NaN}}',
    "Infinity": b'{"initial_data": {"n": -Infinity}}',
    "not UTF-8": b'{"initial_data": {"n": "\xff"}}',
    "UTF-16": '{"initial_data": {}}'.encode("utf-16"),
    "deep": b'{"initial_data": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}",
    "somewhat too deep": b'{"initial_data": ' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}",
    "deep arrays": b'{"initial_data": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "endless number": b'{"initial_data": {"n": ' + b"9" * 5000 + b"}}",
}


def parameters(cases: dict[str, Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("body", cases.values(), ids=cases)
