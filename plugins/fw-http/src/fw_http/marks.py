"""Marks of parameters: ``Annotated[str, Header("X-Token")]`` says where a value comes from, and under which name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a parameter comes from, and its name there if that is another one."""

    name: str = ""


class Query(Mark):
    """From the query string, ``?name=…``; a list takes every occurrence."""

    __slots__ = ()


class Header(Mark):
    """From a header; without a name that of the parameter, with ``-`` for ``_``."""

    __slots__ = ()


class Cookie(Mark):
    """From a cookie."""

    __slots__ = ()


class Form(Mark):
    """From a field of a form (``multipart/form-data`` or ``application/x-www-form-urlencoded``)."""

    __slots__ = ()


class Body(Mark):
    """The JSON body, for a parameter that is not named ``body`` and whose type does not say so by itself."""

    __slots__ = ()


MARKS = (Query, Header, Cookie, Form, Body)
