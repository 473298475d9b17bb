"""`Replays`: a signed message that somebody has heard and sends again."""

from __future__ import annotations

from fw_orchestrator.marks import Marks
from fw_orchestrator.store import JobStore
from fw_orchestrator.surroundings import Surroundings
from fw_orchestrator.tokens import refuse

WINDOW = 60
"""Seconds by which the time in a signed message may differ from ours, so that old ones cannot be sent again."""


class Replays:
    """Refuses a signature that was seen before, as long as the time in its message would still let it pass.

    Only for what no honest worker sends twice. Heartbeats are equal within a second, results are sent again after a
    lost answer: both say only what they said before.
    """

    def __init__(self, store: JobStore, surroundings: Surroundings) -> None:
        self._store = store
        self._surroundings = surroundings
        self._events = Marks()

    async def check_registration(self, signature: str | None) -> None:
        """Raises a 403 problem if any engine on the store has seen it; None was not signed, and may come again."""
        if signature is not None:
            now, until = self._span()
            self._refuse(await self._store.use_once(f"registration {signature}", now=now, until=until))

    def check_event(self, signature: str | None) -> None:
        """The same for an event, but of this process: events are news, and too many to be stored."""
        if signature is not None:
            self._refuse(self._events.use(signature, *self._span()))

    def _span(self) -> tuple[float, float]:
        now = self._surroundings.clock()
        # A message may come from up to one window ahead, and is good until one window after that.
        return now, now + 2 * WINDOW + 1

    def _refuse(self, before: float | None) -> None:
        if before is not None:
            raise refuse(403, "Duplicate message detected (replay attack)")
