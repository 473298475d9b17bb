"""`app.configuration`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framework import Facade
from framework.errors import FrameworkError

if TYPE_CHECKING:
    from fw_config.events import ConfigChanged


class Configuration(Facade):
    """The configuration of a running application."""

    async def reload(self) -> ConfigChanged | None:
        """Read all sources again, take over what may change, publish :class:`ConfigChanged`; None if nothing differs.

        Raises :class:`ConfigError` if something is wrong with what is there now; then everything stays as it was.
        """
        if not self.app.is_ready:
            raise FrameworkError(
                f"App {self.app.name!r} is not ready; its configuration is read when it starts.",
                remedy="Reload while it runs.",
            )
        from fw_config.reloading import Reloading

        return await (await self.app.container.resolve(Reloading)).reload()
