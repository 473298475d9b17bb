"""`Reloading`: reads the configuration again, one reload at a time."""

from __future__ import annotations

import asyncio
import logging

from framework import App
from fw_config.events import ConfigChanged

log = logging.getLogger("fw.config")


class Reloading:
    """Reads the sources of an App again and takes over what may change."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._turn = asyncio.Lock()

    async def reload(self) -> ConfigChanged | None:
        """See :meth:`fw_config.facade.Configuration.reload`. The sources are read in a thread."""
        async with self._turn:
            config = self._app.config
            fresh = await asyncio.to_thread(config.reread)
            if not self._app.is_ready:  # it has stopped meanwhile, and reads everything when it starts again
                return None
            found = config.adopt(fresh)
            if not found:
                return None
            event = ConfigChanged(
                tuple(change for change in found if not change.needs_restart),
                tuple(change for change in found if change.needs_restart),
            )
            for change in found:
                log.log(logging.WARNING if change.needs_restart else logging.INFO, "%s", change)
            await self._app.publish(event)
            return event
