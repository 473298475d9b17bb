"""`StateMachineBlueprint`: the declared states of one kind of job and the handlers that run in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Protocol, TypeVar, overload

from fw_orchestrator.conditions import Condition
from fw_orchestrator.context import JobContext
from fw_orchestrator.errors import BlueprintError
from fw_orchestrator.states import State, StateHandler, When, parameters
from fw_rxon import is_identifier

Fn = TypeVar("Fn", bound=Callable[..., Any])


class Decorator(Protocol):
    """Declares a function and gives it back."""

    def __call__(self, function: Fn, /) -> Fn: ...


class HandlerDeclaration:
    """What ``handler_for`` gives: a decorator, to which ``when`` adds a condition."""

    def __init__(self, declare: Callable[[Callable[..., Any], When | None], None]) -> None:
        self._declare = declare
        self._condition: When | None = None

    def when(self, condition: str | Callable[[JobContext], Any]) -> HandlerDeclaration:
        """Run the handler only if ``condition`` holds: text such as ``"context.initial_data.n > 3"``, or a function.

        Handlers of a state are asked in the order of their declaration; the one without a condition comes last.
        Raises :class:`BlueprintError` for text that cannot be understood.
        """
        self._condition = Condition(condition) if isinstance(condition, str) else condition
        return self

    def __call__(self, function: Fn) -> Fn:
        """Declare the handler."""
        self._declare(function, self._condition)
        return function


class StateMachineBlueprint:
    """One kind of job. ``api_endpoint`` (with ``api_version``) is where clients create it; without one, only code can.

    ``data_stores`` are given to handlers as attributes of ``data_stores``. Raises :class:`BlueprintError` for names
    that the protocol does not allow.
    """

    def __init__(
        self,
        name: str,
        *,
        api_version: str | None = None,
        api_endpoint: str | None = None,
        data_stores: Mapping[str, Any] | None = None,
    ) -> None:
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
        self.data_stores = SimpleNamespace(**(data_stores or {}))
        self.states: dict[str, State] = {}
        self.aggregators: dict[str, StateHandler] = {}
        self._definition: str | None = None
        self._start: str | None = None

    @overload
    def handler_for(self, state: Fn, /) -> Fn: ...

    @overload
    def handler_for(
        self,
        state: str | None = None,
        *,
        is_start: bool = False,
        is_end: bool = False,
        is_failure: bool = False,
        to: Sequence[str] = (),
    ) -> HandlerDeclaration: ...

    def handler_for(
        self,
        state: Any = None,
        *,
        is_start: bool = False,
        is_end: bool = False,
        is_failure: bool = False,
        to: Sequence[str] = (),
    ) -> Any:
        """Decorate the handler of a state, sync or async; without a name the state has that of the function.

        Its parameters are filled by name (``job_id``, ``initial_data``, ``state_history``, ``actions``, ``context`` …)
        or by type (``JobContext``, ``ActionFactory``, whatever the application provides). It must ask ``actions`` for
        one action, unless the state is an end: there the job is ``finished``, or ``failed`` with ``is_failure``.
        ``to`` names states that it leads to and that its source does not show as constants.
        """

        def declare(function: Callable[..., Any], condition: When | None) -> None:
            name = state if isinstance(state, str) else function.__name__
            handler = StateHandler(name, function, *parameters(self.name, name, function), condition, tuple(to))
            self._add(handler, is_start=is_start, is_end=is_end or is_failure, is_failure=is_failure)

        declaration = HandlerDeclaration(declare)
        return declaration(state) if callable(state) else declaration

    def aggregator_for(self, state: str | None = None, *, to: Sequence[str] = ()) -> Decorator:
        """Decorate the aggregator of a state: the handler that runs when enough tasks of a fan-out have ended."""

        def declare(function: Fn) -> Fn:
            name = state if isinstance(state, str) else function.__name__
            self._check_free(name)
            takes, injected = parameters(self.name, name, function)
            self._definition = None
            self.aggregators[name] = StateHandler(name, function, takes, injected, None, tuple(to))
            return function

        return declare

    def _add(self, handler: StateHandler, *, is_start: bool, is_end: bool, is_failure: bool) -> None:
        known = self.states.get(handler.state)
        if known is None or (handler.condition is None and known.default is not None):
            self._check_free(handler.state)
        self._definition = self._start = None
        declared = self.states.setdefault(handler.state, State(handler.state))
        declared.handlers.append(handler)
        declared.is_start |= is_start
        declared.is_end |= is_end
        declared.is_failure |= is_failure

    def _check_free(self, state: str) -> None:
        known = self.states.get(state)
        other = (known.default or known.handlers[0]) if known else self.aggregators.get(state)
        if other is not None:
            raise BlueprintError(
                f"Blueprint {self.name!r}: state {state!r} has a handler already, {other.function.__qualname__}.",
                remedy="Give one of the two a state of its own, or a condition: handler_for(…).when(…).",
            )

    @property
    def start(self) -> str:
        """The state in which a job begins."""
        if self._start is None:
            self._start = next(name for name, state in self.states.items() if state.is_start)
        return self._start

    def check(self) -> list[str]:
        """What is doubtful about the declaration, as sentences. Raises :class:`BlueprintError` for what is wrong."""
        from fw_orchestrator.checks import check

        return check(self)

    def graph(self, kind: str = "dot") -> str:
        """The blueprint as a picture: ``"dot"``, ``"mermaid"`` or ``"svg"``. Raises ``ValueError`` for other words."""
        from fw_orchestrator.graph import drawn

        return drawn(self, kind)

    @property
    def definition(self) -> str:
        """Hash of the declared structure (16 hex digits): states, ends, conditions, aggregators; not the code."""
        if self._definition is None:
            self._definition = self._hash()
        return self._definition

    def _hash(self) -> str:
        structure = {
            "name": self.name,
            "states": {
                name: [state.is_start, state.is_end, state.is_failure, [[h.words, h.to] for h in state.handlers]]
                for name, state in self.states.items()
            },
            "aggregators": sorted(self.aggregators),
        }
        return hashlib.sha256(json.dumps(structure, sort_keys=True).encode()).hexdigest()[:16]
