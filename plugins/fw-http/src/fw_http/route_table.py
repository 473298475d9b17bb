"""`RouteTable`: routes that are looked up, instead of matched one after the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from aiohttp import web
from aiohttp.web_urldispatcher import MatchedSubAppResource

_PART = "[A-Za-z0-9_~-][A-Za-z0-9_.~-]*"
TIDY = re.compile(f"(?:/{_PART})+")
"""Paths that mean what is written: nothing is escaped, no part is empty or begins with a dot."""

_VALUE = re.compile(_PART)

_LAST = re.compile(r"\{([^{}:]+)\}")
_ANYTHING = "[^{}/]+)"
"""How aiohttp writes a parameter without a pattern of its own."""


class RouteTable:
    """Finds routes of paths without parameters, and of those whose last part is the only one.

    For whatever else, and in every doubtful case, it finds nothing, and aiohttp's router has to be asked.
    """

    def __init__(self, resources: Iterable[web.AbstractResource]) -> None:
        all_ = list(resources)
        if any(isinstance(resource, MatchedSubAppResource) for resource in all_):
            all_ = []  # those are asked before all others
        # aiohttp asks resources with the longest beginning first, those with the same one in order.
        beginning: dict[str, list[web.AbstractResource]] = defaultdict(list)
        for resource in all_:
            beginning[_beginning(resource)].append(resource)
        self._taken = frozenset(beginning)
        self._plain = {
            (method, path): route
            for path, together in beginning.items()
            if TIDY.fullmatch(path)
            for method, route in _by_method(one for one in together if one.canonical == path)
        }
        self._ending = {
            (method, path): found
            for path, together in beginning.items()
            if TIDY.fullmatch(path)
            for method, found in _with_last(path, together)
        }

    @property
    def paths(self) -> frozenset[str]:
        """The paths without parameters."""
        return frozenset(path for _, path in self._plain)

    def find(self, method: str, path: str) -> web.UrlMappingMatchInfo | None:
        """What the router would answer, or None."""
        route = self._plain.get((method, path))
        if route is not None:
            return web.UrlMappingMatchInfo({}, route)
        before, _, last = path.rpartition("/")
        found = self._ending.get((method, before))
        if found is None or path in self._taken or not _VALUE.fullmatch(last):
            return None
        name, route = found
        return web.UrlMappingMatchInfo({name: last}, route)


def _beginning(resource: web.AbstractResource) -> str:
    path, brace, _ = resource.canonical.partition("{")
    return (path.rpartition("/")[0] if brace else path).rstrip("/") or "/"


def _with_last(path: str, together: list[web.AbstractResource]) -> Iterator[tuple[str, tuple[str, web.AbstractRoute]]]:
    """By method, parameter and route of what stands behind a path; nothing if another resource might match it too."""
    names: dict[web.AbstractResource, str] = {}
    for resource in together:
        if isinstance(resource, web.PlainResource):
            continue
        if not isinstance(resource, web.DynamicResource) or not _is_simple(resource):
            return
        rest = resource.canonical[len(path) + 1 :]
        if "/" in rest:
            continue
        named = _LAST.fullmatch(rest)
        if named is None:
            return
        names[resource] = named[1]
    for method, route in _by_method(names):
        assert route.resource is not None  # noqa: S101 - it comes from one
        yield method, (names[route.resource], route)


def _by_method(resources: Iterable[web.AbstractResource]) -> Iterator[tuple[str, web.AbstractRoute]]:
    """The routes of resources that match the same paths, the first one of each method; none if one is for any."""
    found: dict[str, web.AbstractRoute] = {}
    for resource in resources:
        for route in resource:
            found.setdefault(route.method, route)
    if "*" not in found:
        yield from found.items()


def _is_simple(resource: web.DynamicResource) -> bool:
    """Whether none of its parameters has a pattern of its own, which might take more than one part of a path."""
    pattern = resource.get_info()["pattern"]
    return pattern.pattern.count(_ANYTHING) == pattern.groups
