"""What is signed of a message, and who can have signed it."""

import hashlib
import hmac
import json
import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fw_rxon import TaskMessage, TaskResult, WireError, canonical, encode, is_signed, sign, sign_own, signature

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(-1e5, 1e5).map(lambda number: round(number, 3)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def normal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: normal(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [normal(element) for element in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4))
def test_the_canonical_form_is_what_a_plain_implementation_makes(members: dict[str, Any]) -> None:
    """Ten lines of the standard library, as a worker in any language would write them."""
    document = json.dumps(members, ensure_ascii=False).encode()
    kept = {key: value for key, value in members.items() if key not in ("security", "_signature")}
    expected = json.dumps(normal(kept), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(document) == expected


@pytest.mark.parametrize(
    "document, expected",
    [
        (b'{"b": 1.0, "a": 0.0}', b'{"a":0,"b":1}'),
        (b'{"a": null, "b": [null, {"c": null}]}', b'{"b":[null,{}]}'),
        (b'{"a": 1e-7, "b": 1E-07, "c": 0.10}', b'{"a":1e-7,"b":1E-07,"c":0.10}'),
        (b'{"a": 1e16, "b": 1e20, "c": -0.0}', b'{"a":10000000000000000,"b":1e20,"c":0}'),
        (b'{"a": 340282366920938463463374607431768211456}', b'{"a":340282366920938463463374607431768211456}'),
        ('{"ж": "ключ\\u0001"}'.encode(), '{"ж":"ключ\\u0001"}'.encode()),
        (b'{"security": {"signature": "x"}, "_signature": 1, "a": {"security": 1}}', b'{"a":{"security":1}}'),
    ],
)
def test_the_canonical_form_of(document: bytes, expected: bytes) -> None:
    assert canonical(document) == expected


def test_a_signature_is_an_hmac_over_the_canonical_form() -> None:
    body = b'{"worker_id": "w1", "timestamp": 5.0, "bubbling_chain": []}'
    wanted = hmac.new(b"key", b'{"timestamp":5,"worker_id":"w1"}', hashlib.sha256).hexdigest()
    assert sign(body, "key", without=("bubbling_chain",)) == wanted
    assert is_signed(body, wanted, ["other", "key"], without=("bubbling_chain",))


def both(document: bytes) -> list[bytes | None]:
    """What is signed as it is found the quick way, if there is one, and number by number; None where it is refused."""
    found: list[bytes | None] = []
    for not_plain in (signature._NOT_PLAIN, re.compile(b"")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(signature, "_NOT_PLAIN", not_plain)
            try:
                found.append(canonical(document))
            except WireError:
                found.append(None)
    return found


PLAIN = st.recursive(
    st.booleans() | st.integers(-(10**17), 10**17) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=4) | st.just("security"), PLAIN, max_size=4), st.booleans(), st.booleans())
def test_the_quick_way_to_the_canonical_form_leads_to_the_same(
    members: dict[str, Any], ascii_only: bool, indented: bool
) -> None:
    document = json.dumps(members, ensure_ascii=ascii_only, indent=2 if indented else None).encode()
    quick, slow = both(document)
    assert quick == slow is not None


@given(st.text(alphabet='{}[]",:-+.0129eE nulltrue\\\x01\xe9', max_size=12))
def test_the_quick_way_refuses_what_the_other_refuses(text: str) -> None:
    quick, slow = both(f'{{"a":{text}}}'.encode())
    assert quick == slow


@pytest.mark.parametrize(
    "text",
    [
        "-0",
        "0",
        "-1",
        "01",
        "9" * 17,
        "9" * 18,
        "-" + "9" * 17,
        "9" * 30,
        "-" + "9" * 5000,
        '"1e5"',
        '"1.0"',
        '"\\ud83d"',
    ],
)
def test_the_quick_way_with(text: str) -> None:
    quick, slow = both(f'{{"b":1,"a":{text},"a\\u0062":[]}}'.encode())
    assert quick == slow
    assert (slow is None) == (text in ("01", '"\\ud83d"'))


@pytest.mark.parametrize(
    "document",
    [
        b'{"a":NaN}',
        b'{"a":Infinity,"b":1.5}',
        b'{"a":-Infinity}',
        b'\xef\xbb\xbf{"a":1.5}',
        '{"a":1.5}'.encode("utf-16"),
    ],
)
def test_what_only_python_takes_for_json_cannot_be_signed(document: bytes) -> None:
    with pytest.raises(WireError, match="cannot be signed"):
        sign(document, "key")


@pytest.mark.parametrize("signature", ["", "x", "ключ", "\ud800"])
def test_what_nobody_signed_is_not_signed(signature: str) -> None:
    assert not is_signed(b"{}", signature, ["key"])


def test_any_change_breaks_a_signature() -> None:
    signature = sign(b'{"a": 1}', "key")
    assert is_signed(b'{"a":1.0}', signature, ["key"])
    assert not is_signed(b'{"a":2}', signature, ["key"])
    assert not is_signed(b'{"a":1}', signature, ["yek"])


@pytest.mark.parametrize("document", [b"", b"[]", b"5", b"{", b"\xff", b'{"a":"\\ud800"}', b'{"a":' * 100_000])
def test_what_is_no_object_cannot_be_signed(document: bytes) -> None:
    with pytest.raises(WireError, match="cannot be signed"):
        sign(document, "key")


def test_an_empty_key_signs_nothing() -> None:
    with pytest.raises(ValueError, match="empty key"):
        sign(b"{}", "")


def test_a_message_written_by_us_is_in_canonical_form_but_for_integral_floats() -> None:
    message = TaskMessage(job_id="j", task_id="t", type="x", params={"n": math.pi, "k": [1, None]}, priority=0.5)
    assert canonical(encode(message)) == encode(message)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), st.floats(allow_nan=False, allow_infinity=False))
def test_what_we_have_written_is_signed_sooner_and_the_same(params: dict[str, Any], priority: float) -> None:
    document = encode(TaskMessage(job_id="j", task_id="t", type="x", params=params, priority=priority))
    assert sign_own(document, "key") == sign(document, "key")


def test_an_empty_key_signs_nothing_of_ours_either() -> None:
    with pytest.raises(ValueError, match="empty key"):
        sign_own(b"{}", "")


@pytest.mark.parametrize(
    "document, text",
    [
        (b'{"a":1E5}', b'{"a":100000}'),
        (b'{"a":-1.50e2}', b'{"a":-150}'),
        (b'{"a":999999999999999999}', b'{"a":999999999999999999}'),
        (b'{"a":99999999999999999999}', b'{"a":99999999999999999999}'),
        (b'{"a":-999999999999999999999999}', b'{"a":-999999999999999999999999}'),
        (b'{"a":1.8446744073709552e19}', b'{"a":1.8446744073709552e19}'),
        (b'{"a":1e999}', b'{"a":1e999}'),
    ],
)
def test_numbers_keep_their_digits_unless_they_are_integers_of_64_bits(document: bytes, text: bytes) -> None:
    assert canonical(document) == text


def test_what_is_written_here_is_signed_as_everybody_else_signs_it() -> None:
    """Nulls in free-form members are written, and not signed."""
    for data in ({"a": None}, {"a": [None, {"b": None}]}, {"a": 2.0}, {"a": [2.0]}, {"a": 1e300}, {"a": 1}):
        written = encode(TaskResult(job_id="j", task_id="t", data=data))
        assert sign_own(written, "key") == sign(written, "key")
