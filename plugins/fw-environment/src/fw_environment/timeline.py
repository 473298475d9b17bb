"""`Timeline`: events between and beside the steps, by name, so that they can be saved."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from fw_environment.errors import NotNow, UnknownName
from fw_environment.fields import check_fixed

if TYPE_CHECKING:
    from fw_environment.environment import Environment

Handler = Callable[..., None]


class Appointment(NamedTuple):
    """One event to come. ``number`` orders those of one moment as they were made, and cancels them."""

    time: float
    number: int
    name: str
    args: tuple[Any, ...]


class Timeline:
    """The events to come, in order of time. Each runs in the step in which its moment lies, at exactly its time.

    ``now`` is that time while an event runs, and the time of the world otherwise.
    """

    def __init__(self, env: Environment) -> None:
        self._env = env
        self.now = 0.0
        self.handlers: dict[str, Handler] = {}
        self.queue: list[Appointment] = []
        self.number = 0

    def on(self, name: str) -> Callable[[Handler], Handler]:
        """Decorator: the function is called for events of this name, with the world and their arguments.

        It reaches the world by its parameter only, since a fork has the same handlers.
        """

        def keep(handler: Handler) -> Handler:
            self.handlers[name] = handler
            return handler

        return keep

    def at(self, time: float, name: str, *args: Any) -> int:
        """Let the event ``name`` happen at ``time`` seconds; its number. Arguments are plain data."""
        if not time >= self.now:
            raise NotNow(f"Event {name!r} at {time} s lies before {self.now} s.", "Give a time to come.")
        self._handler(name)
        check_fixed(args, f"An argument of event {name!r}")
        self.number += 1
        heappush(self.queue, Appointment(float(time), self.number, name, args))
        return self.number

    def after(self, delay: float, name: str, *args: Any) -> int:
        """Let the event ``name`` happen ``delay`` seconds from now; its number."""
        return self.at(self.now + delay, name, *args)

    def cancel(self, number: int) -> bool:
        """Take an event back; whether it was still to come."""
        kept = [item for item in self.queue if item.number != number]
        found = len(kept) < len(self.queue)
        heapify(kept)
        self.queue = kept
        return found

    def fire(self, name: str, *args: Any) -> None:
        """Let the event happen now."""
        self._handler(name)(self._env, *args)

    def run(self, until: float) -> None:
        """Let all events up to ``until`` happen, those included that they cause."""
        queue = self.queue
        if queue and queue[0].time <= until:
            while self.queue and self.queue[0].time <= until:
                event = heappop(self.queue)
                self.now = event.time
                self._handler(event.name)(self._env, *event.args)
        self.now = until

    def _handler(self, name: str) -> Handler:
        handler = self.handlers.get(name)
        if handler is None:
            raise UnknownName("event handler", name, self.handlers, f'Declare one with @env.events.on("{name}").')
        return handler
