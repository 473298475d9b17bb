"""Marks of parameters: ``Annotated[str, Header("X-Token")]`` says where a value comes from, and under which name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Query:
    """From the query string, ``?name=…``; a list takes every occurrence."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """From a header; without a name that of the parameter, with ``-`` for ``_``."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Cookie:
    """From a cookie."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """From a field of a form (``multipart/form-data`` or ``application/x-www-form-urlencoded``)."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON body, for a parameter that is not named ``body`` and whose type does not say so by itself."""

    name: str = ""


MARKS = (Query, Header, Cookie, Form, Body)
