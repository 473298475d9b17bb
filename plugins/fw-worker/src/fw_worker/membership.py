"""Being known to an orchestrator."""

import asyncio
import logging
import platform
import socket
import time

from fw_rxon import Capabilities, Registered, Registration, Resources, WireError, decode_answer, encode
from fw_worker.backoff import Backoff
from fw_worker.catalogue import Catalogue
from fw_worker.closing import Closing
from fw_worker.config import WorkerSettings
from fw_worker.precedence import Turn
from fw_worker.transport import Transport, TransportError
from fw_worker.trouble import Trouble

_log = logging.getLogger("fw.worker")


class Membership:
    """Registers, tries until it succeeds, and does it again whenever the membership is `lost`."""

    def __init__(
        self, transport: Transport, settings: WorkerSettings, catalogue: Catalogue, closing: Closing, turn: Turn
    ) -> None:
        self._turn = turn
        self._transport = transport
        self._settings = settings
        self._catalogue = catalogue
        self._closing = closing
        self._backoff = Backoff(settings.retry_first, settings.retry_most)
        self._trouble = Trouble(_log, f"registering at {settings.url}")
        self.joined = asyncio.Event()
        self._apart = asyncio.Event()
        self._apart.set()

    def lost(self, problem: str) -> None:
        """The orchestrator does not know us any more."""
        if self.joined.is_set():
            _log.warning("%s; registering again", problem)
            self.joined.clear()
            self._apart.set()

    async def run(self) -> None:
        """Keep the membership; until cancelled."""
        while True:
            await self._apart.wait()
            await self._attempt()

    async def _attempt(self) -> None:
        try:
            answer = decode_answer(await self._transport.register(encode(self._registration())), Registered)
        except TransportError as error:
            self._turn.note(answers=False)
            self._trouble.report(str(error), error.level)
            await self._closing.pause(error.retry_after or self._backoff.delay())
        except WireError as error:
            self._trouble.report(f"{self._settings.url} does not answer as an orchestrator does: {error}")
            await self._closing.pause(self._backoff.delay())
        else:
            self._welcome(answer)

    def _welcome(self, answer: Registered) -> None:
        self._backoff.reset()
        self._trouble.over()
        self._turn.note(answers=True)
        self._apart.clear()
        self.joined.set()
        _log.info(
            "worker %s is registered at %s with %s",
            self._settings.worker_id,
            self._settings.url,
            ", ".join(self._catalogue.names),
        )
        if answer.warning:
            _log.warning("%s warns: %s", self._settings.url, answer.warning)

    def _registration(self) -> Registration:
        return Registration(
            worker_id=self._settings.worker_id,
            worker_type=self._settings.type,
            supported_skills=self._catalogue.wire,
            available_skills=self._catalogue.names,
            resources=Resources(properties=dict(self._catalogue.resources)),
            installed_software={"python": platform.python_version()},
            capabilities=Capabilities(hostname=socket.gethostname(), extra={"websockets": self._settings.websocket}),
            skills_hash=self._catalogue.hash,
            timestamp=int(time.time()),
        )
