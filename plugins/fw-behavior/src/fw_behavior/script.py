"""`Script`: the small language of BehaviorTree.CPP's conditions and assignments, compiled to a Python function."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from fw_behavior.errors import BadScript

TOKEN = re.compile(
    r"\s*(?:(?P<hex>0[xX][0-9a-fA-F]+)|(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>@?[A-Za-z_][\w/]*)"
    r"|(?P<sign>:=|\+=|-=|\*=|/=|==|!=|<=|>=|&&|\|\||[-+*/%<>=!?:;(),&|^~]))"
)
LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or"},
    {"&&": "and"},
    {"|": "|"},
    {"^": "^"},
    {"&": "&"},
    {"==": "==", "!=": "!="},
    {"<": "<", "<=": "<=", ">": ">", ">=": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%"},
)
"""Binary operators, weakest first, with what they are in Python."""

ASSIGNMENTS = {":=": "", "=": "", "+=": "+", "-=": "-", "*=": "*", "/=": "/"}
WORDS = {"true": "True", "false": "False"}


class Board(Protocol):
    """What a script reads and writes."""

    def __getitem__(self, key: str, /) -> Any: ...

    def __setitem__(self, key: str, value: Any, /) -> None: ...


class Script:
    """Called with a blackboard, gives the value of its last expression.

    ``reads`` and ``writes`` are the keys it names. ``:=`` writes a key, ``=`` one that exists; statements are parted by
    ``;``. A name that is in ``constants`` (enumerations) stands for its value.
    """

    __slots__ = ("_call", "arrays", "constants", "reads", "text", "writes")

    def __init__(self, text: str, constants: dict[str, Any] | None = None) -> None:
        self.text = text
        self.constants = dict(constants or {})
        parser = Parser(text, self.constants)
        source = parser.statements()
        self.reads = frozenset(parser.reads)
        self.writes = frozenset(parser.writes)
        self._call = _function(source, self.constants, "bb")
        self.arrays = _function(Parser(text, self.constants, arrays=True).statements(), self.constants, "bb, xp")
        """The same of arrays: called with columns and the namespace of their library."""

    def __call__(self, board: Board) -> Any:
        return self._call(board)

    def __repr__(self) -> str:
        return f"Script({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Script) and other.text == self.text and other.constants == self.constants

    def __hash__(self) -> int:
        return hash(self.text)

    def __reduce__(self) -> tuple[type[Script], tuple[str, dict[str, Any]]]:
        return Script, (self.text, self.constants)


def _function(lines: list[str], constants: dict[str, Any], parameters: str) -> Callable[..., Any]:
    body = "\n    ".join(lines)
    made: dict[str, Any] = {"where": _where, "truth": truth, "negated": _negated, "constants": constants}
    exec(f"def script({parameters}):\n    {body}", made)  # noqa: S102 - written by the parser below, of its own pieces only
    found: Callable[..., Any] = made["script"]
    return found


def truth(value: Any) -> Any:
    """Whether it counts as true: a bool, or an array of truth values, of any library."""
    dtype = getattr(value, "dtype", None)
    if isinstance(value, bool) or (dtype is not None and str(dtype).endswith("bool")):
        return value
    return value != 0


def _negated(value: Any) -> Any:
    found = truth(value)
    return not found if isinstance(found, bool) else ~found


def _where(xp: Any, condition: Any, first: Any, second: Any) -> Any:
    asked = truth(condition)
    if isinstance(asked, bool):
        return first if asked else second
    return xp.where(asked, first, second)


class Parser:
    """Turns a script into Python statements; with ``arrays``, into ones that hold for arrays."""

    def __init__(self, text: str, constants: dict[str, Any], *, arrays: bool = False) -> None:
        self.text = text
        self.constants = constants
        self.arrays = arrays
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self._tokens = self._split()
        self._at = 0

    def _split(self) -> list[tuple[str, str, int]]:
        tokens, at, end = [], 0, len(self.text.rstrip())
        while at < end:
            match = TOKEN.match(self.text, at)
            if match is None:
                raise BadScript(self.text, at, f"{self.text[at]!r} belongs to no script.")
            kind = match.lastgroup or ""
            tokens.append((kind, match[kind], match.start(kind)))
            at = match.end()
        return [*tokens, ("end", "", len(self.text))]

    def _peek(self) -> str:
        kind, text, _ = self._tokens[self._at]
        return text if kind == "sign" else ""

    def _take(self, *signs: str) -> str:
        found = self._peek()
        if found and found in signs:
            self._at += 1
            return found
        return ""

    def _fail(self, problem: str) -> BadScript:
        return BadScript(self.text, self._tokens[self._at][2], problem)

    def statements(self) -> list[str]:
        """Python lines; the value of the last expression is returned, if nothing is assigned after it."""
        lines, assigned = [], False
        while self._tokens[self._at][0] != "end":
            assigned = self._assigns()
            lines.append(self._statement())
            while self._take(";"):
                pass
        if not lines:
            raise self._fail("The script is empty.")
        return lines if assigned else [*lines[:-1], f"return {lines[-1]}"]

    def _assigns(self) -> bool:
        return self._tokens[self._at][0] == "name" and self._tokens[self._at + 1][1] in ASSIGNMENTS

    def _statement(self) -> str:
        if not self._assigns():
            line = self._choice()
        else:
            name, sign = self._tokens[self._at][1], self._tokens[self._at + 1][1]
            self._at += 2
            value = self._choice()
            self.writes.add(name)
            if sign == "=":
                value = f"(bb[{name!r}], {value})[1]"
            if ASSIGNMENTS[sign]:
                self.reads.add(name)
                value = f"bb[{name!r}] {ASSIGNMENTS[sign]} {value}"
            line = f"bb[{name!r}] = {value}"
        if self._tokens[self._at][0] != "end" and self._peek() != ";":
            raise self._fail("An operator or ';' is missing here.")
        return line

    def _choice(self) -> str:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        first = self._choice()
        if not self._take(":"):
            raise self._fail("The ':' of a '?' is missing.")
        second = self._choice()
        if self.arrays:
            return f"where(xp, {condition}, {first}, {second})"
        return f"({first} if {condition} else {second})"

    def _binary(self, level: int) -> str:
        if level == len(LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while sign := self._take(*LEVELS[level]):
            word = LEVELS[level][sign]
            right = self._binary(level + 1)
            if self.arrays and word in {"and", "or"}:
                left = f"(truth({left}) {'&' if word == 'and' else '|'} truth({right}))"
            elif word in {"and", "or"}:
                left = f"(bool({left}) {word} bool({right}))"
            else:
                left = f"({left} {word} {right})"
        return left

    def _unary(self) -> str:
        if self._take("!"):
            inner = self._unary()
            return f"negated({inner})" if self.arrays else f"(not {inner})"
        if sign := self._take("-", "~"):
            return f"({sign}{self._unary()})"
        if self._take("("):
            inner = self._choice()
            if not self._take(")"):
                raise self._fail("A ')' is missing.")
            return inner
        return self._value()

    def _value(self) -> str:
        kind, text, _ = self._tokens[self._at]
        if kind not in {"hex", "number", "text", "name"}:
            raise self._fail("A value is missing here.")
        self._at += 1
        if kind != "name":
            return repr(text[1:-1]) if kind == "text" else repr(int(text, 16)) if kind == "hex" else _number(text)
        if text in WORDS:
            return WORDS[text]
        if text in self.constants:
            return f"constants[{text!r}]"
        self.reads.add(text)
        return f"bb[{text!r}]"


def _number(text: str) -> str:
    return repr(int(text)) if text.isdigit() else repr(float(text))
