"""`OrchestratorEngine`: an App with the orchestrator, for those who want nothing else of the framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from framework import App
from fw_orchestrator.errors import BlueprintError
from fw_orchestrator.store import JobStore

if TYPE_CHECKING:
    from aiohttp import web

    from fw_orchestrator.blueprint import StateMachineBlueprint
    from fw_orchestrator.environment_config import Config


class OrchestratorEngine:
    """An engine on ``storage``, serving its APIs where ``config`` says.

    ``config`` and the blueprints may change until it starts.
    """

    def __init__(self, storage: JobStore, config: Config) -> None:
        self.storage = storage
        self.config = config
        self._blueprints: dict[str, StateMachineBlueprint] = {}
        self._app: App | None = None

    def register_blueprint(self, blueprint: StateMachineBlueprint) -> None:
        """Run jobs of this kind. Raises :class:`BlueprintError` if it is incomplete, its name taken, or too late."""
        blueprint.check()
        if blueprint.name in self._blueprints or self._app is not None:
            why = "the engine has been built" if self._app is not None else "another one has its name"
            raise BlueprintError(
                f"Blueprint {blueprint.name!r} cannot be registered: {why}.",
                remedy="Register every blueprint once, before start() and before the first use of engine.app.",
            )
        self._blueprints[blueprint.name] = blueprint

    @property
    def framework_app(self) -> App:
        """The App that it is."""
        if self._app is None:
            app = App("orchestrator", plugins=self.config.plugins, defaults=self.config.defaults())
            app.provide(JobStore, lambda: self.storage)
            for blueprint in self._blueprints.values():
                app.orchestrator.register_blueprint(blueprint)
            app.bootstrap()
            self._app = app
        return self._app

    @property
    def app(self) -> web.Application:
        """The aiohttp application that serves, with the parts of the engine by the keys of its module ``app_keys``.

        Until the engine starts, routes, middlewares and values may be added to it; after a stop it is another one.
        """
        from fw_http.site import Site
        from fw_orchestrator.app_keys import add_parts
        from fw_orchestrator.desk import Desk
        from fw_orchestrator.engine import Engine

        container = self.framework_app.container
        application = container.get(Site).application
        add_parts(application, container.get(Engine), container.get(Desk))
        return application

    @property
    def url(self) -> str:
        """Where the running engine is reached."""
        return str(self.framework_app.http.url)

    async def start(self) -> None:
        """Start engine and server in the background of the running event loop."""
        app = self.framework_app
        await app.start()
        await app.ready()

    async def stop(self) -> None:
        """End the steps in hand, close server and storage."""
        await self.framework_app.stop()

    def run(self) -> None:
        """Run until interrupted. Not inside a running event loop: use :meth:`start` there."""
        self.framework_app.run()
