"""What an orchestrator may order besides tasks."""

import asyncio
import logging
from collections.abc import Iterable

from fw_rxon import CANCEL_TASK, Command
from fw_worker.bound import BoundFunction
from fw_worker.errors import InvalidParameters, SkillError
from fw_worker.threads import SkillThreads

_log = logging.getLogger("fw.worker")


class Commands:
    """Declared commands by name. Raises `SkillError` where one cannot work, or two have one name."""

    def __init__(self, commands: Iterable[BoundFunction], threads: SkillThreads) -> None:
        self._threads = threads
        self._commands: dict[str, BoundFunction] = {}
        for command in commands:
            if command.parameters.wants_context:
                raise SkillError(command.name, command.place, "a command has no TaskContext", "Leave it out.")
            if command.name in self._commands or command.name == CANCEL_TASK:
                raise SkillError(command.name, command.place, "the command is there already", "Choose another name.")
            self._commands[command.name] = command

    def obey(self, order: Command, group: asyncio.TaskGroup) -> bool:
        """Begin with it in `group`; False if the command is not known."""
        command = self._commands.get(order.command)
        if command is None:
            return False
        group.create_task(self._run(command, order), name=f"command {order.command}")
        return True

    async def _run(self, command: BoundFunction, order: Command) -> None:
        try:
            await command.call(order.params, None, self._threads)
        except InvalidParameters as error:
            _log.error("command %s cannot be obeyed: %s", command.name, error)
        except (Exception, SystemExit):  # noqa: BLE001 - the application's function failed, and the worker must live on
            _log.exception("command %s failed", command.name)
