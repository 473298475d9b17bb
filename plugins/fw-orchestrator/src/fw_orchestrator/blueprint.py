"""`StateMachineBlueprint`: the declared states of one kind of job and the handlers that run in them."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, get_type_hints

from fw_orchestrator.context import ActionFactory, JobContext
from fw_orchestrator.errors import BlueprintError
from fw_rxon import is_identifier

Fn = TypeVar("Fn", bound=Callable[..., Any])

_BY_NAME = frozenset({"context", *(f.name for f in fields(JobContext))})


@dataclass(frozen=True)
class StateHandler:
    """A handler and the parameters it takes, each with the member of the context it gets (``context``: all of it)."""

    state: str
    function: Callable[..., Any]
    takes: dict[str, str]
    is_start: bool = False
    is_end: bool = False

    async def __call__(self, context: JobContext) -> None:
        """Run it."""
        result = self.function(
            **{
                name: context if member == "context" else getattr(context, member)
                for name, member in self.takes.items()
            }
        )
        if inspect.isawaitable(result):
            await result


class StateMachineBlueprint:
    """One kind of job. ``api_endpoint`` (with ``api_version``) is where clients create it; without one, only code can.

    Raises :class:`BlueprintError` for names that the protocol does not allow.
    """

    def __init__(self, name: str, *, api_version: str | None = None, api_endpoint: str | None = None) -> None:
        if not is_identifier(name):
            raise BlueprintError(
                f"{name!r} is no name for a blueprint.", remedy="Use 1 to 128 letters, digits, '_' or '-'."
            )
        if api_endpoint is not None and not api_endpoint.startswith("/"):
            raise BlueprintError(
                f"Blueprint {name!r}: api_endpoint {api_endpoint!r} does not start with '/'.",
                remedy=f"Write {'/' + api_endpoint!r}.",
            )
        if api_version is not None and not is_identifier(api_version):
            raise BlueprintError(f"Blueprint {name!r}: {api_version!r} is no API version.", remedy='Write "v1".')
        self.name = name
        self.api_version = api_version
        self.api_endpoint = api_endpoint
        self.handlers: dict[str, StateHandler] = {}
        self.aggregators: dict[str, StateHandler] = {}

    def handler_for(self, state: str, *, is_start: bool = False, is_end: bool = False) -> Callable[[Fn], Fn]:
        """Decorate the handler of a state, sync or async.

        Its parameters are filled by name (``job_id``, ``initial_data``, ``state_history``, ``actions``, ``context`` …)
        or by type (``JobContext``, ``ActionFactory``). It must ask ``actions`` for one action, unless the state is an
        end.
        """

        def declare(function: Fn) -> Fn:
            self._add(self.handlers, StateHandler(state, function, self._takes(state, function), is_start, is_end))
            return function

        return declare

    def aggregator_for(self, state: str) -> Callable[[Fn], Fn]:
        """Decorate the aggregator of a state: the handler that runs when the tasks of a fan-out have all ended."""

        def declare(function: Fn) -> Fn:
            self._add(self.aggregators, StateHandler(state, function, self._takes(state, function)))
            return function

        return declare

    def _add(self, where: dict[str, StateHandler], handler: StateHandler) -> None:
        other = self.handlers.get(handler.state) or self.aggregators.get(handler.state)
        if other is not None:
            raise BlueprintError(
                f"Blueprint {self.name!r}: state {handler.state!r} has a handler already, "
                f"{other.function.__qualname__}.",
                remedy="Give one of the two a state of its own.",
            )
        where[handler.state] = handler

    def _takes(self, state: str, function: Callable[..., Any]) -> dict[str, str]:
        takes: dict[str, str] = {}
        hints = get_type_hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if hints.get(name) is JobContext:
                takes[name] = "context"
            elif hints.get(name) is ActionFactory:
                takes[name] = "actions"
            elif name in _BY_NAME:
                takes[name] = name
            elif parameter.default is parameter.empty:
                raise BlueprintError(
                    f"Blueprint {self.name!r}, state {state!r}: nothing can be given to parameter {name!r} of "
                    f"{function.__qualname__}.",
                    remedy=f"Known names: {', '.join(sorted(_BY_NAME))}.",
                )
        return takes

    @property
    def start(self) -> str:
        """The state in which a job begins."""
        return next(state for state, handler in self.handlers.items() if handler.is_start)

    def check(self) -> None:
        """Raises :class:`BlueprintError` unless there is exactly one start and at least one end."""
        starts = sorted(state for state, handler in self.handlers.items() if handler.is_start)
        if len(starts) != 1:
            raise BlueprintError(
                f"Blueprint {self.name!r} needs exactly one start state and has {', '.join(starts) or 'none'}.",
                remedy='Mark it: @blueprint.handler_for("…", is_start=True).',
            )
        if not any(handler.is_end for handler in self.handlers.values()):
            raise BlueprintError(
                f"Blueprint {self.name!r} has no end state, so no job could ever finish.",
                remedy='Mark one: @blueprint.handler_for("…", is_end=True).',
            )

    @property
    def definition(self) -> str:
        """Hash of the declared structure (16 hex digits): states, start, ends, aggregators; not of the code."""
        structure = {
            "name": self.name,
            "states": {state: [handler.is_start, handler.is_end] for state, handler in self.handlers.items()},
            "aggregators": sorted(self.aggregators),
        }
        return hashlib.sha256(json.dumps(structure, sort_keys=True).encode()).hexdigest()[:16]
