"""What an orchestrator wants at once, not only when it is asked."""

import asyncio
import logging

from fw_rxon import CANCEL_TASK, Command, WireError, decode
from fw_worker.backoff import Backoff
from fw_worker.commands import Commands
from fw_worker.config import WorkerSettings
from fw_worker.membership import Membership
from fw_worker.transport import Transport, TransportError
from fw_worker.trouble import Trouble
from fw_worker.workload import Workload

_log = logging.getLogger("fw.worker")


class Orders:
    """Listens as long as the worker is a member, if it is to. What is missed here comes with the next heartbeat."""

    def __init__(
        self,
        transport: Transport,
        settings: WorkerSettings,
        membership: Membership,
        workload: Workload,
        commands: Commands,
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._membership = membership
        self._workload = workload
        self._commands = commands
        self._backoff = Backoff(settings.retry_first, settings.retry_most)
        self._trouble = Trouble(_log, f"listening to {settings.url} for orders")

    async def run(self) -> None:
        """Listen; until cancelled, which ends what commands still do."""
        async with asyncio.TaskGroup() as group:
            await self._listen(group)

    async def _listen(self, group: asyncio.TaskGroup) -> None:
        while self._settings.websocket:
            await self._membership.joined.wait()
            try:
                async for document in self._transport.commands():
                    self._trouble.over()
                    self._backoff.reset()
                    self._obey(document, group)
            except TransportError as error:
                self._trouble.report(str(error))
            await asyncio.sleep(self._backoff.delay())

    def _obey(self, document: bytes, group: asyncio.TaskGroup) -> None:
        try:
            command = decode(document, Command)
        except WireError as error:
            _log.error("%s sent a malformed order: %s", self._settings.url, error)
            return
        if command.command == CANCEL_TASK and command.task_id is not None:
            self._workload.stop(command.task_id)
        elif not self._commands.obey(command, group):
            _log.warning("%s orders %r, which is not known here", self._settings.url, command.command)
