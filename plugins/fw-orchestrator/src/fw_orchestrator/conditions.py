"""Conditions of handlers: ``context.initial_data.type == 'urgent' and not context.state_history.done``.

Compiled once, evaluated without ``eval``. What is wrong in a condition is an error, never just false.
"""

from __future__ import annotations

import ast
import io
import operator
import tokenize
from collections.abc import Callable, Mapping
from typing import Any

from fw_orchestrator.errors import BlueprintError, ConditionError

Evaluate = Callable[[Any], Any]

_WORDS = {"AND": "and", "OR": "or", "NOT": "not", "IN": "in", "true": "True", "false": "False", "null": "None"}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
}
_REMEDY = (
    "Compare fields such as context.initial_data.a.b with ==, !=, <, <=, >, >=, in, not in, and join comparisons with "
    "and, or, not; values are text, numbers, true, false, null and lists of these. Or give a function of the context."
)


class Condition:
    """A compiled condition. Raises :class:`BlueprintError` if ``text`` cannot be understood."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._evaluate = _compiled(ast.parse(_python(text).strip(), mode="eval").body, text)
        except (SyntaxError, ValueError, tokenize.TokenError, RecursionError, MemoryError) as error:
            raise BlueprintError(f"The condition {text!r} cannot be understood: {error}.", remedy=_REMEDY) from error

    def holds(self, context: Any) -> bool:
        """Whether it is true of a context. Raises :class:`ConditionError`."""
        try:
            return bool(self._evaluate(context))
        except ConditionError as error:
            raise ConditionError(f"The condition {self.text!r} cannot be decided: {error.message}") from error
        except (TypeError, ValueError, RecursionError) as error:
            raise ConditionError(f"The condition {self.text!r} cannot be decided: {error}.") from error


def _python(text: str) -> str:
    tokens = tokenize.generate_tokens(io.StringIO(text.strip()).readline)
    return tokenize.untokenize((token.type, _WORDS.get(token.string, token.string)) for token in tokens)


def _compiled(node: ast.expr, text: str) -> Evaluate:  # noqa: PLR0911 - one return for each kind of node
    match node:
        case ast.Constant(value=None | bool() | int() | float() | str() as value):
            return lambda _context: value
        case ast.Name(id="context"):
            return lambda context: context
        case ast.Attribute(value=of, attr=name):
            return _field(_compiled(of, text), name, ast.unparse(node))
        case ast.Subscript(value=of, slice=key):
            return _item(_compiled(of, text), _compiled(key, text), ast.unparse(node))
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return _list([_compiled(part, text) for part in parts])
        case ast.BoolOp(op=op, values=parts):
            return _joined(isinstance(op, ast.And), [_compiled(part, text) for part in parts])
        case ast.UnaryOp(op=ast.Not(), operand=of):
            return _negated(_compiled(of, text))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return lambda _context: -number
        case ast.Compare(left=left, ops=ops, comparators=parts):
            return _compared(
                _compiled(left, text),
                [(_COMPARE[type(op)], _compiled(part, text)) for op, part in zip(ops, parts, strict=True)],
            )
    raise BlueprintError(f"The condition {text!r} holds {ast.unparse(node)!r}, which is not supported.", remedy=_REMEDY)


def _field(of: Evaluate, name: str, path: str) -> Evaluate:
    def field(context: Any) -> Any:
        value = of(context)
        if isinstance(value, Mapping):
            if name not in value:
                raise ConditionError(f"{path} is not there")
            return value[name]
        if name.startswith("_") or isinstance(value, str | int | float | list) or not hasattr(value, name):
            raise ConditionError(f"{path} is not there")
        return getattr(value, name)

    return field


def _item(of: Evaluate, key: Evaluate, path: str) -> Evaluate:
    def item(context: Any) -> Any:
        value, wanted = of(context), key(context)
        try:
            return value[wanted]
        except (LookupError, TypeError) as error:
            raise ConditionError(f"{path} is not there") from error

    return item


def _list(parts: list[Evaluate]) -> Evaluate:
    return lambda context: [part(context) for part in parts]


def _joined(needs_all: bool, parts: list[Evaluate]) -> Evaluate:
    if needs_all:
        return lambda context: all(part(context) for part in parts)
    return lambda context: any(part(context) for part in parts)


def _negated(of: Evaluate) -> Evaluate:
    return lambda context: not of(context)


def _compared(left: Evaluate, rest: list[tuple[Callable[[Any, Any], Any], Evaluate]]) -> Evaluate:
    def compared(context: Any) -> bool:
        one = left(context)
        for compare, part in rest:
            other = part(context)
            if not compare(one, other):
                return False
            one = other
        return True

    return compared
