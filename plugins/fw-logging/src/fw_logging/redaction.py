"""Redaction: which values and which names of values must not be seen in a log."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote, quote_plus

from fw_logging.failure import Failure
from fw_logging.rendering import written
from fw_logging.words import described_number

HIDDEN = "[redacted]"
LEAST = 4
"""Shorter values are not registered: hiding every ``1`` would hide the log."""
PREFIX = 8
"""The first look at a line goes by so many bytes of each secret."""
MOST_GIVEN = 200
"""Values given to :func:`redact` that are kept; beyond that the oldest is forgotten."""
MOST_NAMES = 10_000
"""Names of fields found harmless that are remembered."""
PART = 16
"""Lines of a secret of several lines (a key in PEM) count by themselves from this length on."""

WORDS = (
    *("password", "passwd", "passphrase", "secret", "token", "authorization"),
    *("apikey", "cookie", "credential", "privatekey"),
)
"""A field is hidden if its name, in small letters without ``-`` and ``_``, has one of these in it."""

_IN_TEXT = tuple(word.encode() for word in (*WORDS, "api_key", "api-key", "private_key", "private-key"))
_NAMED = re.compile(
    r"(?i)((?:password|passwd|passphrase|secret|token|authorization|api[-_]?key|cookie|credential|private[-_]?key)"
    r"[\w-]{0,32}[\"']?\s{0,4}[=:]\s{0,4}[\"']?(?:(?:bearer|basic|digest)\s+)?)([^\s\"',;&]+)"
)
RESERVED = frozenset({"time", "level", "logger", "message"})


class Redaction:
    """What must not be seen, of all Apps of the process: secrets by owner, those given in code, names of fields."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owned: dict[object, tuple[frozenset[str], tuple[str, ...]]] = {}
        self._given: dict[str, None] = {}
        self._renew()

    def feed(self, owner: object, secrets: Iterable[str], words: Iterable[str] = ()) -> None:
        """Replace what ``owner`` wants hidden: values, and words that the names of hidden fields have in them."""
        with self._lock:
            self._owned[owner] = frozenset(secrets), tuple(map(_bare, words))
            self._renew()

    def forget(self, owner: object) -> None:
        """Drop what was hidden for ``owner``."""
        with self._lock:
            if self._owned.pop(owner, None) is not None:
                self._renew()

    def add(self, value: str) -> None:
        """Hide one value more, for the rest of the process."""
        with self._lock:
            if len(value) < LEAST or value in self._given:
                return
            self._given[value] = None
            if len(self._given) > MOST_GIVEN:
                del self._given[next(iter(self._given))]
            self._renew()

    def _renew(self) -> None:
        values = {value for secrets, _ in self._owned.values() for value in secrets} | self._given.keys()
        forms = {form for value in values for form in _forms(value)}
        self._forms = sorted(forms, key=len, reverse=True)
        self._words = (*WORDS, *(word for _, words in self._owned.values() for word in words))
        self.harmless: set[str] = set()
        """Names of fields that may be shown; looked at for every line, filled by :meth:`hides`."""
        self._first_look = _any_of(forms)

    def hides(self, name: str) -> bool:
        """Whether values of this name are hidden."""
        hidden = any(word in _bare(name) for word in self._words)
        if not hidden and name not in RESERVED and len(self.harmless) < MOST_NAMES:
            self.harmless.add(name)
        return hidden

    def suspects(self, line: bytes, message: str) -> bool:
        """Whether a rendered line may have something in it that must not be seen. Quick; errs on the safe side."""
        if self.knows(line):
            return True
        if b"=" in line or ":" in message:
            small = line.lower()
            for word in _IN_TEXT:
                if word in small:
                    return True
        return False

    def knows(self, line: bytes) -> bool:
        """Whether a secret may begin in a rendered line."""
        look = self._first_look
        return look is not None and look.search(line) is not None

    def text(self, text: str) -> str:
        """``text`` without secrets, nor values behind names such as ``password=`` and ``Authorization:``."""
        spans = [span for form in self._forms for span in _found(form, text)]
        if spans:
            text = _without(text, spans)
        return _NAMED.sub(rf"\1{HIDDEN}", text) if "=" in text or ":" in text else text

    def plain(self, value: Any) -> Any:
        """The same of a value that is plain already: texts, numbers, None, lists and mappings of those."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            hidden = {self.text(key): self.plain(item) for key, item in value.items()}
            return Failure(hidden) if isinstance(value, Failure) else hidden
        if isinstance(value, list):
            return [self.plain(item) for item in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            shown = described_number(value) if isinstance(value, int) else str(value)
            return value if self.text(shown) == shown else HIDDEN
        return value

    def entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """The same of a whole line, whose time and level are our own words."""
        return {name: value if name in ("time", "level") else self.plain(value) for name, value in entry.items()}

    def renew_lock(self) -> None:
        """In a forked child: another thread may have held the lock."""
        self._lock = threading.Lock()


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _forms(secret: str) -> set[str]:
    """How a secret is written in texts: as it is, in an address, in a repr; and its longer lines."""
    lines = secret.splitlines()
    parts = [secret, *([line for line in lines if len(line) >= PART] if len(lines) > 1 else [])]
    forms = {
        form for part in parts for form in (part, _quoted(part, quote), _quoted(part, quote_plus), repr(part)[1:-1])
    }
    return {form for form in forms if len(form) >= LEAST}


def _quoted(text: str, how: Any) -> str:
    quoted: str = how(text, safe="", errors="backslashreplace")
    return quoted


def _any_of(forms: Collection[str]) -> re.Pattern[bytes] | None:
    """Finds the beginning of any form in a rendered line, JSON or not; the pattern is a tree, so many are no matter."""
    beginnings = sorted({way[:PREFIX] for form in forms for way in written(form)})
    return re.compile(_tree(beginnings)) if beginnings else None


def _tree(words: list[bytes]) -> bytes:
    if b"" in words:
        return b""
    branches = [
        re.escape(bytes([first])) + _tree([word[1:] for word in group])
        for first, group in groupby(words, key=lambda word: word[0])
    ]
    return branches[0] if len(branches) == 1 else b"(?:" + b"|".join(branches) + b")"


def _found(form: str, text: str) -> Iterable[tuple[int, int]]:
    place = text.find(form)
    while place >= 0:
        yield place, place + len(form)
        place = text.find(form, place + 1)


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """``text`` with each run of overlapping spans hidden."""
    kept, end = [], 0
    for start, stop in sorted(spans):
        if start >= end:
            kept += [text[end:start], HIDDEN]
        end = max(end, stop)
    return "".join([*kept, text[end:]])


redaction = Redaction()


def redact(value: str) -> str:
    """Hide ``value`` in all logs from now on, and give it back: ``token = redact(fetch_token())``.

    Values shorter than 4 characters are not hidden; the newest 200 are remembered.
    """
    redaction.add(value)
    return value
